/* SPDX-License-Identifier: MIT */
#include "send.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hresult.h"
#include "open_transport.h"
#include "send_internal.h"

int ctm_sender_new(struct ctm_state *state, struct ctm_queue *queue, struct ctm_sender **ret_sender)
{
	struct ctm_sender *s = calloc(1, sizeof *s);

	if (!s)
		return -ENOMEM;
	s->state = state;
	s->queue = queue;
	if (ctm_lanes_init(&s->lanes, state->config->n_endpoints + 1) < 0) {
		free(s);
		return -ENOMEM;
	}
	*ret_sender = s;
	return 0;
}

void ctm_sender_free(struct ctm_sender *s)
{
	if (!s)
		return;
	if (s->transport)
		s->table->close(s->transport);
	for (size_t i = 0; i < s->n_outcomes; i++)
		ctm_send_outcome_done(&s->outcomes[i]);
	ctm_lanes_done(&s->lanes);
	free(s);
}

static int open_transport(struct ctm_sender *s, struct ctm_error *e)
{
	return s->transport ? 0 : ctm_open_transport(s->state->config, &s->table, &s->transport, e);
}

enum ctm_queue_room ctm_sender_room_in(
	const struct ctm_sender *s, size_t lane, const struct ctm_queue_item *item)
{
	if (ctm_lanes_is_full(&s->lanes, lane, item->work))
		return CTM_QUEUE_FULL;
	return ctm_lanes_has_room(&s->lanes, lane, item->work, item->job) ? CTM_QUEUE_ROOM
									  : CTM_QUEUE_NOT_IT;
}

enum ctm_queue_room ctm_sender_room(const struct ctm_sender *s, const struct ctm_queue_item *item)
{
	const size_t lane = ctm_sender_lane_of(s, item);

	if (s->stuck || !ctm_lanes_wants(&s->lanes, lane, item->work))
		return CTM_QUEUE_FULL;
	return ctm_sender_room_in(s, lane, item);
}

bool ctm_sender_is_busy(const struct ctm_sender *s)
{
	return s->transport && (s->n_outcomes || ctm_lanes_go_on(&s->lanes));
}

bool ctm_sender_is_stuck(const struct ctm_sender *s)
{
	return s->stuck;
}

static enum ctm_queue_room room(const struct ctm_queue_item *item, void *context)
{
	return ctm_sender_is_for(item) ? ctm_sender_room(context, item) : CTM_QUEUE_FULL;
}

static void keep_outcome(struct ctm_sender *s, const struct ctm_transport_outcome *outcome)
{
	struct ctm_send_attempt *attempt = &s->lanes.begun[outcome->tag].attempt;

	if (!s->n_outcomes)
		s->gather_until_ms = ctm_clock_boot_ms() + CTM_SENDER_GATHER_MS;
	s->outcomes[s->n_outcomes++] = (struct ctm_send_outcome){
		.job = attempt->job,
		.work = attempt->work,
		.sequence = attempt->message.sequence,
		.transport = *outcome,
		.id = attempt->text.id,
		.endpoint = attempt->text.endpoint,
	};
	attempt->text.id = attempt->text.endpoint = NULL;
	ctm_lanes_end(&s->lanes, (size_t)outcome->tag, outcome->verdict == CTM_TRANSPORT_RETRY);
}

/* An outcome without a transfer. */
static void fail_at_once(struct ctm_sender *s, size_t tag, enum ctm_transport_verdict verdict,
	uint32_t hresult, const char *text)
{
	struct ctm_transport_outcome outcome = {
		.size = sizeof outcome,
		.tag = tag,
		.verdict = verdict,
		.hresult = hresult,
	};

	snprintf(outcome.text, sizeof outcome.text, "%s", text);
	keep_outcome(s, &outcome);
}

static void submit(struct ctm_sender *s, size_t tag)
{
	const struct ctm_send_attempt *attempt = &s->lanes.begun[tag].attempt;
	struct ctm_transport_endpoint endpoint;
	struct ctm_transport_message message;
	struct ctm_error e = CTM_ERROR_INIT;
	char event_id[CTM_MESSAGE_ID];
	int r = ctm_send_describe(s->state->config, attempt, &endpoint, &message, event_id, &e);

	if (r < 0) {
		/* There is nowhere to send it: a person must say where. */
		fail_at_once(s, tag, CTM_TRANSPORT_PERSON, CTM_E_WINHTTP_INVALID_URL, e.text);
		return;
	}
	r = s->table->submit(s->transport, &endpoint, &message, tag);
	if (r < 0)
		fail_at_once(s, tag, CTM_TRANSPORT_RETRY,
			r == -ENOMEM ? CTM_E_OUTOFMEMORY : CTM_E_FAIL, strerror(-r));
}

