/* SPDX-License-Identifier: MIT */
#include "courier_wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "utf.h"

/* Headers of an endpoint, files and ports of a reach. */
#define ITEMS_MAX 65536u
#define RETRY_AFTER_MAX_S 86400u

/* Whether there is one, its length, its bytes and a NUL, so that it can be used where it is. */
static void pack_text(struct ctm_buf *b, const char *s)
{
	ctm_pack_u8(b, s != NULL);
	if (!s)
		return;
	ctm_pack_str(b, s);
	ctm_pack_u8(b, 0);
}

static const char *unpack_text(struct ctm_view *v)
{
	const uint8_t present = ctm_unpack_u8(v);
	const char *s;
	size_t len;

	if (!present)
		return NULL;
	s = ctm_unpack_str(v, &len);
	if (ctm_unpack_u8(v) != 0 || present != 1 || memchr(s, '\0', len))
		v->error = -EBADMSG;
	return v->error ? NULL : s;
}

/* One that must be there. */
static const char *unpack_given(struct ctm_view *v)
{
	const char *s = unpack_text(v);

	if (!s && !v->error)
		v->error = -EBADMSG;
	return s;
}

/*
 * A text for a person, from a process that is not believed: it ends, and is one line of UTF-8. One
 * that is too long is cut.
 */
static void unpack_words(struct ctm_view *v, char *to, size_t size)
{
	const char *s = unpack_text(v);
	size_t left = s ? strlen(s) : 0;
	size_t len = 0;

	while (left) {
		char32_t code = 0;
		const size_t valid = ctm_utf8_next(s, left, &code);
		const size_t n = valid ? valid : 1;

		if (n >= size - len)
			break;
		if (!valid || ctm_utf8_is_control(code))
			to[len++] = '?';
		else
			len = (size_t)((char *)mempcpy(to + len, s, n) - to);
		s += n;
		left -= n;
	}
	memset(to + len, 0, size - len);
}

static uint32_t unpack_count(struct ctm_view *v)
{
	const uint32_t n = ctm_unpack_u32(v);

	if (n <= ITEMS_MAX)
		return n;
	v->error = -EBADMSG;
	return 0;
}

static bool unpack_bool(struct ctm_view *v)
{
	const uint8_t value = ctm_unpack_u8(v);

	if (value > 1)
		v->error = -EBADMSG;
	return value == 1;
}

/* Nothing may be left. */
static int end(const struct ctm_view *v)
{
	return v->error ? v->error : v->len ? -EBADMSG : 0;
}

void ctm_wire_pack_open(struct ctm_buf *b, const struct ctm_reach *reach)
{
	pack_text(b, CTM_VERSION);
	ctm_pack_u32(b, (uint32_t)reach->n_files);
	for (size_t i = 0; i < reach->n_files; i++)
		pack_text(b, reach->files[i]);
	pack_text(b, reach->state_dir);
	ctm_pack_u32(b, (uint32_t)reach->n_ports);
	for (size_t i = 0; i < reach->n_ports; i++)
		ctm_pack_u32(b, reach->ports[i]);
	ctm_pack_u8(b, reach->any_port);
	ctm_pack_u8(b, reach->unix_socket);
}

static int unpack_reach(struct ctm_view *v, struct ctm_reach *reach)
{
	const char *dir;
	uint32_t n = unpack_count(v);
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < n && !v->error; i++)
		r = ctm_reach_add_file(reach, unpack_given(v));
	dir = unpack_text(v);
	reach->state_dir = dir ? strdup(dir) : NULL;
	if (dir && !reach->state_dir)
		r = -ENOMEM;
	n = unpack_count(v);
	for (uint32_t i = 0; r == 0 && i < n && !v->error; i++) {
		const uint32_t port = ctm_unpack_u32(v);

		r = port > UINT16_MAX ? -EBADMSG : ctm_reach_add_port(reach, (uint16_t)port);
	}
	reach->any_port = unpack_bool(v);
	reach->unix_socket = unpack_bool(v);
	return r < 0 ? r : end(v);
}

int ctm_wire_unpack_open(struct ctm_view v, struct ctm_reach *ret_reach)
{
	struct ctm_reach reach = {0};
	const char *version = unpack_given(&v);
	int r;

	if (!version)
		return v.error;
	if (strcmp(version, CTM_VERSION) != 0)
		return -EPROTO;
	r = unpack_reach(&v, &reach);
	if (r < 0)
		ctm_reach_done(&reach);
	else
		*ret_reach = reach;
	return r;
}

