/* SPDX-License-Identifier: MIT */
#include "json.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "utf.h"

static void add_escape(struct ctm_buf *out, char32_t code)
{
	static const struct {
		char32_t code;
		const char *escape;
	} table[] = {
		{'"', "\\\""},
		{'\\', "\\\\"},
		{'\b', "\\b"},
		{'\f', "\\f"},
		{'\n', "\\n"},
		{'\r', "\\r"},
		{'\t', "\\t"},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		if (table[i].code == code) {
			ctm_buf_add_str(out, table[i].escape);
			return;
		}
	}
	ctm_buf_printf(out, "\\u%04x", (unsigned)code);
}

static void add_string(struct ctm_buf *out, const char *s)
{
	size_t len = strlen(s);

	ctm_buf_add_char(out, '"');
	for (size_t step; len; s += step, len -= step) {
		char32_t code = 0;
		const size_t n = ctm_utf8_next(s, len, &code);

		step = n ? n : 1;
		if (!n)
			ctm_buf_printf(out, "\\\\x%02x", (unsigned)(unsigned char)*s);
		else if (code == '"' || code == '\\' || ctm_utf8_is_control(code))
			add_escape(out, code);
		else
			ctm_buf_add(out, s, n);
	}
	ctm_buf_add_char(out, '"');
}

static void fail(struct ctm_json *json)
{
	if (!json->out->error)
		json->out->error = -EINVAL;
}

/* What stands in front of a value. */
static void begin_value(struct ctm_json *json, const char *key)
{
	const unsigned top = json->depth - 1;
	const bool in_object = json->depth && json->closers[top] == '}';

	if (in_object != (key != NULL))
		fail(json);
	if (json->depth && !json->first[top])
		ctm_buf_add_char(json->out, ',');
	if (json->depth)
		json->first[top] = false;
	if (!key)
		return;
	add_string(json->out, key);
	ctm_buf_add_char(json->out, ':');
}

static void begin(struct ctm_json *json, const char *key, char opener, char closer)
{
	begin_value(json, key);
	if (json->depth == CTM_JSON_DEPTH) {
		fail(json);
		return;
	}
	json->closers[json->depth] = closer;
	json->first[json->depth++] = true;
	ctm_buf_add_char(json->out, opener);
}

void ctm_json_object(struct ctm_json *json, const char *key)
{
	begin(json, key, '{', '}');
}

void ctm_json_array(struct ctm_json *json, const char *key)
{
	begin(json, key, '[', ']');
}

void ctm_json_end(struct ctm_json *json)
{
	if (!json->depth) {
		fail(json);
		return;
	}
	ctm_buf_add_char(json->out, json->closers[--json->depth]);
}

void ctm_json_string(struct ctm_json *json, const char *key, const char *value)
{
	begin_value(json, key);
	if (value)
		add_string(json->out, value);
	else
		ctm_buf_add_str(json->out, "null");
}

void ctm_json_number(struct ctm_json *json, const char *key, uint64_t value)
{
	begin_value(json, key);
	ctm_buf_printf(json->out, "%" PRIu64, value);
}

void ctm_json_decimal(struct ctm_json *json, const char *key, uint64_t value)
{
	begin_value(json, key);
	ctm_buf_printf(json->out, "\"%" PRIu64 "\"", value);
}

void ctm_json_bool(struct ctm_json *json, const char *key, bool value)
{
	begin_value(json, key);
	ctm_buf_add_str(json->out, value ? "true" : "false");
}

void ctm_json_null(struct ctm_json *json, const char *key)
{
	ctm_json_string(json, key, NULL);
}