void ctm_sender_submit_held(struct ctm_sender *s)
{
	size_t tag;

	for (size_t i = 0; s->transport && !s->stuck && i < s->lanes.n; i++)
		while (ctm_lanes_next(&s->lanes, i, &tag))
			submit(s, tag);
}

void ctm_sender_take_outcomes(struct ctm_sender *s)
{
	struct ctm_transport_outcome outcome = {.size = sizeof outcome};

	while (s->n_outcomes < CTM_LANES_ALL && s->table->next(s->transport, &outcome)) {
		keep_outcome(s, &outcome);
		outcome = (struct ctm_transport_outcome){.size = sizeof outcome};
	}
}

int ctm_sender_start(struct ctm_sender *s, struct ctm_error *e)
{
	const bool due = ctm_queue_next(s->queue, room, s) <= ctm_clock_boot_ms();
	/* What was taken over may be the first. */
	int r = due || ctm_lanes_go_on(&s->lanes) ? open_transport(s, e) : 0;

	if (r < 0)
		return r;
	ctm_sender_submit_held(s);
	return due ? ctm_sender_commit(s, e) : 0;
}

bool ctm_sender_has_turn(struct ctm_sender *s, uint32_t job)
{
	return !s->stuck && ctm_lanes_are_free(&s->lanes, job) &&
	       ctm_queue_make_room(s->queue) == 0;
}

void ctm_sender_take(struct ctm_sender *s, struct ctm_send_attempt *attempt)
{
	struct ctm_queue_item item = {.work = attempt->work, .job = attempt->job, .busy = true};
	const char *url;
	size_t tag;

	if (ctm_config_endpoint(
		    s->state->config, attempt->text.endpoint, &item.endpoint, &url, NULL) < 0)
		item.endpoint = NULL;
	/* Not to be begun once more when the list is read. */
	ctm_queue_add(s->queue, &item);
	tag = ctm_lanes_reserve(
		&s->lanes, ctm_sender_lane_of(s, &item), attempt->work, attempt->job);
	ctm_lanes_hold(&s->lanes, tag, attempt);
	ctm_sender_submit_held(s);
}

/* Whether outcomes are to be stored now. */
static bool is_gathered(const struct ctm_sender *s)
{
	if (s->stuck)
		return ctm_clock_boot_ms() >= s->retry_ms;
	if (!s->n_outcomes)
		return false;
	return !ctm_lanes_go_on(&s->lanes) || ctm_lanes_run_low(&s->lanes) ||
	       ctm_clock_boot_ms() >= s->gather_until_ms;
}

static bool is_any_ready(const struct pollfd *fds, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (fds[i].revents)
			return true;
	return false;
}

static int patience_ms(const struct ctm_sender *s, uint64_t until_ms)
{
	const uint64_t now_ms = ctm_clock_boot_ms();
	const uint64_t store_ms = s->stuck ? s->retry_ms : s->gather_until_ms;

	if ((s->stuck || s->n_outcomes) && store_ms < until_ms)
		until_ms = store_ms;
	return until_ms > now_ms ? (int)(until_ms - now_ms) : 0;
}

int ctm_sender_wait(struct ctm_sender *s, struct pollfd *fds, size_t n, int timeout_ms)
{
	const uint64_t until_ms = ctm_clock_boot_ms() + (uint64_t)timeout_ms;
	int r;

	if (!s->transport)
		return poll(fds, (nfds_t)n, timeout_ms) < 0 && errno != EINTR ? -errno : 0;
	do {
		ctm_sender_submit_held(s);
		r = s->table->wait(
			s->transport, fds, n, is_gathered(s) ? 0 : patience_ms(s, until_ms));
		if (r == 0)
			ctm_sender_take_outcomes(s);
	} while (r == 0 && !is_any_ready(fds, n) && !is_gathered(s) &&
		 ctm_clock_boot_ms() < until_ms);
	return r;
}

int ctm_sender_collect(struct ctm_sender *s, struct ctm_error *e)
{
	if (s->transport)
		ctm_sender_take_outcomes(s);
	return is_gathered(s) ? ctm_sender_commit(s, e) : 0;
}

int ctm_sender_end(struct ctm_sender *s, struct ctm_error *e)
{
	if (s->transport)
		ctm_sender_take_outcomes(s);
	ctm_lanes_close(&s->lanes);
	ctm_sender_give_back(s);
	return s->n_outcomes || s->n_given_back ? ctm_sender_commit(s, e) : 0;
}
