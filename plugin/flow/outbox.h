/* SPDX-License-Identifier: MIT */
/*
 * outbox.h - a job ends, and its one final word exists
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

/*
 * Ends the job in success and makes its message exist, in the caller's transaction; its files no
 * longer claim events. 0; -EALREADY: it has ended before, and nothing changes; negative errno.
 */
int ctm_outbox_succeed(struct ctm_txn *txn, struct ctm_job *job, const struct ctm_totals *totals,
	const struct ctm_schedule *schedule, const struct ctm_stamp *now);

/*
 * A job that exists only as its final word: SendNotifySuccessToCTM called by a host or by hand.
 * *ret_number is the new job. -EEXIST: the GUID is known; *ret_number is that job.
 */
int ctm_outbox_send_success(struct ctm_txn *txn, const char *id, const char *endpoint,
	const char *client_data, const struct ctm_totals *totals,
	const struct ctm_schedule *schedule, const struct ctm_stamp *now, uint32_t *ret_number);

/* The configuration's schedule as messages take it. */
struct ctm_schedule ctm_outbox_schedule(const struct ctm_config *config);

/* 32 random bits, for jitter. */
uint32_t ctm_outbox_random(void);

#endif
