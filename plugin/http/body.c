/* SPDX-License-Identifier: MIT */
#include "body.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "hresult.h"
#include "outcome.h"

/* An object under construction. Errors stick, so that a sequence of fields is checked at its end.
 */
struct body {
	json_t *object;
	int error;         /* 0, -ENOMEM or -EINVAL */
	const char *field; /* which one was bad */
};

static void fail(struct body *b, int error, const char *field)
{
	if (b->error)
		return;
	b->error = error;
	b->field = field;
}

static void add(struct body *b, const char *name, json_t *value)
{
	if (json_object_set_new_nocheck(b->object, name, value) < 0)
		fail(b, -ENOMEM, name);
}

/*
 * jansson says NULL both for what is not UTF-8 and for want of memory. errno tells them apart; it
 * matters, because the first is final and the second is not.
 */
static void add_string(struct body *b, const char *name, const char *s)
{
	json_t *value;

	if (!s) {
		fail(b, -EINVAL, name);
		return;
	}
	errno = 0;
	value = json_string(s);
	if (value)
		add(b, name, value);
	else
		fail(b, errno == ENOMEM ? -ENOMEM : -EINVAL, name);
}

static void add_bytes(struct body *b, const char *name, uint64_t n)
{
	char text[32];

	snprintf(text, sizeof text, "%" PRIu64, n);
	add_string(b, name, text);
}

static void add_call(struct body *b, const struct ctm_transport_message *m)
{
	add_string(b, "szEndpoint", m->endpoint);
	add_string(b, "szID", m->id);
	add_string(b, "szClientData", m->client_data ? m->client_data : "");
}

static void add_counts(struct body *b, const struct ctm_transport_message *m)
{
	add_call(b, m);
	add_bytes(b, "szBytesTotal", m->bytes_total);
	add_bytes(b, "szBytesTransferred", m->bytes_transferred);
	add(b, "ulFilesTotal", json_integer((json_int_t)m->files_total));
	add(b, "ulFilesTransferred", json_integer((json_int_t)m->files_transferred));
}

static void add_error(struct body *b, const struct ctm_transport_message *m)
{
	char code[16];

	snprintf(code, sizeof code, "0x%08" PRIX32, m->error_code);
	add_call(b, m);
	add_string(b, "hrErrorCode", code);
	if (m->error_message && !*m->error_message)
		fail(b, -EINVAL, "szErrorMessage");
	add_string(b, "szErrorMessage", m->error_message);
}

static void add_progress(struct body *b, const struct ctm_transport_message *m)
{
	add_string(b, "szProgressType", m->progress_type ? m->progress_type : "");
	add_counts(b, m);
}

static const struct {
	enum ctm_transport_method method;
	const char *name;
	void (*add)(struct body *b, const struct ctm_transport_message *m);
} methods[] = {
	{CTM_TRANSPORT_SUCCESS, "SendNotifySuccessToCTM", add_counts},
	{CTM_TRANSPORT_ERROR, "SendNotifyErrorToCTM", add_error},
	{CTM_TRANSPORT_PROGRESS, "SendNotifyProgressToCTM", add_progress},
};

static void add_method(struct body *b, const struct ctm_transport_message *m)
{
	for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
		if (methods[i].method != m->method)
			continue;
		add_string(b, "method", methods[i].name);
		methods[i].add(b, m);
		return;
	}
	fail(b, -EINVAL, "method");
}

/*
 * json_dumps() must not be used: where its buffer cannot grow it may leave out a part, and say
 * nothing. These buffers never grow; most messages are short enough to be written only once.
 */
static char *dump(const json_t *object)
{
	char brief[CTM_BODY_BRIEF];
	const size_t len = json_dumpb(object, brief, sizeof brief, JSON_COMPACT);
	char *text = len ? malloc(len + 1) : NULL;

	if (text && len <= sizeof brief) {
		memcpy(text, brief, len);
	} else if (text && json_dumpb(object, text, len, JSON_COMPACT) != len) {
		free(text);
		text = NULL;
	}
	if (text)
		text[len] = '\0';
	explicit_bzero(brief, sizeof brief);
	return text;
}

int ctm_body_format(const struct ctm_transport_message *message, char **ret_body,
	struct ctm_transport_outcome *o)
{
	struct body b = {.object = json_object()};
	char *text = NULL;

	if (!b.object)
		return -ENOMEM;
	add_method(&b, message);
	if (!b.error) {
		text = dump(b.object);
		if (!text)
			b.error = -ENOMEM;
	}
	json_decref(b.object);
	if (b.error == -EINVAL)
		ctm_outcome_set(o, CTM_TRANSPORT_REFUSED, CTM_HR_INVALID_ARG,
			"the message's %s is missing or not valid UTF-8", b.field);
	if (!b.error)
		*ret_body = text;
	return b.error;
}
