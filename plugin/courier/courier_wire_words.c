/* SPDX-License-Identifier: MIT */
/*
 * What the transport's process says.
 */
#include <errno.h>

#include "courier_fields.h"
#include "courier_wire.h"

#define RETRY_AFTER_MAX_S 86400u

static void pack_confinement(struct ctm_buf *b, const struct ctm_confinement *c)
{
	ctm_pack_u8(b, c->unwanted);
	ctm_pack_u32(b, (uint32_t)c->landlock);
	ctm_pack_u8(b, c->all_ports);
	ctm_pack_u32(b, (uint32_t)c->syscalls);
}

static void unpack_confinement(struct ctm_view *v, struct ctm_confinement *c)
{
	c->unwanted = ctm_wire_unpack_bool(v);
	c->landlock = (int)ctm_unpack_u32(v);
	c->all_ports = ctm_wire_unpack_bool(v);
	c->syscalls = (int)ctm_unpack_u32(v);
}

void ctm_wire_pack_opened(struct ctm_buf *b, const struct ctm_wire_opened *opened)
{
	ctm_pack_u32(b, (uint32_t)-opened->code);
	ctm_pack_u8(b, opened->can_ask);
	pack_confinement(b, &opened->confinement);
	ctm_wire_pack_text(b, opened->name);
	ctm_wire_pack_text(b, opened->text);
}

int ctm_wire_unpack_opened(struct ctm_view v, struct ctm_wire_opened *ret_opened)
{
	struct ctm_wire_opened opened = {0};
	const uint32_t code = ctm_unpack_u32(&v);
	int r;

	opened.can_ask = ctm_wire_unpack_bool(&v);
	unpack_confinement(&v, &opened.confinement);
	ctm_wire_unpack_words(&v, opened.name, sizeof opened.name);
	ctm_wire_unpack_words(&v, opened.text, sizeof opened.text);
	r = ctm_wire_unpack_end(&v);
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
	ctm_wire_pack_text(b, outcome->text);
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
	ctm_wire_unpack_words(&v, outcome.text, sizeof outcome.text);
	r = ctm_wire_unpack_end(&v);
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
	ctm_wire_pack_text(b, answer->text);
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
	ctm_wire_unpack_words(&v, answer.text, sizeof answer.text);
	has_body = ctm_wire_unpack_bool(&v);
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
	ctm_wire_pack_text(b, line);
}

int ctm_wire_unpack_log(struct ctm_view v, struct ctm_wire_log *ret_log)
{
	struct ctm_wire_log log = {.level = ctm_unpack_u8(&v)};
	int r;

	ctm_wire_unpack_words(&v, log.line, sizeof log.line);
	r = ctm_wire_unpack_end(&v);
	if (r == 0 && log.level > 3)
		r = -EBADMSG;
	if (r == 0)
		*ret_log = log;
	return r;
}
