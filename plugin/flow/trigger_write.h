/* SPDX-License-Identifier: MIT */
/*
 * trigger_write.h - the triggers (trigger.h), for whoever holds the state's lock
 *
 * Order of calls: ctm_trigger_unbind() before the current file of the inbox is rotated away,
 * ctm_trigger_update() for each transaction that can touch a job, ctm_trigger_settle() after it.
 */
#ifndef CTM_TRIGGER_WRITE_H
#define CTM_TRIGGER_WRITE_H

#include "inbox_read.h"
#include "state.h"
#include "store.h"

/* ctm_store_update(), with the triggers of all jobs that the body touches at 0 before the commit.
 */
int ctm_trigger_update(
	struct ctm_state *state, ctm_store_body *body, void *context, struct ctm_error *e);

/* Before the current file of the inbox is rotated away: every hook drains, until settled anew. */
void ctm_trigger_unbind(int state_fd);

/*
 * After the commit, and after what was read was removed; the lock is still held. `inbox`: what was
 * read, NULL after an update that read nothing more. Failure only makes hooks drain.
 */
void ctm_trigger_settle(struct ctm_state *state, const struct ctm_inbox *inbox);

/* The lock is let go: how far the inbox is read is another process's to know. */
void ctm_trigger_let_go(struct ctm_state *state);

/* Lets go of what is remembered between the two. */
void ctm_trigger_done(struct ctm_state *state);

#endif
