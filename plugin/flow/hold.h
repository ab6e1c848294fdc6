/* SPDX-License-Identifier: MIT */
/*
 * hold.h - the right to use the store
 *
 * One lock guards every use of the store, reading too. It is only ever tried, never waited for in
 * the kernel: a hook that does not get it leaves its event in the inbox and goes, because whoever
 * holds the lock looks at the inbox again after letting go. So there are two ways to let go: a
 * drain does it and looks again itself; everybody else uses drain.h's ctm_flow_ functions, which
 * drain.
 */
#ifndef CTM_HOLD_H
#define CTM_HOLD_H

#include "state.h"
#include "store.h"

#define CTM_HOLD_WAIT_MS 10000u

/* 0; -EAGAIN: somebody else holds it; other negative errno in *e. Opens the store where need be. */
int ctm_hold_try(struct ctm_state *state, struct ctm_error *e);

/* The same, trying for wait_ms; -EAGAIN after that, *e names the holder. */
int ctm_hold_wait(struct ctm_state *state, uint64_t wait_ms, struct ctm_error *e);

/* Lets go. The store stays open, unused. */
void ctm_hold_release(struct ctm_state *state);

#endif
