/* SPDX-License-Identifier: MIT */
#include "courier_link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "courier.h"
#include "courier_process.h"
#include "log.h"

/* The process has so long to load the module. */
#define OPEN_MS 30000u
/* With nothing to do it goes: what it read of secrets goes with it. */
#define IDLE_MS 200u
/* So long the end of a process may come behind the end of its socket. */
#define END_MS 500u
/* It is started no more often within so long, when it fails. */
#define FAILURES_MAX 5u
#define FAILURES_MS 60000u
/* Lines for the log that one process may say. */
#define LINES_MAX 64u

/* As curl's own time-outs: it stands still while the machine sleeps. */
uint64_t ctm_link_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* Ends the process without a word. text: how it ended. */
static void end_process(struct ctm_link *l, unsigned patience_ms, char text[CTM_PROCESS_TEXT])
{
	ctm_stream_done(&l->stream);
	if (l->pid)
		ctm_process_end(l->pid, patience_ms, text);
	l->pid = 0;
	l->opened = l->worn = false;
}

/* It is of no use any more: `why`, or, where that is NULL, because it ended. */
static void lose(struct ctm_link *l, const char *why)
{
	const uint64_t now = ctm_link_now_ms();
	char text[CTM_PROCESS_TEXT] = "";

	end_process(l, why ? 0 : END_MS, text);
	if (now - l->first_failure_ms > FAILURES_MS)
		l->failures = 0;
	if (l->failures++ == 0)
		l->first_failure_ms = now;
	snprintf(l->last_failure, sizeof l->last_failure, "%s", why ? why : text);
	ctm_flights_fail(&l->flights, CTM_COURIER_HR_LOST, l->last_failure);
}

static int start(struct ctm_link *l, struct ctm_error *e)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(CTM_WIRE_MAX);
	int fd;
	int r = ctm_process_start(&l->pid, &fd, e);

	if (r < 0)
		return r;
	ctm_stream_init(&l->stream, fd);
	l->idle_ms = ctm_link_now_ms();
	l->lines = 0;
	ctm_wire_pack_open(&b, &l->reach);
	r = ctm_stream_put(&l->stream, CTM_WIRE_OPEN, &b, NULL, 0);
	if (r < 0)
		lose(l, "no memory to start the transport's process");
	return r < 0 ? ctm_error_set(e, r, "%s", l->last_failure) : 0;
}

/* False: there is no process, and there shall be none for the moment. */
bool ctm_link_is_up(struct ctm_link *l)
{
	struct ctm_error e = CTM_ERROR_INIT;

	if (l->pid)
		return true;
	if (l->failures >= FAILURES_MAX && ctm_link_now_ms() - l->first_failure_ms <= FAILURES_MS)
		return false;
	if (start(l, &e) == 0)
		return true;
	snprintf(l->last_failure, sizeof l->last_failure, "%s", e.text);
	return false;
}

static int take_opened(struct ctm_link *l, struct ctm_view v)
{
	int r = l->opened ? -EBADMSG : ctm_wire_unpack_opened(v, &l->said);

	if (r < 0)
		return r;
	if (l->said.code < 0) {
		lose(l, l->said.text);
		return 0;
	}
	l->opened = true;
	return 0;
}

static int take_outcome(struct ctm_link *l, struct ctm_view v)
{
	struct ctm_transport_outcome outcome;
	struct ctm_flight *flight;
	int r = ctm_wire_unpack_outcome(v, &outcome);

	if (r < 0)
		return r;
	flight = ctm_flights_find(&l->flights, false, outcome.tag);
	if (!flight)
		return -EBADMSG;
	l->worn |= outcome.verdict != CTM_TRANSPORT_TAKEN && !outcome.http_status;
	flight->came.outcome = outcome;
	ctm_flights_end(&l->flights, flight);
	l->failures = 0;
	return 0;
}

static int take_answer(struct ctm_link *l, struct ctm_view v)
{
	struct ctm_transport_answer answer;
	struct ctm_flight *flight;
	const char *body;
	size_t len;
	int r = ctm_wire_unpack_answer(v, &answer, &body, &len);

	if (r < 0)
		return r;
	flight = ctm_flights_find(&l->flights, true, answer.tag);
	if (!flight || len > flight->answer_max)
		return -EBADMSG;
	if (body) {
		answer.body = malloc(len + 1);
		if (!answer.body)
			return -ENOMEM;
		memcpy(answer.body, body, len);
		answer.body[len] = '\0';
		answer.body_len = len;
	}
	l->worn |= answer.hresult != 0;
	flight->came.answer = answer;
	ctm_flights_end(&l->flights, flight);
	l->failures = 0;
	return 0;
}

