/* SPDX-License-Identifier: MIT */
/*
 * fold_seeding.h - the end of seeding repeats what was said when it began
 */
#ifndef CTM_FOLD_SEEDING_H
#define CTM_FOLD_SEEDING_H

#include "store.h"

/*
 * Sets what the event repeats where aria2 said bt-complete of that download before, and the file that it
 * names has the same content; else notes a bt-complete. 0 or negative errno.
 */
int ctm_fold_seeding(struct ctm_txn *txn, struct ctm_event *event);

#endif