void ctm_wire_pack_submit(struct ctm_buf *b, const struct ctm_transport_endpoint *endpoint,
	const struct ctm_transport_message *message, uint64_t tag)
{
	ctm_pack_u64(b, tag);
	pack_text(b, endpoint->url);
	pack_text(b, endpoint->socket_path);
	pack_text(b, endpoint->ca_file);
	pack_text(b, endpoint->cert_file);
	pack_text(b, endpoint->key_file);
	pack_text(b, endpoint->token_file);
	pack_text(b, endpoint->secret_file);
	pack_text(b, endpoint->proxy);
	ctm_pack_u32(b, endpoint->connect_timeout_ms);
	ctm_pack_u32(b, endpoint->timeout_ms);
	ctm_pack_u32(b, (uint32_t)endpoint->n_headers);
	for (size_t i = 0; i < endpoint->n_headers; i++)
		pack_text(b, endpoint->headers[i]);
	ctm_pack_u32(b, (uint32_t)message->method);
	pack_text(b, message->endpoint);
	pack_text(b, message->id);
	pack_text(b, message->client_data);
	pack_text(b, message->progress_type);
	ctm_pack_u64(b, message->bytes_total);
	ctm_pack_u64(b, message->bytes_transferred);
	ctm_pack_u32(b, message->files_total);
	ctm_pack_u32(b, message->files_transferred);
	ctm_pack_u32(b, message->error_code);
	pack_text(b, message->error_message);
	pack_text(b, message->event_id);
	pack_text(b, message->source);
	ctm_pack_u64(b, (uint64_t)message->time_s);
}

static void unpack_endpoint(struct ctm_view *v, struct ctm_transport_endpoint *endpoint)
{
	endpoint->size = sizeof *endpoint;
	endpoint->url = unpack_text(v);
	endpoint->socket_path = unpack_text(v);
	endpoint->ca_file = unpack_text(v);
	endpoint->cert_file = unpack_text(v);
	endpoint->key_file = unpack_text(v);
	endpoint->token_file = unpack_text(v);
	endpoint->secret_file = unpack_text(v);
	endpoint->proxy = unpack_text(v);
	endpoint->connect_timeout_ms = ctm_unpack_u32(v);
	endpoint->timeout_ms = ctm_unpack_u32(v);
	endpoint->n_headers = unpack_count(v);
}

static void unpack_message(struct ctm_view *v, struct ctm_transport_message *message)
{
	message->size = sizeof *message;
	message->method = (enum ctm_transport_method)ctm_unpack_u32(v);
	message->endpoint = unpack_text(v);
	message->id = unpack_text(v);
	message->client_data = unpack_text(v);
	message->progress_type = unpack_text(v);
	message->bytes_total = ctm_unpack_u64(v);
	message->bytes_transferred = ctm_unpack_u64(v);
	message->files_total = ctm_unpack_u32(v);
	message->files_transferred = ctm_unpack_u32(v);
	message->error_code = ctm_unpack_u32(v);
	message->error_message = unpack_text(v);
	message->event_id = unpack_text(v);
	message->source = unpack_text(v);
	message->time_s = (int64_t)ctm_unpack_u64(v);
}

int ctm_wire_unpack_submit(struct ctm_view v, struct ctm_wire_submit *ret_submit)
{
	struct ctm_wire_submit submit = {.tag = ctm_unpack_u64(&v)};
	int r;

	unpack_endpoint(&v, &submit.endpoint);
	submit.headers = calloc(submit.endpoint.n_headers + 1, sizeof *submit.headers);
	if (!submit.headers)
		return -ENOMEM;
	for (size_t i = 0; i < submit.endpoint.n_headers && !v.error; i++)
		submit.headers[i] = unpack_given(&v);
	submit.endpoint.headers = submit.headers;
	unpack_message(&v, &submit.message);
	r = end(&v);
	if (r < 0)
		ctm_wire_submit_done(&submit);
	else
		*ret_submit = submit;
	return r;
}

void ctm_wire_submit_done(struct ctm_wire_submit *submit)
{
	free(submit->headers);
	submit->headers = NULL;
}

void ctm_wire_pack_ask(
	struct ctm_buf *b, const struct ctm_transport_question *question, uint64_t tag)
{
	ctm_pack_u64(b, tag);
	pack_text(b, question->url);
	ctm_pack_u64(b, question->answer_max);
	ctm_pack_u32(b, question->connect_timeout_ms);
	ctm_pack_u32(b, question->timeout_ms);
}

int ctm_wire_unpack_ask(
	struct ctm_view v, struct ctm_transport_question *ret_question, uint64_t *ret_tag)
{
	const uint64_t tag = ctm_unpack_u64(&v);
	struct ctm_transport_question question = {
		.size = sizeof question,
		.url = unpack_text(&v),
		.answer_max = (size_t)ctm_unpack_u64(&v),
		.connect_timeout_ms = ctm_unpack_u32(&v),
		.timeout_ms = ctm_unpack_u32(&v),
	};

	if (v.error)
		return v.error;
	question.body = v.data;
	question.body_len = v.len;
	*ret_question = question;
	*ret_tag = tag;
	return 0;
}

