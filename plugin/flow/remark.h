/* SPDX-License-Identifier: MIT */
/*
 * remark.h - what a fold noted with files of jobs, for the log
 *
 * A job whose state changes is told of by tell.h; this is what leads there, or does not: a file that
 * arrived, a cause that is remembered. Each names its job and, where it came of a download, its gid.
 * Gathered in the transaction, written when the lock is no longer held, because a log can be slow.
 *
 * Order of calls: any number of ctm_remarks_add(), ctm_remarks_resolve() before the transaction
 * ends, ctm_remarks_log() after it, ctm_remarks_done(). A body that runs again begins with
 * ctm_remarks_clear(). What is not said for want of memory is no failure.
 */
#ifndef CTM_REMARK_H
#define CTM_REMARK_H

#include "log.h"
#include "store.h"

struct ctm_remarks {
	struct ctm_remark *items;
	size_t n;
};

/* Nothing is kept of a level that the log does not want, and of more than a thousand at once. */
void ctm_remarks_add(struct ctm_remarks *remarks, enum ctm_log_level level, uint32_t job,
	uint64_t gid, uint32_t hresult, const char *format, ...) CTM_PRINTF(6, 7);

/* Finds out what the jobs are called. 0 or negative errno of the store. */
int ctm_remarks_resolve(struct ctm_txn *txn, struct ctm_remarks *remarks);

void ctm_remarks_log(const struct ctm_remarks *remarks);

void ctm_remarks_clear(struct ctm_remarks *remarks);
void ctm_remarks_done(struct ctm_remarks *remarks);

#endif
