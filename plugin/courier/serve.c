/* SPDX-License-Identifier: MIT */
#include "serve.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "confine.h"
#include "courier_stream.h"
#include "courier_wire.h"
#include "knock.h"
#include "module.h"

/* E_FAIL, E_OUTOFMEMORY */
#define HR_FAIL 0x80004005u
#define HR_OUT_OF_MEMORY 0x8007000Eu

/* The longest body of a question that is taken. */
#define QUESTION_MAX ((size_t)64 << 20)

struct server {
	struct ctm_stream stream;
	const struct ctm_transport_table *table;
	struct ctm_transport *transport;
	struct ctm_confinement confinement;
};

static int put(struct server *s, uint8_t kind, struct ctm_buf *b, const void *tail, size_t tail_len)
{
	int r = ctm_stream_put(&s->stream, kind, b, tail, tail_len);

	ctm_buf_done(b);
	return r;
}

static void log_line(void *context, int level, const char *line)
{
	struct ctm_buf b = CTM_BUF_INIT(CTM_WIRE_REPLY_MAX);
	char text[CTM_WIRE_TEXT_SIZE];

	snprintf(text, sizeof text, "%s", line);
	ctm_wire_pack_log(&b, level, text);
	put(context, CTM_WIRE_LOG, &b, NULL, 0);
}

static int put_outcome(struct server *s, const struct ctm_transport_outcome *outcome)
{
	struct ctm_buf b = CTM_BUF_INIT(CTM_WIRE_REPLY_MAX);

	ctm_wire_pack_outcome(&b, outcome);
	return put(s, CTM_WIRE_OUTCOME, &b, NULL, 0);
}

static int put_answer(struct server *s, const struct ctm_transport_answer *answer)
{
	struct ctm_buf b = CTM_BUF_INIT(CTM_WIRE_REPLY_MAX);

	ctm_wire_pack_answer(&b, answer);
	return put(s, CTM_WIRE_ANSWER, &b, answer->body, answer->body ? answer->body_len : 0);
}

/* What was not even started. */
static int refuse(struct server *s, bool asks, uint64_t tag, int error)
{
	const uint32_t hresult = error == -ENOMEM ? HR_OUT_OF_MEMORY : HR_FAIL;
	struct ctm_transport_outcome outcome = {
		.size = sizeof outcome,
		.tag = tag,
		.verdict = CTM_TRANSPORT_RETRY,
		.hresult = hresult,
	};
	struct ctm_transport_answer answer = {
		.size = sizeof answer,
		.tag = tag,
		.hresult = hresult,
	};

	snprintf(outcome.text, sizeof outcome.text, "%s", strerror(-error));
	memcpy(answer.text, outcome.text, sizeof answer.text);
	return asks ? put_answer(s, &answer) : put_outcome(s, &outcome);
}

static int submit(struct server *s, struct ctm_view v)
{
	struct ctm_wire_submit submit;
	int r = ctm_wire_unpack_submit(v, &submit);

	if (r < 0)
		return r;
	r = s->table->submit(s->transport, &submit.endpoint, &submit.message, submit.tag);
	ctm_wire_submit_done(&submit);
	return r < 0 ? refuse(s, false, submit.tag, r) : 0;
}

static int ask(struct server *s, struct ctm_view v)
{
	struct ctm_transport_question question;
	uint64_t tag;
	int r = ctm_module_can_ask(s->table) ? ctm_wire_unpack_ask(v, &question, &tag) : -EBADMSG;

	if (r < 0)
		return r;
	r = s->table->ask(s->transport, &question, tag);
	return r < 0 ? refuse(s, true, tag, r) : 0;
}

/* Nothing else is done meanwhile: nothing else is asked of such a process. */
static int knock(struct server *s, struct ctm_view v)
{
	struct ctm_transport_answer answer = {.size = sizeof answer};
	struct ctm_error e = CTM_ERROR_INIT;
	struct ctm_knock knock;
	int r = ctm_wire_unpack_knock(v, &knock, &answer.tag);

	if (r < 0)
		return r;
	if (ctm_knock(&knock, &e) < 0) {
		answer.hresult = CTM_TRANSPORT_HR_CANNOT_CONNECT;
		snprintf(answer.text, sizeof answer.text, "%s", e.text);
	}
	return put_answer(s, &answer);
}

