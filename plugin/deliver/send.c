/* SPDX-License-Identifier: MIT */
#include "send.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hresult.h"
#include "lanes.h"
#include "open_transport.h"
#include "send_aside.h"
#include "send_log.h"
#include "send_store.h"

/* Begun in one transaction. */
#define PICK 512

/* So long an outcome waits for others to be stored with it, while more is under way. */
#define GATHER_MS 20u

/* What could not be stored is tried again after this. */
#define RETRY_MS 1000u

struct ctm_sender {
	struct ctm_state *state;
	struct ctm_queue *queue;
	const struct ctm_transport_table *table;
	struct ctm_transport *transport;
	struct ctm_lanes
		lanes; /* by the endpoint's place in the configuration; the last for none */
	struct ctm_send_outcome outcomes[CTM_LANES_ALL]; /* not stored yet */
	size_t n_outcomes;
	uint64_t gather_until_ms;
	bool stuck;        /* what is to be stored could not be: nothing is sent until it is, */
	uint64_t retry_ms; /* and it is not tried before that */
	size_t given_back[CTM_LANES_ALL]; /* tags of what was begun and is not made */
	size_t n_given_back;
	struct ctm_send_attempt attempts[PICK]; /* being begun */
	size_t tags[PICK];
};

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

static size_t lane_of(const struct ctm_sender *s, const struct ctm_queue_item *item)
{
	const struct ctm_config *config = s->state->config;

	return item->endpoint ? (size_t)(item->endpoint - config->endpoints) : config->n_endpoints;
}

static int open_transport(struct ctm_sender *s, struct ctm_error *e)
{
	return s->transport ? 0 : ctm_open_transport(s->state->config, &s->table, &s->transport, e);
}

bool ctm_sender_has_room(const struct ctm_sender *s, const struct ctm_queue_item *item)
{
	return !s->stuck && ctm_lanes_wants(&s->lanes, lane_of(s, item), item->work, item->job);
}

bool ctm_sender_is_stuck(const struct ctm_sender *s)
{
	return s->stuck;
}

static bool is_message(const struct ctm_queue_item *item)
{
	return item->work == CTM_WORK_SEND || item->work == CTM_WORK_PROGRESS;
}

static bool can_start(const struct ctm_queue_item *item, void *context)
{
	return is_message(item) && ctm_sender_has_room(context, item);
}

/* Picks what is due and has room, most urgent first. */
static size_t pick(struct ctm_sender *s)
{
	const uint64_t now_ms = ctm_clock_boot_ms();
	size_t n = 0;

	for (size_t i = 0; i < s->queue->n && n < PICK; i++) {
		struct ctm_queue_item *item = &s->queue->items[i];

		if (item->busy || item->gone || item->due_ms > now_ms || !is_message(item) ||
			!ctm_lanes_has_room(&s->lanes, lane_of(s, item), item->work, item->job))
			continue;
		item->busy = true;
		s->tags[n] = ctm_lanes_reserve(&s->lanes, lane_of(s, item), item->work, item->job);
		s->attempts[n++] = (struct ctm_send_attempt){.job = item->job, .work = item->work};
	}
	return n;
}

static void keep_outcome(struct ctm_sender *s, const struct ctm_transport_outcome *outcome)
{
	struct ctm_send_attempt *attempt = &s->lanes.begun[outcome->tag].attempt;

	if (!s->n_outcomes)
		s->gather_until_ms = ctm_clock_boot_ms() + GATHER_MS;
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

/* What was begun and has its turn goes to the transport. */
static void submit_held(struct ctm_sender *s)
{
	size_t tag;

	for (size_t i = 0; s->transport && !s->stuck && i < s->lanes.n; i++)
		while (ctm_lanes_next(&s->lanes, i, &tag))
			submit(s, tag);
}

static void take_outcomes(struct ctm_sender *s)
{
	struct ctm_transport_outcome outcome = {.size = sizeof outcome};

	while (s->n_outcomes < CTM_LANES_ALL && s->table->next(s->transport, &outcome)) {
		keep_outcome(s, &outcome);
		outcome = (struct ctm_transport_outcome){.size = sizeof outcome};
	}
}

/* The list in memory follows what was stored. */
static void update_queue(struct ctm_queue *queue, const struct ctm_send_outcome *outcome)
{
	struct ctm_queue_item *item = ctm_queue_find(queue, outcome->work, outcome->job);

	if (!item)
		return;
	if (outcome->state != CTM_MESSAGE_WAITING) {
		item->gone = true;
		/* Newer progress may have come meanwhile: the list is read again. */
		if (outcome->work == CTM_WORK_PROGRESS)
			queue->version = 0;
		return;
	}
	item->busy = false;
	item->due_ms = ctm_clock_boot_ms() + outcome->due_ms;
}

/* The first n are stored; what has ended since then is not. */
static void pass_outcomes(struct ctm_sender *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct ctm_send_outcome *outcome = &s->outcomes[i];

		if (outcome->id)
			ctm_send_log(outcome);
		update_queue(s->queue, outcome);
		ctm_lanes_land(&s->lanes, (size_t)outcome->transport.tag);
		ctm_send_outcome_done(outcome);
	}
	s->n_outcomes -= n;
	memmove(s->outcomes, s->outcomes + n, s->n_outcomes * sizeof *s->outcomes);
	s->gather_until_ms = ctm_clock_boot_ms() + GATHER_MS;
}

