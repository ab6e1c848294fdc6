/* SPDX-License-Identifier: MIT */
/*
 * What a sender commits, and what the list in memory and the lanes make of it.
 */
#include <errno.h>
#include <poll.h>
#include <string.h>

#include "log.h"
#include "send_aside.h"
#include "send_internal.h"
#include "send_log.h"

/* What could not be stored is tried again after this. */
#define RETRY_MS 1000u

size_t ctm_sender_lane_of(const struct ctm_sender *s, const struct ctm_queue_item *item)
{
	const struct ctm_config *config = s->state->config;

	return item->endpoint ? (size_t)(item->endpoint - config->endpoints) : config->n_endpoints;
}

bool ctm_sender_is_for(const struct ctm_queue_item *item)
{
	return item->work == CTM_WORK_SEND || item->work == CTM_WORK_PROGRESS;
}

static enum ctm_queue_room room(const struct ctm_queue_item *item, void *context)
{
	const struct ctm_sender *s = context;

	return ctm_sender_is_for(item) ? ctm_sender_room_in(s, ctm_sender_lane_of(s, item), item)
				       : CTM_QUEUE_FULL;
}

/* Picks what is due and has room, most urgent first. */
static size_t pick(struct ctm_sender *s)
{
	struct ctm_queue_walk walk = {
		.queue = s->queue,
		.due_ms = ctm_clock_boot_ms(),
		.room = room,
		.context = s,
	};
	struct ctm_queue_item *item;
	size_t n = 0;

	while (n < CTM_SENDER_PICK && (item = ctm_queue_walk(&walk))) {
		item->busy = true;
		s->tags[n] = ctm_lanes_reserve(
			&s->lanes, ctm_sender_lane_of(s, item), item->work, item->job);
		s->attempts[n++] = (struct ctm_send_attempt){.job = item->job, .work = item->work};
	}
	return n;
}

/* The list in memory follows what was stored. */
static void update_queue(struct ctm_queue *queue, const struct ctm_send_outcome *outcome)
{
	struct ctm_queue_item *item = ctm_queue_find(queue, outcome->work, outcome->job);

	if (!item)
		return;
	if (outcome->state != CTM_MESSAGE_WAITING) {
		ctm_queue_drop(queue, item);
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
	ctm_log_gather();
	for (size_t i = 0; i < n; i++) {
		struct ctm_send_outcome *outcome = &s->outcomes[i];

		if (outcome->id)
			ctm_send_log(outcome);
		update_queue(s->queue, outcome);
		ctm_lanes_land(&s->lanes, (size_t)outcome->transport.tag);
		ctm_send_outcome_done(outcome);
	}
	ctm_log_pour();
	s->n_outcomes -= n;
	memmove(s->outcomes, s->outcomes + n, s->n_outcomes * sizeof *s->outcomes);
	s->gather_until_ms = ctm_clock_boot_ms() + CTM_SENDER_GATHER_MS;
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

		ctm_sender_submit_held(s);
		if (s->table->wait(s->transport, &done, 1, 1000) < 0)
			break;
		ctm_sender_take_outcomes(s);
	}
	return ctm_send_aside_end(&aside);
}

void ctm_sender_give_back(struct ctm_sender *s)
{
	size_t tag;

	while (ctm_lanes_give_back(&s->lanes, &tag))
		s->given_back[s->n_given_back++] = tag;
}

int ctm_sender_commit(struct ctm_sender *s, struct ctm_error *e)
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
	ctm_sender_give_back(s);
	turn.n_taken_back = s->n_given_back;
	turn.n_attempts = s->stuck ? 0 : pick(s);
	for (size_t i = 0; i < s->n_given_back; i++)
		given_back[i] = &s->lanes.begun[s->given_back[i]].attempt;
	r = commit_aside(s, &turn, e);
	s->stuck = r < 0 && (turn.n_outcomes || turn.n_taken_back);
	s->retry_ms = ctm_clock_boot_ms() + RETRY_MS;
	if (r == 0) {
		pass_outcomes(s, turn.n_outcomes);
		for (size_t i = 0; i < s->n_given_back; i++)
			leave(s, s->given_back[i]);
		s->n_given_back = 0;
	}
	pass_begun(s, turn.n_attempts);
	if (r == 0)
		ctm_queue_compact(s->queue);
	ctm_sender_submit_held(s);
	return r;
}
