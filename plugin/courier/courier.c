/* SPDX-License-Identifier: MIT */
#include "courier.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "courier_link.h"

/* On top of what a message, or a question, may take by its own time-out. */
#define SUBMIT_MARGIN_MS 10000u
#define ASK_MARGIN_MS 1500u
/* A resolver has a patience of its own, for each name server and each attempt. */
#define KNOCK_MARGIN_MS 180000u

struct ctm_transport {
	struct ctm_transport_table table;
	struct ctm_link link;
};

static bool is_any_ready(const struct pollfd *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fds[i].revents)
			return true;
	return false;
}

static int courier_wait(struct ctm_transport *t, struct pollfd *fds, size_t n, int timeout_ms)
{
	const uint64_t until =
		timeout_ms < 0 ? UINT64_MAX : ctm_link_now_ms() + (uint64_t)timeout_ms;
	struct pollfd *all = calloc(n + 1, sizeof *all);
	int r;

	if (!all)
		return -ENOMEM;
	if (n)
		memcpy(all, fds, n * sizeof *fds);
	do {
		r = ctm_link_sleep(&t->link, all, n, until);
	} while (r >= 0 && !is_any_ready(all, n) && !t->link.flights.back &&
		 ctm_link_now_ms() < until);
	for (size_t i = 0; r >= 0 && i < n; i++)
		fds[i].revents = all[i].revents;
	free(all);
	return r < 0 && r != -EINTR ? r : 0;
}

/* Hands a message or a question over, or has it fail at once where there is nobody to take it. */
static int hand_over(struct ctm_transport *t, const struct ctm_flight *flight, uint8_t kind,
	const struct ctm_buf *head, const void *tail, size_t tail_len)
{
	int r = head->error ? head->error : ctm_flights_begin(&t->link.flights, flight);

	if (r < 0)
		return r;
	if (!ctm_link_is_up(&t->link)) {
		ctm_flights_fail(&t->link.flights, CTM_COURIER_HR_LOST, t->link.last_failure);
		return 0;
	}
	r = ctm_stream_put(&t->link.stream, kind, head, tail, tail_len);
	if (r < 0)
		ctm_flights_drop(&t->link.flights);
	return r;
}

static int courier_submit(struct ctm_transport *t, const struct ctm_transport_endpoint *endpoint,
	const struct ctm_transport_message *message, uint64_t tag)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(CTM_WIRE_MAX);
	const struct ctm_flight flight = {
		.tag = tag,
		.due_ms = ctm_link_now_ms() + endpoint->timeout_ms + SUBMIT_MARGIN_MS,
	};

	ctm_wire_pack_submit(&b, endpoint, message, tag);
	return hand_over(t, &flight, CTM_WIRE_SUBMIT, &b, NULL, 0);
}

static int courier_ask(
	struct ctm_transport *t, const struct ctm_transport_question *question, uint64_t tag)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(CTM_WIRE_MAX);
	const struct ctm_flight flight = {
		.asks = true,
		.tag = tag,
		.due_ms = ctm_link_now_ms() + question->timeout_ms + ASK_MARGIN_MS,
		.answer_max = question->answer_max,
	};

	ctm_wire_pack_ask(&b, question, tag);
	return hand_over(t, &flight, CTM_WIRE_ASK, &b, question->body, question->body_len);
}

static int courier_next(struct ctm_transport *t, struct ctm_transport_outcome *ret_outcome)
{
	struct ctm_flight *flight = ctm_flights_take(&t->link.flights, false);

	if (!flight)
		return 0;
	*ret_outcome = flight->came.outcome;
	free(flight);
	return 1;
}

static int courier_next_answer(struct ctm_transport *t, struct ctm_transport_answer *ret_answer)
{
	struct ctm_flight *flight = ctm_flights_take(&t->link.flights, true);

	if (!flight)
		return 0;
	*ret_answer = flight->came.answer;
	free(flight);
	return 1;
}

static void courier_release(struct ctm_transport *t, struct ctm_transport_answer *answer)
{
	(void)t;
	free(answer->body);
	answer->body = NULL;
	answer->body_len = 0;
}

static void courier_close(struct ctm_transport *t)
{
	if (!t)
		return;
	ctm_link_done(&t->link);
	free(t);
}

/* What the module on the other side can do, this table can. */
static void fill_table(struct ctm_transport *t)
{
	t->table = (struct ctm_transport_table){
		.size = t->link.said.can_ask ? sizeof t->table
					     : offsetof(struct ctm_transport_table, ask),
		.abi_major = CTM_TRANSPORT_ABI_MAJOR,
		.abi_minor = t->link.said.can_ask ? CTM_TRANSPORT_ABI_MINOR : 0,
		.name = t->link.said.name,
		.submit = courier_submit,
		.wait = courier_wait,
		.next = courier_next,
		.close = courier_close,
	};
	if (!t->link.said.can_ask)
		return;
	t->table.ask = courier_ask;
	t->table.next_answer = courier_next_answer;
	t->table.release = courier_release;
}

int ctm_courier_open(struct ctm_reach *reach, const struct ctm_transport_table **ret_table,
	struct ctm_transport **ret_transport, struct ctm_error *e)
{
	struct ctm_transport *t = calloc(1, sizeof *t);
	int r;

	if (!t) {
		ctm_reach_done(reach);
		return ctm_error_set(e, -ENOMEM, "no memory for a transport");
	}
	t->link.reach = *reach;
	*reach = (struct ctm_reach){0};
	ctm_stream_init(&t->link.stream, -1);
	r = ctm_link_open(&t->link, e);
	if (r < 0) {
		courier_close(t);
		return r;
	}
	fill_table(t);
	*ret_table = &t->table;
	*ret_transport = t;
	return 0;
}

int ctm_courier_knock(struct ctm_transport *t, const struct ctm_knock *knock, struct ctm_error *e)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(CTM_WIRE_MAX);
	const struct ctm_flight flight = {
		.asks = true,
		.due_ms = ctm_link_now_ms() + knock->timeout_ms + KNOCK_MARGIN_MS,
	};
	struct ctm_transport_answer answer = {0};
	int r;

	ctm_wire_pack_knock(&b, knock, flight.tag);
	r = hand_over(t, &flight, CTM_WIRE_KNOCK, &b, NULL, 0);
	while (r == 0 && !courier_next_answer(t, &answer))
		r = courier_wait(t, NULL, 0, -1);
	courier_release(t, &answer);
	if (r < 0)
		return ctm_error_set(e, r, "%s", strerror(-r));
	return answer.hresult ? ctm_error_set(e, -EHOSTUNREACH, "%s", answer.text) : 0;
}

struct ctm_confinement ctm_courier_confinement(const struct ctm_transport *t)
{
	return t->link.said.confinement;
}