/* What the module has come to know. */
static int collect(struct server *s)
{
	struct ctm_transport_outcome outcome = {.size = sizeof outcome};
	struct ctm_transport_answer answer = {.size = sizeof answer};
	int r = 0;

	while (r == 0 && s->table->next(s->transport, &outcome)) {
		r = put_outcome(s, &outcome);
		outcome = (struct ctm_transport_outcome){.size = sizeof outcome};
	}
	while (r == 0 && ctm_module_can_ask(s->table) &&
		s->table->next_answer(s->transport, &answer)) {
		r = put_answer(s, &answer);
		s->table->release(s->transport, &answer);
		answer = (struct ctm_transport_answer){.size = sizeof answer};
	}
	return r;
}

/* Makes the calls that have come. 1: something had come. */
static int hear(struct server *s)
{
	const int filled = ctm_stream_fill(&s->stream);
	struct ctm_view v;
	uint8_t kind;
	int r = filled;

	while (r >= 0 && (r = ctm_stream_next(&s->stream, QUESTION_MAX, &kind, &v)) > 0) {
		if (kind == CTM_WIRE_SUBMIT)
			r = submit(s, v);
		else if (kind == CTM_WIRE_KNOCK)
			r = knock(s, v);
		else
			r = kind == CTM_WIRE_ASK ? ask(s, v) : -EBADMSG;
		/* A module may have its word at once, and be asked again only when it is taken. */
		if (r == 0)
			r = collect(s);
	}
	return r < 0 ? r : filled;
}

static int work(struct server *s)
{
	int r = 0;

	while (r >= 0) {
		struct pollfd fd = {.fd = s->stream.fd, .events = POLLIN};

		r = hear(s);
		if (r == 0)
			r = collect(s);
		if (r >= 0 && ctm_stream_flush(&s->stream) < 0)
			r = -EPIPE;
		if (r != 0)
			continue; /* there may be more */
		if (ctm_stream_has_more(&s->stream))
			fd.events |= POLLOUT;
		r = s->table->wait(s->transport, &fd, 1, -1);
		if (r == 0)
			r = collect(s);
	}
	return r == -EPIPE || r == -ECONNRESET ? 0 : r;
}

/* The first that is said. */
static int hear_open(struct server *s, struct ctm_reach *ret_reach)
{
	struct ctm_view v;
	uint8_t kind;
	int r;

	while ((r = ctm_stream_next(&s->stream, CTM_WIRE_MAX, &kind, &v)) == 0) {
		struct pollfd fd = {.fd = s->stream.fd, .events = POLLIN};

		r = poll(&fd, 1, -1) < 0 && errno != EINTR ? -errno : ctm_stream_fill(&s->stream);
		if (r < 0)
			return r;
	}
	if (r < 0)
		return r;
	return kind == CTM_WIRE_OPEN ? ctm_wire_unpack_open(v, ret_reach) : -EBADMSG;
}

/* Says what became of it. */
static int answer_open(struct server *s, int code, const struct ctm_error *e)
{
	struct ctm_buf b = CTM_BUF_INIT(CTM_WIRE_REPLY_MAX);
	struct ctm_wire_opened opened = {.code = code, .confinement = s->confinement};

	if (code == 0) {
		opened.can_ask = ctm_module_can_ask(s->table);
		snprintf(opened.name, sizeof opened.name, "%s", s->table->name);
	}
	snprintf(opened.text, sizeof opened.text, "%s", e->text);
	ctm_wire_pack_opened(&b, &opened);
	return put(s, CTM_WIRE_OPENED, &b, NULL, 0);
}

/*
 * What a kernel does not have is left out; want of memory is no reason to go on with less than
 * there is.
 */
static int confine(struct server *s, const struct ctm_reach *reach, struct ctm_error *e)
{
	ctm_confine(reach, &s->confinement);
	if (s->confinement.landlock == -ENOMEM || s->confinement.syscalls == -ENOMEM)
		return ctm_error_set(e, -ENOMEM, "no memory to confine the transport's process");
	return 0;
}

static int open_module(struct server *s)
{
	struct ctm_error e = CTM_ERROR_INIT;
	struct ctm_reach reach = {0};
	int r = hear_open(s, &reach);

	if (r == -EPROTO)
		ctm_error_set(&e, r,
			"the program \"transport\" is of another release: install all from one");
	else if (r < 0)
		return r;
	if (r == 0)
		r = confine(s, &reach, &e);
	if (r == 0)
		r = ctm_module_open(log_line, s, &s->table, &s->transport, &e);
	ctm_reach_done(&reach);
	if (answer_open(s, r, &e) < 0 || r < 0) {
		ctm_stream_flush(&s->stream);
		return r < 0 ? r : -ENOMEM;
	}
	return 0;
}

int ctm_serve(int fd)
{
	struct server s = {0};
	int r;

	ctm_stream_init(&s.stream, fd);
	r = open_module(&s);
	return r < 0 ? r : work(&s);
}