static int take_log(struct ctm_link *l, struct ctm_view v)
{
	struct ctm_wire_log log;
	int r = ++l->lines > LINES_MAX ? -EBADMSG : ctm_wire_unpack_log(v, &log);

	if (r == 0)
		ctm_log((enum ctm_log_level)log.level, NULL, "%s", log.line);
	return r;
}

static int take(struct ctm_link *l, uint8_t kind, struct ctm_view v)
{
	switch (kind) {
	case CTM_WIRE_OPENED:
		return take_opened(l, v);
	case CTM_WIRE_OUTCOME:
		return l->opened ? take_outcome(l, v) : -EBADMSG;
	case CTM_WIRE_ANSWER:
		return l->opened ? take_answer(l, v) : -EBADMSG;
	case CTM_WIRE_LOG:
		return take_log(l, v);
	default:
		return -EBADMSG;
	}
}

/* All that has come. */
static void hear(struct ctm_link *l)
{
	const size_t limit = CTM_WIRE_REPLY_MAX + ctm_flights_answer_max(&l->flights);
	int r = ctm_stream_fill(&l->stream);
	struct ctm_view v;
	uint8_t kind;

	if (r == -ENOMEM) {
		lose(l, "no memory for what the transport's process says");
		return;
	}
	if (r < 0) {
		lose(l, NULL);
		return;
	}
	while (l->pid && (r = ctm_stream_next(&l->stream, limit, &kind, &v)) > 0) {
		r = take(l, kind, v);
		if (r < 0)
			break;
	}
	if (r == -ENOMEM)
		lose(l, "no memory for what the transport's process says");
	else if (r < 0)
		lose(l, "the transport's process said what makes no sense, and was ended");
	l->idle_ms = ctm_link_now_ms();
}

/* What time has to say. */
static void look_at_clock(struct ctm_link *l)
{
	const uint64_t now = ctm_link_now_ms();
	char text[CTM_PROCESS_TEXT];

	if (!l->pid)
		return;
	if (ctm_flights_due(&l->flights) <= now)
		lose(l, "the transport's process gave no word in time, and was ended");
	else if (!l->flights.away && l->opened && (l->worn || now - l->idle_ms >= IDLE_MS))
		end_process(l, 0, text);
}

/* Until when nothing but the socket can have something. */
static uint64_t next_ms(const struct ctm_link *l)
{
	if (!l->pid || (!l->flights.away && !l->opened))
		return UINT64_MAX;
	return l->flights.away ? ctm_flights_due(&l->flights) : l->idle_ms + IDLE_MS;
}

static int clamp(uint64_t now, uint64_t until)
{
	if (until <= now)
		return 0;
	return until - now > 60000 ? 60000 : (int)(until - now);
}

/* One sleep. `all`: room for the caller's n descriptors and the socket behind them. */
int ctm_link_sleep(struct ctm_link *l, struct pollfd *all, size_t n, uint64_t until)
{
	const uint64_t next = next_ms(l);
	const bool lost = l->pid && ctm_stream_flush(&l->stream) < 0;
	int r;

	if (lost)
		lose(l, NULL);
	all[n] = (struct pollfd){
		.fd = l->stream.fd,
		.events = (short)(POLLIN | (ctm_stream_has_more(&l->stream) ? POLLOUT : 0)),
	};
	r = poll(all, (nfds_t)n + 1,
		lost || l->flights.back ? 0
					: clamp(ctm_link_now_ms(), next < until ? next : until));
	if (r < 0)
		return -errno;
	if (l->pid && all[n].revents & (POLLIN | POLLHUP | POLLERR))
		hear(l);
	look_at_clock(l);
	return r;
}

/* Until the process has loaded the module, or it is clear that it will not. */
int ctm_link_open(struct ctm_link *l, struct ctm_error *e)
{
	const uint64_t until = ctm_link_now_ms() + OPEN_MS;
	struct pollfd socket;
	int r = start(l, e);

	if (r < 0)
		return r;
	while (l->pid && !l->opened && ctm_link_now_ms() < until) {
		r = ctm_link_sleep(l, &socket, 0, until);
		if (r < 0 && r != -EINTR)
			return ctm_error_set(e, r, "cannot wait: %s", strerror(-r));
	}
	if (l->opened)
		return 0;
	if (l->pid)
		lose(l, "the transport's process did not come to life in time, and was ended");
	return ctm_error_set(e, l->said.code < 0 ? l->said.code : -EAGAIN, "%s", l->last_failure);
}

void ctm_link_done(struct ctm_link *l)
{
	char text[CTM_PROCESS_TEXT];

	end_process(l, 0, text);
	ctm_flights_done(&l->flights);
	ctm_reach_done(&l->reach);
}
