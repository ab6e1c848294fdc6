/* SPDX-License-Identifier: MIT */
/*
 * outbox.h - a job ends, and its one final word exists; on the way, its newest progress
 *
 * Everything happens in the caller's transaction. The first end stands: -EALREADY for a job that
 * has ended, and nothing changes. An ended job's files no longer claim events, its progress is
 * dropped (an attempt that is under way ends by itself).
 */
#ifndef CTM_OUTBOX_H
#define CTM_OUTBOX_H

#include "config.h"
#include "store.h"

/* What success says. */
struct ctm_totals {
	uint64_t bytes;
	uint32_t files;
};

/* What an error says. */
struct ctm_failure {
	uint32_t hresult; /* hrErrorCode: a failure, never 0 */
	const char *text; /* szErrorMessage; what is no text in it is made visible */
};

/* SendNotifySuccessToCTM. 0; -EALREADY; negative errno. */
int ctm_outbox_succeed(struct ctm_txn *txn, struct ctm_job *job, const struct ctm_totals *totals,
	const struct ctm_schedule *schedule, const struct ctm_stamp *now);

/* SendNotifyErrorToCTM. 0; -EALREADY; negative errno. */
int ctm_outbox_fail(struct ctm_txn *txn, struct ctm_job *job, const struct ctm_failure *failure,
	const struct ctm_schedule *schedule, const struct ctm_stamp *now);

/* szErrorMessage as CTM gets it: one line of UTF-8. The caller frees; NULL: no memory. */
char *ctm_outbox_error_text(const struct ctm_failure *failure);

/* CTM's CancelJob: the job ends without a word. 0; -EALREADY; negative errno. */
int ctm_outbox_cancel(struct ctm_txn *txn, struct ctm_job *job, const struct ctm_stamp *now);

/* What progress says; a total that is not known yet is 0. */
struct ctm_progress_totals {
	uint64_t bytes_total;
	uint64_t bytes_transferred;
	uint32_t files_total;
	uint32_t files_transferred;
};

/*
 * SendNotifyProgressToCTM; takes the place of one that waits. The caller puts the job. 0 or
 * negative errno.
 */
int ctm_outbox_progress(struct ctm_txn *txn, struct ctm_job *job, enum ctm_progress_type type,
	const struct ctm_progress_totals *totals, const struct ctm_stamp *now);

/*
 * Progress that waits is not told: the job was suspended, or ended. One that is under way is left
 * to whoever began it, who drops it then. 0 or negative errno.
 */
int ctm_outbox_drop_progress(struct ctm_txn *txn, uint32_t job);

/*
 * A job without a sidecar, open: for a final word that a host or a person says. -EEXIST: the GUID
 * is known, ret_job->number is that job's; -EINVAL: it is none.
 */
int ctm_outbox_new_job(struct ctm_txn *txn, const struct ctm_job_text *text,
	const struct ctm_stamp *now, struct ctm_job *ret_job);

/* The configuration's schedule as messages take it. */
struct ctm_schedule ctm_outbox_schedule(const struct ctm_config *config);

/* 32 random bits, for jitter. */
uint32_t ctm_outbox_random(void);

#endif
