/* SPDX-License-Identifier: MIT */
/*
 * hint.h - what a person should set, told by an event that nobody claims
 */
#ifndef CTM_HINT_H
#define CTM_HINT_H

#include <stddef.h>

#include "store.h"

/*
 * Whether the event's file is what aria2 made of a file that an open job lists ("setup.1.exe" of
 * "setup.exe"). 1: *ret_id is that job's id, freed by the caller; 0: it is not; negative errno.
 */
int ctm_hint_renamed(struct ctm_txn *txn, const struct ctm_event *event, char **ret_id);

#endif
