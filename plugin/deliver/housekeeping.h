/* SPDX-License-Identifier: MIT */
/*
 * housekeeping.h - what a flush does for the store besides delivering
 *
 * Unclaimed events end after [state] unclaimed. Ended jobs stay listed for [state] keep, and as
 * long as their sidecar exists; one whose message waits or is dead is never purged. Ages are summed
 * up.
 */
#ifndef CTM_HOUSEKEEPING_H
#define CTM_HOUSEKEEPING_H

#include "state.h"

/* 0 or negative errno in *e. */
int ctm_housekeeping(struct ctm_state *state, struct ctm_error *e);

#endif
