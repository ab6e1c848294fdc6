/* SPDX-License-Identifier: MIT */
/*
 * housekeeping.h - what a flush does for the store besides delivering
 *
 * Unclaimed events end after [state] unclaimed. Ended jobs stay listed for [state] keep, and as
 * long as their sidecar exists or may only be away with its volume, or another one has their GUID;
 * one whose message waits or is dead is never purged. Ages are summed up. Sidecars are looked for
 * while the state's lock is free.
 */
#ifndef CTM_HOUSEKEEPING_H
#define CTM_HOUSEKEEPING_H

#include "state.h"

/*
 * all_read: every sidecar that there is was read just now. Else no job is forgotten: its sidecar
 * may be there under another name. 0 or negative errno in *e.
 */
int ctm_housekeeping(struct ctm_state *state, bool all_read, struct ctm_error *e);

#endif
