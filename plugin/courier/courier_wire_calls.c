/* SPDX-License-Identifier: MIT */
/*
 * What is said to the transport's process.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "courier_fields.h"
#include "courier_wire.h"

void ctm_wire_pack_open(struct ctm_buf *b, const struct ctm_reach *reach)
{
	ctm_wire_pack_text(b, CTM_VERSION);
	ctm_pack_u32(b, (uint32_t)reach->n_files);
	for (size_t i = 0; i < reach->n_files; i++)
		ctm_wire_pack_text(b, reach->files[i]);
	ctm_wire_pack_text(b, reach->state_dir);
	ctm_pack_u32(b, (uint32_t)reach->n_ports);
	for (size_t i = 0; i < reach->n_ports; i++)
		ctm_pack_u32(b, reach->ports[i]);
	ctm_pack_u8(b, reach->any_port);
	ctm_pack_u8(b, reach->unix_socket);
}

static int unpack_reach(struct ctm_view *v, struct ctm_reach *reach)
{
	const char *dir;
	uint32_t n = ctm_wire_unpack_count(v);
	int r = 0;

	for (uint32_t i = 0; r == 0 && i < n && !v->error; i++)
		r = ctm_reach_add_file(reach, ctm_wire_unpack_given(v));
	dir = ctm_wire_unpack_text(v);
	reach->state_dir = dir ? strdup(dir) : NULL;
	if (dir && !reach->state_dir)
		r = -ENOMEM;
	n = ctm_wire_unpack_count(v);
	for (uint32_t i = 0; r == 0 && i < n && !v->error; i++) {
		const uint32_t port = ctm_unpack_u32(v);

		r = port > UINT16_MAX ? -EBADMSG : ctm_reach_add_port(reach, (uint16_t)port);
	}
	reach->any_port = ctm_wire_unpack_bool(v);
	reach->unix_socket = ctm_wire_unpack_bool(v);
	return r < 0 ? r : ctm_wire_unpack_end(v);
}

int ctm_wire_unpack_open(struct ctm_view v, struct ctm_reach *ret_reach)
{
	struct ctm_reach reach = {0};
	const char *version = ctm_wire_unpack_given(&v);
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
	ctm_wire_pack_text(b, endpoint->url);
	ctm_wire_pack_text(b, endpoint->socket_path);
	ctm_wire_pack_text(b, endpoint->ca_file);
	ctm_wire_pack_text(b, endpoint->cert_file);
	ctm_wire_pack_text(b, endpoint->key_file);
	ctm_wire_pack_text(b, endpoint->token_file);
	ctm_wire_pack_text(b, endpoint->secret_file);
	ctm_wire_pack_text(b, endpoint->proxy);
	ctm_pack_u32(b, endpoint->connect_timeout_ms);
	ctm_pack_u32(b, endpoint->timeout_ms);
	ctm_pack_u32(b, (uint32_t)endpoint->n_headers);
	for (size_t i = 0; i < endpoint->n_headers; i++)
		ctm_wire_pack_text(b, endpoint->headers[i]);
	ctm_pack_u32(b, (uint32_t)message->method);
	ctm_wire_pack_text(b, message->endpoint);
	ctm_wire_pack_text(b, message->id);
	ctm_wire_pack_text(b, message->client_data);
	ctm_wire_pack_text(b, message->progress_type);
	ctm_pack_u64(b, message->bytes_total);
	ctm_pack_u64(b, message->bytes_transferred);
	ctm_pack_u32(b, message->files_total);
	ctm_pack_u32(b, message->files_transferred);
	ctm_pack_u32(b, message->error_code);
	ctm_wire_pack_text(b, message->error_message);
	ctm_wire_pack_text(b, message->event_id);
	ctm_wire_pack_text(b, message->source);
	ctm_pack_u64(b, (uint64_t)message->time_s);
}

static void unpack_endpoint(struct ctm_view *v, struct ctm_transport_endpoint *endpoint)
{
	endpoint->size = sizeof *endpoint;
	endpoint->url = ctm_wire_unpack_text(v);
	endpoint->socket_path = ctm_wire_unpack_text(v);
	endpoint->ca_file = ctm_wire_unpack_text(v);
	endpoint->cert_file = ctm_wire_unpack_text(v);
	endpoint->key_file = ctm_wire_unpack_text(v);
	endpoint->token_file = ctm_wire_unpack_text(v);
	endpoint->secret_file = ctm_wire_unpack_text(v);
	endpoint->proxy = ctm_wire_unpack_text(v);
	endpoint->connect_timeout_ms = ctm_unpack_u32(v);
	endpoint->timeout_ms = ctm_unpack_u32(v);
	endpoint->n_headers = ctm_wire_unpack_count(v);
}

static void unpack_message(struct ctm_view *v, struct ctm_transport_message *message)
{
	message->size = sizeof *message;
	message->method = (enum ctm_transport_method)ctm_unpack_u32(v);
	message->endpoint = ctm_wire_unpack_text(v);
	message->id = ctm_wire_unpack_text(v);
	message->client_data = ctm_wire_unpack_text(v);
	message->progress_type = ctm_wire_unpack_text(v);
	message->bytes_total = ctm_unpack_u64(v);
	message->bytes_transferred = ctm_unpack_u64(v);
	message->files_total = ctm_unpack_u32(v);
	message->files_transferred = ctm_unpack_u32(v);
	message->error_code = ctm_unpack_u32(v);
	message->error_message = ctm_wire_unpack_text(v);
	message->event_id = ctm_wire_unpack_text(v);
	message->source = ctm_wire_unpack_text(v);
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
		submit.headers[i] = ctm_wire_unpack_given(&v);
	submit.endpoint.headers = submit.headers;
	unpack_message(&v, &submit.message);
	r = ctm_wire_unpack_end(&v);
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
	ctm_wire_pack_text(b, question->url);
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
		.url = ctm_wire_unpack_text(&v),
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

void ctm_wire_pack_knock(struct ctm_buf *b, const struct ctm_knock *knock, uint64_t tag)
{
	ctm_pack_u64(b, tag);
	ctm_wire_pack_text(b, knock->socket);
	ctm_wire_pack_text(b, knock->host);
	ctm_pack_u32(b, knock->port);
	ctm_pack_u32(b, knock->timeout_ms);
}

int ctm_wire_unpack_knock(struct ctm_view v, struct ctm_knock *ret_knock, uint64_t *ret_tag)
{
	const uint64_t tag = ctm_unpack_u64(&v);
	struct ctm_knock knock = {
		.socket = ctm_wire_unpack_text(&v),
		.host = ctm_wire_unpack_text(&v),
	};
	const uint32_t port = ctm_unpack_u32(&v);
	int r;

	knock.port = (uint16_t)port;
	knock.timeout_ms = ctm_unpack_u32(&v);
	r = ctm_wire_unpack_end(&v);
	if (r < 0)
		return r;
	if (port > UINT16_MAX || !knock.socket == !knock.host)
		return -EBADMSG;
	*ret_knock = knock;
	*ret_tag = tag;
	return 0;
}
