/* SPDX-License-Identifier: MIT */
/*
 * verify.h - looks at jobs, two at a time and those that take long beside them, each in a thread
 *
 * A thread that hangs on a dead disk holds up nothing, also after minutes; but there are at most
 * 128, and where all hang no job is looked at until one comes back.
 *
 * The thread works on a copy; what it found is stored afterwards, if the job has not changed since.
 */
#ifndef CTM_VERIFY_H
#define CTM_VERIFY_H

#include "queue.h"
#include "send.h"
#include "state.h"

struct ctm_verifier;

/* 0 or negative errno. */
int ctm_verifier_new(
	struct ctm_state *state, struct ctm_queue *queue, struct ctm_verifier **ret_verifier);

/*
 * So long a write error that can't be stored is held on to: a store that is full, or whose lock
 * somebody holds, may be well again.
 */
#define CTM_VERIFIER_END_MS 60000u

/*
 * Ends looks that are under way, and stores what they found, as far as that can be done. The next
 * look finds the rest, but for what could not be written to disk: that the kernel says once, so it
 * is tried for CTM_VERIFIER_END_MS. One that hangs is left as it is. Then ctm_verifier_free().
 */
void ctm_verifier_end(struct ctm_verifier *verifier);

/*
 * Ends looks that are under way, and drops what they found and nobody has collected. NULL is
 * allowed. One that hangs on a dead disk is left to the end of the process.
 */
void ctm_verifier_free(struct ctm_verifier *verifier);

/* Readable when a look is done. */
int ctm_verifier_fd(const struct ctm_verifier *verifier);

/* Whether another look could be started now. */
bool ctm_verifier_has_room(const struct ctm_verifier *verifier);

/*
 * When there will be room at the latest, by ctm_clock_boot_ms(), because a look that takes long
 * gives its turn away; UINT64_MAX: no look has a turn.
 */
uint64_t ctm_verifier_room_ms(const struct ctm_verifier *verifier);

/*
 * Negative errno: a look was short of that (memory, descriptors), and was not made again since; 0:
 * none was.
 */
int ctm_verifier_short_of(const struct ctm_verifier *verifier);

/*
 * Whether a job would succeed whose sidecar is another one by now: it is read first. Then
 * ctm_verifier_note_scan(), and ctm_verifier_collect() says what is true after that.
 */
bool ctm_verifier_wants_scan(const struct ctm_verifier *verifier);
void ctm_verifier_note_scan(struct ctm_verifier *verifier);

/* Starts looks that are due, as many as there is room for. 0 or negative errno in *e. */
int ctm_verifier_start(struct ctm_verifier *verifier, struct ctm_error *e);

/*
 * Stores what finished looks found; where the sender (NULL: nobody) has a turn for it, the attempt
 * to say so begins in the same transaction. 0 or negative errno in *e: it is tried again by the
 * next call.
 */
int ctm_verifier_collect(
	struct ctm_verifier *verifier, struct ctm_sender *sender, struct ctm_error *e);

#endif