/* It is as it was: due, and nobody's. */
static void leave(struct ctm_sender *s, size_t tag)
{
	const struct ctm_send_attempt *attempt = &s->lanes.begun[tag].attempt;
	struct ctm_queue_item *item = ctm_queue_find(s->queue, attempt->work, attempt->job);

	if (item) {
		item->busy = false;
		/* The list may have been read meanwhile, with the next attempt's time. */
		item->due_ms = ctm_clock_boot_ms();
	}
	ctm_lanes_land(&s->lanes, tag);
}

/* The rest of what was picked was no longer waiting, or could not be begun. */
static void pass_begun(struct ctm_sender *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (s->attempts[i].begun) {
			ctm_lanes_hold(&s->lanes, s->tags[i], &s->attempts[i]);
			continue;
		}
		ctm_send_attempt_done(&s->attempts[i]);
		leave(s, s->tags[i]);
		s->queue->version = 0;
	}
}

/* Waits for the store, and keeps those busy meanwhile who are sent to. */
static int commit_aside(struct ctm_sender *s, const struct ctm_send_turn *turn, struct ctm_error *e)
{
	struct ctm_send_aside aside = {
		.state = s->state,
		.turn = turn,
		.version = &s->queue->version,
		.e = e,
	};
	int r = s->transport && ctm_lanes_go_on(&s->lanes) ? ctm_send_aside_begin(&aside)
							   : -ECANCELED;

	if (r < 0)
		return ctm_send_commit(s->state, turn, &s->queue->version, e);
	while (!ctm_send_aside_is_done(&aside)) {
		struct pollfd done = {.fd = aside.done_fd, .events = POLLIN};

		submit_held(s);
		if (s->table->wait(s->transport, &done, 1, 1000) < 0)
			break;
		take_outcomes(s);
	}
	return ctm_send_aside_end(&aside);
}

static void give_back(struct ctm_sender *s)
{
	size_t tag;

	while (ctm_lanes_give_back(&s->lanes, &tag))
		s->given_back[s->n_given_back++] = tag;
}

/*
 * One transaction: outcomes are stored, and what is due and has room begins. What the endpoints
 * have shown counts already, and so does the room that those leave which are stored.
 */
static int commit(struct ctm_sender *s, struct ctm_error *e)
{
	struct ctm_send_attempt *given_back[CTM_LANES_ALL];
	struct ctm_send_turn turn = {
		.outcomes = s->outcomes,
		.n_outcomes = s->n_outcomes,
		.taken_back = given_back,
		.attempts = s->attempts,
	};
	int r;

	ctm_lanes_learn(&s->lanes);
	give_back(s);
	turn.n_taken_back = s->n_given_back;
	turn.n_attempts = s->stuck ? 0 : pick(s);
	for (size_t i = 0; i < s->n_given_back; i++)
		given_back[i] = &s->lanes.begun[s->given_back[i]].attempt;
	r = commit_aside(s, &turn, e);
	s->stuck = r < 0 && (turn.n_outcomes || turn.n_taken_back);
	s->retry_ms = ctm_clock_boot_ms() + RETRY_MS;
	if (r == 0) {
		pass_outcomes(s, turn.n_outcomes);
		for (size_t i = 0; i < s->n_given_back; i++) {
			leave(s, s->given_back[i]);
			/* Somebody may have changed it: the list is read again. */
			s->queue->version = 0;
		}
		s->n_given_back = 0;
	}
	pass_begun(s, turn.n_attempts);
	if (r == 0)
		ctm_queue_compact(s->queue);
	submit_held(s);
	return r;
}

int ctm_sender_start(struct ctm_sender *s, struct ctm_error *e)
{
	const bool due = ctm_queue_next(s->queue, can_start, s) <= ctm_clock_boot_ms();
	/* What was taken over may be the first. */
	int r = due || ctm_lanes_go_on(&s->lanes) ? open_transport(s, e) : 0;

	if (r < 0)
		return r;
	submit_held(s);
	return due ? commit(s, e) : 0;
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
	tag = ctm_lanes_reserve(&s->lanes, lane_of(s, &item), attempt->work, attempt->job);
	ctm_lanes_hold(&s->lanes, tag, attempt);
	submit_held(s);
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
		submit_held(s);
		r = s->table->wait(
			s->transport, fds, n, is_gathered(s) ? 0 : patience_ms(s, until_ms));
		if (r == 0)
			take_outcomes(s);
	} while (r == 0 && !is_any_ready(fds, n) && !is_gathered(s) &&
		 ctm_clock_boot_ms() < until_ms);
	return r;
}

int ctm_sender_collect(struct ctm_sender *s, struct ctm_error *e)
{
	if (s->transport)
		take_outcomes(s);
	return is_gathered(s) ? commit(s, e) : 0;
}

int ctm_sender_end(struct ctm_sender *s, struct ctm_error *e)
{
	if (s->transport)
		take_outcomes(s);
	ctm_lanes_close(&s->lanes);
	give_back(s);
	return s->n_outcomes || s->n_given_back ? commit(s, e) : 0;
}
