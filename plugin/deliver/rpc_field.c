/* SPDX-License-Identifier: MIT */
#include "rpc_field.h"

#include <errno.h>
#include <string.h>

#include "num.h"
#include "utf.h"

#define SHOWN_MAX 100 /* bytes of a value in a text */

struct ctm_rpc_fields ctm_rpc_fields_of(json_t *value, struct ctm_error *e)
{
	struct ctm_rpc_fields f = {.object = value, .e = e};

	if (!json_is_object(value))
		f.error = ctm_error_set(
			e, -EBADMSG, "aria2's answer has no object where one should be");
	return f;
}

void ctm_rpc_field_fail(struct ctm_rpc_fields *f, const char *name, const char *wanted)
{
	const json_t *value = json_object_get(f->object, name);
	CTM_CLEANUP_BUF struct ctm_buf shown = CTM_BUF_INIT(CTM_UTF8_VISIBLE(SHOWN_MAX));

	if (f->error)
		return;
	if (json_is_string(value))
		ctm_utf8_add_visible(&shown, json_string_value(value), SHOWN_MAX);
	f->error = ctm_error_set(f->e, -EBADMSG, "aria2's answer has %s as \"%s\", which is not %s",
		!value       ? "nothing"
		: shown.data ? shown.data
			     : "something",
		name, wanted);
}

void ctm_rpc_field_need(struct ctm_rpc_fields *f, const char *name)
{
	if (!f->error && !json_object_get(f->object, name))
		f->error = ctm_error_set(f->e, -EBADMSG, "aria2's answer lacks \"%s\"", name);
}

const char *ctm_rpc_field_text(struct ctm_rpc_fields *f, const char *name)
{
	const json_t *value = f->error ? NULL : json_object_get(f->object, name);
	const char *text = json_string_value(value);

	if (!value)
		return "";
	if (!text) {
		ctm_rpc_field_fail(f, name, "a string");
		return "";
	}
	return strlen(text) == json_string_length(value) ? text : NULL;
}

/* What must not hold a NUL either. */
static const char *plain_text(struct ctm_rpc_fields *f, const char *name, const char *wanted)
{
	const char *text = ctm_rpc_field_text(f, name);

	if (!text)
		ctm_rpc_field_fail(f, name, wanted);
	return text ? text : "";
}

uint64_t ctm_rpc_field_number(struct ctm_rpc_fields *f, const char *name, uint64_t max)
{
	const char *text = plain_text(f, name, "a number");
	uint64_t value = 0;

	if (*text && ctm_num_parse(text, 0, max, &value) < 0)
		ctm_rpc_field_fail(f, name, "a number within its bounds");
	return value;
}

uint64_t ctm_rpc_field_gid(struct ctm_rpc_fields *f, const char *name)
{
	const char *text = plain_text(f, name, "a gid");
	uint64_t gid = 0;

	if (*text && ctm_num_parse_gid(text, &gid) < 0)
		ctm_rpc_field_fail(f, name, "a gid");
	return gid;
}

bool ctm_rpc_field_switch(struct ctm_rpc_fields *f, const char *name)
{
	const char *text = plain_text(f, name, "true or false");

	if (*text && strcmp(text, "true") != 0 && strcmp(text, "false") != 0)
		ctm_rpc_field_fail(f, name, "true or false");
	return strcmp(text, "true") == 0;
}

json_t *ctm_rpc_field_array(struct ctm_rpc_fields *f, const char *name)
{
	json_t *value = f->error ? NULL : json_object_get(f->object, name);

	if (value && !json_is_array(value)) {
		ctm_rpc_field_fail(f, name, "an array");
		return NULL;
	}
	return value;
}
