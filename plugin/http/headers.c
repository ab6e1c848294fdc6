/* SPDX-License-Identifier: MIT */
#include "headers.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "encode.h"
#include "header_rule.h"
#include "hresult.h"
#include "outcome.h"

static int append(struct curl_slist **list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(*list, line);

	if (!longer)
		return -ENOMEM;
	*list = longer;
	return 0;
}

int ctm_headers_add(struct curl_slist **list, const char *name, const char *value)
{
	/* Not by asprintf(): it grows, and what it leaves behind would keep a token. */
	const size_t size = strlen(name) + strlen(": ") + strlen(value) + 1;
	char *line = malloc(size);
	int r;

	if (!line)
		return -ENOMEM;
	snprintf(line, size, "%s: %s", name, value);
	r = append(list, line);
	explicit_bzero(line, size);
	free(line);
	return r;
}

int ctm_headers_add_json(struct curl_slist **list)
{
	/* Without a value libcurl leaves it away: it would wait for a 100 that few receivers send.
	 */
	int r = append(list, "Expect:");

	return r < 0 ? r : ctm_headers_add(list, "Content-Type", "application/json");
}

static const char *event_type(enum ctm_transport_method method)
{
	static const struct {
		enum ctm_transport_method method;
		const char *type;
	} types[] = {
		{CTM_TRANSPORT_SUCCESS, "aria2-ctm.notify.success"},
		{CTM_TRANSPORT_ERROR, "aria2-ctm.notify.error"},
		{CTM_TRANSPORT_PROGRESS, "aria2-ctm.notify.progress"},
	};

	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		if (types[i].method == method)
			return types[i].type;
	}
	return NULL;
}

static int refuse(struct ctm_transport_outcome *o, const char *what)
{
	ctm_outcome_set(o, CTM_TRANSPORT_REFUSED, CTM_HR_INVALID_ARG,
		"the message's %s is missing or can't stand in a header", what);
	return -EINVAL;
}

static int add_encoded(struct curl_slist **list, const char *name, const char *value,
	const char *what, struct ctm_transport_outcome *o)
{
	char *encoded;
	int r = ctm_encode_value(value, &encoded);

	if (r == -EINVAL)
		return refuse(o, what);
	if (r < 0)
		return r;
	r = ctm_headers_add(list, name, encoded);
	free(encoded);
	return r;
}

static int add_constants(
	struct curl_slist **list, const char *type, const char *time, const char *event_id)
{
	const struct {
		const char *name;
		const char *value;
	} constants[] = {
		{"ce-specversion", "1.0"},
		{"ce-id", event_id},
		{"ce-type", type},
		{"ce-time", time},
		{"Idempotency-Key", event_id},
		{"webhook-id", event_id},
	};
	int r = ctm_headers_add_json(list);

	for (size_t i = 0; i < sizeof constants / sizeof *constants && r == 0; i++)
		r = ctm_headers_add(list, constants[i].name, constants[i].value);
	return r;
}

int ctm_headers_add_event(struct curl_slist **list, const struct ctm_transport_message *message,
	const char *event_id, struct ctm_transport_outcome *o)
{
	const char *type = event_type(message->method);
	char time[CTM_ENCODE_TIME_SIZE];
	int r;

	if (!type)
		return refuse(o, "method");
	if (ctm_encode_time(message->time_s, time) < 0)
		return refuse(o, "time");
	r = add_constants(list, type, time, event_id);
	if (r == 0)
		r = add_encoded(list, "ce-source", message->source, "source", o);
	if (r == 0)
		r = add_encoded(list, "ce-subject", message->id, "szID", o);
	return r;
}

/* The value is not shown: it may well be a secret. */
static int add_line(
	struct curl_slist **list, const char *line, bool token, struct ctm_transport_outcome *o)
{
	size_t name_len;
	const char *wrong = ctm_header_wrong(line ? line : "", token, &name_len);

	if (!wrong)
		return append(list, line);
	ctm_outcome_set(o, CTM_TRANSPORT_PERSON, CTM_HR_INVALID_ARG, "header \"%.*s\" %s",
		(int)(name_len < 64 ? name_len : 64), line ? line : "", wrong);
	return -EINVAL;
}

int ctm_headers_add_configured(struct curl_slist **list,
	const struct ctm_transport_endpoint *endpoint, struct ctm_transport_outcome *o)
{
	int r = 0;

	for (size_t i = 0; i < endpoint->n_headers && r == 0; i++)
		r = add_line(list, endpoint->headers[i], endpoint->token_file != NULL, o);
	return r;
}

void ctm_headers_free(struct curl_slist *list)
{
	for (struct curl_slist *p = list; p; p = p->next)
		explicit_bzero(p->data, strlen(p->data));
	curl_slist_free_all(list);
}
