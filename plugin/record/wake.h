/* SPDX-License-Identifier: MIT */
/*
 * wake.h - getting a deliverer to work
 *
 * Whoever committed something for it first writes a byte to the FIFO that a deliverer polls, then
 * starts another one, which goes again at once if it does not get deliver.lock. A deliverer that
 * ends looks at the store once more after letting go of that lock. So no order of these acts leaves
 * work with nobody.
 */
#ifndef CTM_WAKE_H
#define CTM_WAKE_H

#include "state.h"

#define CTM_DELIVER_LOCK "deliver.lock"
#define CTM_DELIVER_FIFO "deliver.fifo"

/* Wakes one that polls. Never fails, never waits, never raises SIGPIPE. */
void ctm_wake_poke(const struct ctm_state *state);

/* The deliverer's end of the FIFO, made where it is not there. A descriptor or negative errno. */
int ctm_wake_open(const struct ctm_state *state);

/* Takes what is in the FIFO. */
void ctm_wake_drain(int fd);

/*
 * The process becomes the deliverer. Returns only if that fails: negative errno in *e. Locks are
 * let go by the exec.
 */
int ctm_wake_exec(const struct ctm_state *state, struct ctm_error *e);

/* Starts a deliverer that is nobody's child. 0 or negative errno in *e. */
int ctm_wake_spawn(const struct ctm_state *state, struct ctm_error *e);

#endif
