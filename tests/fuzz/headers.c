/* SPDX-License-Identifier: MIT */
/*
 * What we send: a header of the configuration is one line or is refused, a message's headers are
 * printable ASCII that decodes to what was put in, its body is JSON with every argument as it was.
 *
 * Input: a switch, a number, and the texts of a message.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include <jansson.h>

#include "body.h"
#include "encode.h"
#include "fuzz.h"
#include "headers.h"
#include "num.h"

static void check_outcome(const struct ctm_transport_outcome *o)
{
	FUZZ_CHECK(o->text[0] && fuzz_is_visible(o->text, strlen(o->text)));
	FUZZ_CHECK(o->hresult && o->verdict != CTM_TRANSPORT_TAKEN);
}

static void check_configured(const char *line, bool token)
{
	const struct ctm_transport_endpoint endpoint = {
		.headers = &line, .n_headers = 1, .token_file = token ? "/x" : NULL};
	struct ctm_transport_outcome o = {0};
	struct curl_slist *list = NULL;

	if (ctm_headers_add_configured(&list, &endpoint, &o) == 0) {
		FUZZ_CHECK(list && !list->next && strcmp(list->data, line) == 0);
		FUZZ_CHECK(!strpbrk(line, "\r\n") && strchr(line, ':') > line);
		FUZZ_CHECK(strncasecmp(line, "content-length", 14) != 0 || line[14] != ':');
		FUZZ_CHECK(strncasecmp(line, "webhook-", 8) != 0);
		FUZZ_CHECK(!token || strncasecmp(line, "authorization:", 14) != 0);
	} else {
		FUZZ_CHECK(!list);
		check_outcome(&o);
	}
	ctm_headers_free(list);
}

/* Percent-decoded it is what it was. */
static void check_encoded(const char *encoded, const char *value)
{
	for (; *encoded; encoded++, value++) {
		unsigned char byte = (unsigned char)*encoded;

		FUZZ_CHECK(byte > 0x20 && byte < 0x7f);
		if (byte == '%') {
			const char hex[3] = {encoded[1], encoded[2], '\0'};

			FUZZ_CHECK(ctm_num_parse_hex(hex, &byte, 1) == 0);
			encoded += 2;
		}
		FUZZ_CHECK((unsigned char)*value == byte);
	}
	FUZZ_CHECK(!*value);
}

static void check_value(const char *value)
{
	char *encoded;

	if (ctm_encode_value(value, &encoded) < 0)
		return;
	check_encoded(encoded, value);
	free(encoded);
}

static void check_time(int64_t time_s)
{
	char text[CTM_ENCODE_TIME_SIZE];
	struct tm tm = {0};

	if (ctm_encode_time(time_s, text) < 0) {
		FUZZ_CHECK(time_s < INT64_C(-62167219200) || time_s > INT64_C(253402300799));
		return;
	}
	FUZZ_CHECK(strlen(text) == 20 && strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm));
	FUZZ_CHECK((int64_t)timegm(&tm) == time_s);
}

/* Every line is a name, ": ", and printable ASCII; there are as many as there should be. */
static void check_event(const struct ctm_transport_message *m)
{
	struct ctm_transport_outcome o = {0};
	struct curl_slist *list = NULL;
	size_t n = 0;

	if (ctm_headers_add_event(&list, m, "{x}/success", &o) == 0) {
		for (const struct curl_slist *p = list; p; p = p->next, n++) {
			FUZZ_CHECK(strchr(p->data, ':'));
			for (const char *s = p->data; *s; s++)
				FUZZ_CHECK(*s >= 0x20 && *s < 0x7f);
			if (strncmp(p->data, "ce-source: ", 11) == 0)
				check_encoded(p->data + 11, m->source);
			if (strncmp(p->data, "ce-subject: ", 12) == 0)
				check_encoded(p->data + 12, m->id);
		}
		FUZZ_CHECK(n == 10);
	} else {
		check_outcome(&o);
	}
	ctm_headers_free(list);
}

static void check_member(const json_t *object, const char *name, const char *value)
{
	const json_t *member = json_object_get(object, name);

	FUZZ_CHECK(json_is_string(member) && strcmp(json_string_value(member), value) == 0);
}

static bool is_utf8(const char *text)
{
	json_t *string = json_string(text);
	const bool good = string;

	json_decref(string);
	return good;
}

static void check_body(const struct ctm_transport_message *m)
{
	struct ctm_transport_outcome o = {0};
	char *body = NULL;
	json_t *object;

	if (ctm_body_format(m, &body, &o) < 0) {
		check_outcome(&o);
		FUZZ_CHECK(!is_utf8(m->endpoint) || !is_utf8(m->id) || !is_utf8(m->client_data) ||
			   !is_utf8(m->progress_type) || !is_utf8(m->error_message) ||
			   !*m->error_message);
		return;
	}
	object = json_loads(body, JSON_REJECT_DUPLICATES, NULL);
	FUZZ_CHECK(object && !strchr(body, '\n'));
	check_member(object, "szEndpoint", m->endpoint);
	check_member(object, "szID", m->id);
	check_member(object, "szClientData", m->client_data);
	if (m->method == CTM_TRANSPORT_ERROR)
		check_member(object, "szErrorMessage", m->error_message);
	if (m->method == CTM_TRANSPORT_PROGRESS)
		check_member(object, "szProgressType", m->progress_type);
	json_decref(object);
	free(body);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	const uint8_t what = fuzz_take_byte(&in);
	const uint64_t number = fuzz_take_number(&in);
	char *texts[6];
	struct ctm_transport_message m = {.size = sizeof m,
		.method = (enum ctm_transport_method)(1 + what % 3),
		.bytes_total = number,
		.bytes_transferred = number,
		.files_total = (uint32_t)number,
		.error_code = (uint32_t)(number >> 32),
		.time_s = (int64_t)number >> (what % 40)};

	for (size_t i = 0; i < 6; i++)
		texts[i] = fuzz_take_text(&in);
	m.endpoint = texts[0];
	m.id = texts[1];
	m.client_data = texts[2];
	m.progress_type = texts[3];
	m.error_message = texts[4];
	m.source = texts[5];
	check_configured(texts[0], what & 64);
	check_value(texts[0]);
	check_time(m.time_s);
	check_event(&m);
	check_body(&m);
	for (size_t i = 0; i < 6; i++)
		free(texts[i]);
	return 0;
}
