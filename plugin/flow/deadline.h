/* SPDX-License-Identifier: MIT */
/*
 * deadline.h - when the first job's time may be over
 *
 * The store keeps a bound: in this boot, no job's deadline lies before that moment. So a hook sees
 * by two look-ups that there is nothing to end. A bound of another boot says nothing: then the
 * deliverer looks at the jobs, and sets it anew (deliver/expire.h).
 */
#ifndef CTM_DEADLINE_H
#define CTM_DEADLINE_H

#include "fold.h"

/* Whether some job's time may be over. */
int ctm_deadline_is_due(struct ctm_txn *txn, const struct ctm_stamp *now, bool *ret_due);

/* When that will be, by CLOCK_BOOTTIME in ms: 0 now, UINT64_MAX never as things are. */
int ctm_deadline_get(struct ctm_txn *txn, const struct ctm_stamp *now, uint64_t *ret_boot_ms);

/* No deadline lies before now + left_ms; UINT64_MAX: there is none. */
int ctm_deadline_set(struct ctm_txn *txn, const struct ctm_stamp *now, uint64_t left_ms);

/* A job is new, or its time has changed: the bound may have to come nearer. */
int ctm_deadline_note(struct ctm_txn *txn, const struct ctm_job *job, const struct ctm_fold *fold);

#endif
