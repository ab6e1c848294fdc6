/* SPDX-License-Identifier: MIT */
/*
 * What the facts of a job mean, once they are all noted.
 */
#include "deadline.h"
#include "failure.h"
#include "fold.h"
#include "outbox.h"

static int begin_or_drop_look(struct ctm_txn *txn, struct ctm_job *job, struct ctm_fold *fold)
{
	int r;

	ctm_job_grow_older(job, &fold->now);
	r = ctm_store_job_put(txn, job);
	if (r < 0)
		return r;
	if (job->state != CTM_JOB_VERIFYING) {
		/* While it was looked at its deadline did not count. */
		r = ctm_deadline_note(txn, job, fold);
		return r < 0 ? r : ctm_store_work_delete(txn, CTM_WORK_VERIFY, job->number);
	}
	fold->work = true;
	return ctm_store_work_add(txn, CTM_WORK_VERIFY, job->number);
}

/* "DownloadingData" once, and from then on how far it has come. */
static int tell_progress(struct ctm_txn *txn, struct ctm_job *job, struct ctm_fold *fold)
{
	const struct ctm_progress_totals totals = {
		.bytes_total = ctm_job_bytes_total(job),
		.bytes_transferred = ctm_job_bytes_transferred(job),
		.files_total = job->files_total,
		.files_transferred = job->files_evident,
	};
	int r = ctm_outbox_progress(txn, job,
		job->progress ? CTM_PROGRESS_BYTES : CTM_PROGRESS_DOWNLOADING_DATA, &totals,
		&fold->now);

	fold->work = true;
	return r < 0 ? r : ctm_store_job_put(txn, job);
}

/* More files than these take longer to end than a hook may take. */
#define FILES_IN_HOOK 1000u

/* The deliverer finds it as it finds what is past its deadline (deliver/expire.h). */
static int leave_end(struct ctm_txn *txn, struct ctm_fold *fold)
{
	fold->work = true;
	return ctm_deadline_set(txn, &fold->now, 0);
}

static int end_job(struct ctm_txn *txn, struct ctm_job *job, enum ctm_decision decision,
	struct ctm_fold *fold, bool *ret_changed)
{
	if (!fold->in_hook || job->files_listed <= FILES_IN_HOOK)
		return ctm_failure_end(txn, job, decision, fold);
	*ret_changed = false;
	return leave_end(txn, fold);
}

static int decide_job(
	struct ctm_txn *txn, uint32_t number, struct ctm_fold *fold, bool *ret_changed)
{
	enum ctm_decision decision;
	struct ctm_job job;
	int r = ctm_store_job_get(txn, number, &job);

	if (r < 0)
		return r;
	decision = ctm_job_decide(&job, &fold->now, fold->config->give_up_s);
	*ret_changed = decision != CTM_DECIDED_NOTHING;
	if (decision == CTM_DECIDED_STATE)
		r = begin_or_drop_look(txn, &job, fold);
	else if (decision != CTM_DECIDED_NOTHING)
		r = end_job(txn, &job, decision, fold, ret_changed);
	if (r == 0 && ctm_job_wants_progress(&job))
		r = tell_progress(txn, &job, fold);
	return r;
}

int ctm_fold_decide(struct ctm_txn *txn, struct ctm_fold *fold)
{
	size_t kept = 0;

	ctm_numbers_unique(&fold->jobs);
	for (size_t i = 0; i < fold->jobs.n; i++) {
		bool changed = false;
		int r = decide_job(txn, fold->jobs.items[i], fold, &changed);

		if (r < 0)
			return r;
		if (changed)
			fold->jobs.items[kept++] = fold->jobs.items[i];
	}
	fold->jobs.n = kept;
	return ctm_remarks_resolve(txn, &fold->remarks);
}

void ctm_fold_again(struct ctm_fold *fold)
{
	fold->jobs.n = 0;
	fold->work = false;
	ctm_remarks_clear(&fold->remarks);
}

void ctm_fold_done(struct ctm_fold *fold)
{
	ctm_numbers_done(&fold->jobs);
	ctm_remarks_done(&fold->remarks);
}