static void pack_confinement(struct ctm_buf *b, const struct ctm_confinement *c)
{
	ctm_pack_u8(b, c->unwanted);
	ctm_pack_u32(b, (uint32_t)c->landlock);
	ctm_pack_u8(b, c->all_ports);
	ctm_pack_u32(b, (uint32_t)c->syscalls);
}

static void unpack_confinement(struct ctm_view *v, struct ctm_confinement *c)
{
	c->unwanted = unpack_bool(v);
	c->landlock = (int)ctm_unpack_u32(v);
	c->all_ports = unpack_bool(v);
	c->syscalls = (int)ctm_unpack_u32(v);
}

void ctm_wire_pack_opened(struct ctm_buf *b, const struct ctm_wire_opened *opened)
{
	ctm_pack_u32(b, (uint32_t)-opened->code);
	ctm_pack_u8(b, opened->can_ask);
	pack_confinement(b, &opened->confinement);
	pack_text(b, opened->name);
	pack_text(b, opened->text);
}

int ctm_wire_unpack_opened(struct ctm_view v, struct ctm_wire_opened *ret_opened)
{
	struct ctm_wire_opened opened = {0};
	const uint32_t code = ctm_unpack_u32(&v);
	int r;

	opened.can_ask = unpack_bool(&v);
	unpack_confinement(&v, &opened.confinement);
	unpack_words(&v, opened.name, sizeof opened.name);
	unpack_words(&v, opened.text, sizeof opened.text);
	r = end(&v);
	if (r == 0 && code > 4095)
		r = -EBADMSG;
	if (r < 0)
		return r;
	opened.code = -(int)code;
	*ret_opened = opened;
	return 0;
}

void ctm_wire_pack_outcome(struct ctm_buf *b, const struct ctm_transport_outcome *outcome)
{
	ctm_pack_u64(b, outcome->tag);
	ctm_pack_u32(b, (uint32_t)outcome->verdict);
	ctm_pack_u32(b, outcome->hresult);
	ctm_pack_u32(b, outcome->http_status);
	ctm_pack_u32(b, outcome->curl_code);
	ctm_pack_u32(b, outcome->retry_after_s);
	pack_text(b, outcome->text);
}

int ctm_wire_unpack_outcome(struct ctm_view v, struct ctm_transport_outcome *ret_outcome)
{
	struct ctm_transport_outcome outcome = {.size = sizeof outcome};
	uint32_t verdict;
	int r;

	outcome.tag = ctm_unpack_u64(&v);
	verdict = ctm_unpack_u32(&v);
	outcome.verdict = (enum ctm_transport_verdict)verdict;
	outcome.hresult = ctm_unpack_u32(&v);
	outcome.http_status = ctm_unpack_u32(&v);
	outcome.curl_code = ctm_unpack_u32(&v);
	outcome.retry_after_s = ctm_unpack_u32(&v);
	unpack_words(&v, outcome.text, sizeof outcome.text);
	r = end(&v);
	if (r == 0 &&
		(verdict > CTM_TRANSPORT_REFUSED || outcome.retry_after_s > RETRY_AFTER_MAX_S))
		r = -EBADMSG;
	if (r == 0)
		*ret_outcome = outcome;
	return r;
}

void ctm_wire_pack_answer(struct ctm_buf *b, const struct ctm_transport_answer *answer)
{
	ctm_pack_u64(b, answer->tag);
	ctm_pack_u32(b, answer->hresult);
	ctm_pack_u32(b, answer->http_status);
	ctm_pack_u32(b, answer->curl_code);
	pack_text(b, answer->text);
	ctm_pack_u8(b, answer->body != NULL);
}

int ctm_wire_unpack_answer(struct ctm_view v, struct ctm_transport_answer *ret_answer,
	const char **ret_body, size_t *ret_body_len)
{
	struct ctm_transport_answer answer = {.size = sizeof answer};
	bool has_body;

	answer.tag = ctm_unpack_u64(&v);
	answer.hresult = ctm_unpack_u32(&v);
	answer.http_status = ctm_unpack_u32(&v);
	answer.curl_code = ctm_unpack_u32(&v);
	unpack_words(&v, answer.text, sizeof answer.text);
	has_body = unpack_bool(&v);
	if (v.error)
		return v.error;
	if (!has_body && v.len)
		return -EBADMSG;
	*ret_answer = answer;
	*ret_body = has_body ? (const char *)v.data : NULL;
	*ret_body_len = v.len;
	return 0;
}

void ctm_wire_pack_log(struct ctm_buf *b, int level, const char *line)
{
	ctm_pack_u8(b, (uint8_t)level);
	pack_text(b, line);
}

int ctm_wire_unpack_log(struct ctm_view v, struct ctm_wire_log *ret_log)
{
	struct ctm_wire_log log = {.level = ctm_unpack_u8(&v)};
	int r;

	unpack_words(&v, log.line, sizeof log.line);
	r = end(&v);
	if (r == 0 && log.level > 3)
		r = -EBADMSG;
	if (r == 0)
		*ret_log = log;
	return r;
}
