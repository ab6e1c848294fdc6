/* SPDX-License-Identifier: MIT */
#include "expire.h"

#include <string.h>

#include "deadline.h"
#include "drain.h"
#include "failure.h"
#include "tell.h"

struct expiring {
	struct ctm_fold fold;
	struct ctm_tell tell;
	uint64_t next_ms; /* until the first deadline of those that are left */
};

static int end(
	struct ctm_txn *txn, struct ctm_job *job, enum ctm_decision decision, struct expiring *x)
{
	int r = ctm_failure_end(txn, job, decision, &x->fold);

	return r < 0 ? r : ctm_numbers_add(&x->fold.jobs, job->number);
}

static int visit(struct ctm_txn *txn, const struct ctm_job *found, void *context)
{
	struct expiring *x = context;
	struct ctm_job job = *found;
	const uint64_t left_ms =
		ctm_job_time_left_ms(&job, &x->fold.now, x->fold.config->give_up_s);
	enum ctm_decision decision;

	/* One that is looked at ends with its look; one that would be looked at is no longer
	 * missing. */
	if (job.state != CTM_JOB_OPEN || ctm_job_is_complete(&job))
		return 0;
	decision = ctm_job_decide(&job, &x->fold.now, x->fold.config->give_up_s);
	if (decision == CTM_DECIDED_GIVE_UP || decision == CTM_DECIDED_DEADLINE)
		return end(txn, &job, decision, x);
	if (left_ms < x->next_ms)
		x->next_ms = left_ms;
	return 0;
}

static int expire_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct expiring *x = context;
	int r;

	ctm_fold_again(&x->fold);
	x->next_ms = UINT64_MAX;
	r = ctm_store_job_each(txn, visit, x);
	if (r == 0)
		r = ctm_deadline_set(txn, &x->fold.now, x->next_ms);
	if (r == 0)
		r = ctm_tell_gather(txn, &x->fold.jobs, &x->tell);
	return r < 0 ? ctm_error_set(e, r, "cannot end what is past its deadline: %s", strerror(-r))
		     : 0;
}

int ctm_expire(struct ctm_state *state, struct ctm_error *e)
{
	struct expiring x = {.fold = CTM_FOLD_INIT(state->config)};
	int r;

	x.fold.now = ctm_clock_now();
	r = ctm_flow_update(state, expire_body, &x, e);
	if (r == 0) {
		state->work |= x.fold.work;
		ctm_tell_log(&x.tell);
	}
	ctm_tell_done(&x.tell);
	ctm_fold_done(&x.fold);
	return r;
}
