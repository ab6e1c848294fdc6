/* SPDX-License-Identifier: MIT */
#include "deadline.h"

/* Never 0, which is what a store has in which no job was ever noted. */
static uint64_t boot_of(const struct ctm_stamp *now)
{
	return now->boot ? now->boot : 1;
}

int ctm_deadline_get(struct ctm_txn *txn, const struct ctm_stamp *now, uint64_t *ret_boot_ms)
{
	uint64_t boot;
	uint64_t boot_ms;
	int r = ctm_store_setting_get(txn, CTM_SETTING_DEADLINE_BOOT, &boot);

	if (r == 0)
		r = ctm_store_setting_get(txn, CTM_SETTING_DEADLINE_MS, &boot_ms);
	if (r == 0)
		*ret_boot_ms = !boot ? UINT64_MAX : boot == boot_of(now) ? boot_ms : 0;
	return r;
}

int ctm_deadline_is_due(struct ctm_txn *txn, const struct ctm_stamp *now, bool *ret_due)
{
	uint64_t boot_ms;
	int r = ctm_deadline_get(txn, now, &boot_ms);

	if (r == 0)
		*ret_due = boot_ms <= now->boot_ms;
	return r;
}

int ctm_deadline_set(struct ctm_txn *txn, const struct ctm_stamp *now, uint64_t left_ms)
{
	uint64_t known = 0;
	uint64_t boot_ms =
		left_ms < UINT64_MAX - now->boot_ms ? now->boot_ms + left_ms : UINT64_MAX;
	int r = ctm_deadline_get(txn, now, &known);

	if (r < 0 || known == boot_ms)
		return r;
	r = ctm_store_setting_put(txn, CTM_SETTING_DEADLINE_BOOT, boot_of(now));
	return r < 0 ? r : ctm_store_setting_put(txn, CTM_SETTING_DEADLINE_MS, boot_ms);
}

int ctm_deadline_note(struct ctm_txn *txn, const struct ctm_job *job, const struct ctm_fold *fold)
{
	const uint64_t left_ms = ctm_job_time_left_ms(job, &fold->now, fold->config->give_up_s);
	uint64_t known = 0;
	int r = ctm_deadline_get(txn, &fold->now, &known);

	/* A bound of another boot stays what it is: all jobs are looked at then. */
	if (r < 0 || left_ms == UINT64_MAX || known <= fold->now.boot_ms + left_ms)
		return r;
	return ctm_deadline_set(txn, &fold->now, left_ms);
}
