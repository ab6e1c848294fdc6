/* SPDX-License-Identifier: MIT */
/*
 * send_internal.h - a sender from inside: send.c has what goes to the transport and comes from it,
 * send_turn.c what is committed
 */
#ifndef CTM_SEND_INTERNAL_H
#define CTM_SEND_INTERNAL_H

#include "lanes.h"
#include "send.h"
#include "send_store.h"

/* Begun in one transaction. */
#define CTM_SENDER_PICK 512

/* So long an outcome waits for others to be stored with it, while more is under way. */
#define CTM_SENDER_GATHER_MS 20u

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
	struct ctm_send_attempt attempts[CTM_SENDER_PICK]; /* being begun */
	size_t tags[CTM_SENDER_PICK];
};

size_t ctm_sender_lane_of(const struct ctm_sender *s, const struct ctm_queue_item *item);

/* Whether there is room for a message in its lane. */
enum ctm_queue_room ctm_sender_room_in(
	const struct ctm_sender *s, size_t lane, const struct ctm_queue_item *item);

/* Whether that is a message, and not somebody else's work. */
bool ctm_sender_is_for(const struct ctm_queue_item *item);

/* What was begun and has its turn goes to the transport. */
void ctm_sender_submit_held(struct ctm_sender *s);

/* What the transport has heard is kept, to be stored. */
void ctm_sender_take_outcomes(struct ctm_sender *s);

/* What is begun and is not to be made goes back with the next commit. */
void ctm_sender_give_back(struct ctm_sender *s);

/*
 * One transaction: outcomes are stored, and what is due and has room begins. What the endpoints
 * have shown counts already, and so does the room that those leave which are stored.
 */
int ctm_sender_commit(struct ctm_sender *s, struct ctm_error *e);

#endif
