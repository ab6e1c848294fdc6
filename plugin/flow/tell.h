/* SPDX-License-Identifier: MIT */
/*
 * tell.h - a line in the log for each job whose state changed
 *
 * Gathered in the transaction that changed them, written when the lock is no longer held, because a
 * log can be slow. Order of calls: ctm_tell_gather() (again where the body runs again), then
 * ctm_tell_log() and ctm_tell_done().
 */
#ifndef CTM_TELL_H
#define CTM_TELL_H

#include "numbers.h"
#include "store.h"

struct ctm_tell {
	struct ctm_told *items;
	size_t n;
};

/* What is not told for want of memory is no failure. 0, or negative errno of the store. */
int ctm_tell_gather(struct ctm_txn *txn, const struct ctm_numbers *jobs, struct ctm_tell *tell);

void ctm_tell_log(const struct ctm_tell *tell);

void ctm_tell_done(struct ctm_tell *tell);

#endif
