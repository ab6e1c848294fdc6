/* SPDX-License-Identifier: MIT */
/*
 * fold_seeding.h - the end of seeding repeats what was said when it began
 */
#ifndef CTM_FOLD_SEEDING_H
#define CTM_FOLD_SEEDING_H

#include "store.h"

/*
 * Notes a bt-complete, each of which is a word of its own: the torrent is there, or was checked. A
 * complete of the same gid repeats the last one, whatever lies in its place by then: sets what the
 * event repeats. 0 or negative errno.
 */
int ctm_fold_seeding(struct ctm_txn *txn, struct ctm_event *event);

#endif
