/* SPDX-License-Identifier: MIT */
/*
 * send.h - waiting messages go out
 *
 * An attempt is committed before it is made, many in one transaction; outcomes are committed in
 * groups. FOREGROUND first; so many at a time to each endpoint that a dead one holds up no other.
 */
#ifndef CTM_SEND_H
#define CTM_SEND_H

#include <poll.h>

#include "queue.h"
#include "send_store.h"
#include "state.h"

struct ctm_sender;

/* 0 or negative errno. The transport is opened with the first message. */
int ctm_sender_new(
	struct ctm_state *state, struct ctm_queue *queue, struct ctm_sender **ret_sender);
void ctm_sender_free(struct ctm_sender *sender);

/*
 * Begins attempts that are due, in one transaction: where more are then, the caller comes back, and
 * sees to what else there is before. 0; -ELIBBAD and others in *e: nothing can be sent, the
 * messages wait.
 */
int ctm_sender_start(struct ctm_sender *sender, struct ctm_error *e);

/* Whether something is under way, or what came of it is to be stored. */
bool ctm_sender_is_busy(const struct ctm_sender *sender);

/* Whether something is to be stored, and could not be when that was last tried. */
bool ctm_sender_is_stuck(const struct ctm_sender *sender);

/* Whether a message that is due could be begun now. */
enum ctm_queue_room ctm_sender_room(
	const struct ctm_sender *sender, const struct ctm_queue_item *item);

/*
 * Whether the job's final word would have its turn at once, whatever its endpoint: nothing waits,
 * and none of the job's progress is under way. Nothing is opened: a job's end is stored before
 * that.
 */
bool ctm_sender_has_turn(struct ctm_sender *sender, uint32_t job);

/* Makes an attempt that was begun elsewhere, and committed, where there was a turn. Takes it over.
 * Where it is the first, it is made by ctm_sender_start(), which opens the transport.
 */
void ctm_sender_take(struct ctm_sender *sender, struct ctm_send_attempt *attempt);

/* Drives what is under way; as transport.h's wait(). */
int ctm_sender_wait(struct ctm_sender *sender, struct pollfd *fds, size_t n, int timeout_ms);

/*
 * Stores outcomes. 0 or negative errno in *e: they are kept, and stored by a call that comes a
 * second later; until then nothing is sent.
 */
int ctm_sender_collect(struct ctm_sender *sender, struct ctm_error *e);

/*
 * Before the sender is freed: what came is stored, and what was begun and not made is as it was;
 * what is under way stays so. Nothing can be sent any more. 0 or negative errno in *e.
 */
int ctm_sender_end(struct ctm_sender *sender, struct ctm_error *e);

#endif
