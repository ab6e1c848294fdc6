/* SPDX-License-Identifier: MIT */
#include "expire.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "deadline.h"
#include "drain.h"
#include "failure.h"
#include "log.h"
#include "tell.h"

struct expiring {
	struct ctm_fold fold;
	struct ctm_tell tell;
	uint64_t next_ms;          /* until the first deadline of those that are left */
	struct ctm_numbers spoilt; /* jobs that could not be ended, in order */
	uint32_t failing;          /* the job whose end has failed; 0: none has */
	char failing_id[64];       /* "": its words can't be read */
	int error;                 /* what it failed of */
};

static bool is_spoilt(const struct expiring *x, uint32_t job)
{
	for (size_t i = 0; i < x->spoilt.n; i++)
		if (x->spoilt.items[i] == job)
			return true;
	return false;
}

/* Not as it is: -ENOENT would be the end of the walk, and half an end be committed. */
static int note_failing(
	struct ctm_txn *txn, const struct ctm_job *job, int error, struct expiring *x)
{
	struct ctm_job_text text;

	x->failing = job->number;
	x->failing_id[0] = '\0';
	x->error = error;
	if (ctm_store_text_get(txn, job->number, &text) == 0) {
		snprintf(x->failing_id, sizeof x->failing_id, "%s", text.id);
		ctm_job_text_done(&text);
	}
	return -ECANCELED;
}

static int end(
	struct ctm_txn *txn, struct ctm_job *job, enum ctm_decision decision, struct expiring *x)
{
	int r;

	if (is_spoilt(x, job->number))
		return 0;
	r = ctm_failure_end(txn, job, decision, &x->fold);
	return r < 0 ? note_failing(txn, job, r, x) : ctm_numbers_add(&x->fold.jobs, job->number);
}

/*
 * Where the wall clock is behind since another boot no time passes by it: what this boot lasts
 * counts from here.
 */
static int take_over(struct ctm_txn *txn, struct ctm_job *job, const struct expiring *x)
{
	if (!x->fold.now.boot || job->seen.boot == x->fold.now.boot)
		return 0;
	ctm_job_grow_older(job, &x->fold.now);
	return ctm_store_job_put(txn, job);
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
	return take_over(txn, &job, x);
}

static int expire_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct expiring *x = context;
	int r;

	ctm_fold_again(&x->fold);
	x->next_ms = UINT64_MAX;
	x->failing = 0;
	r = ctm_store_job_each(txn, visit, x);
	if (x->failing)
		r = x->error;
	if (r == 0)
		r = ctm_deadline_set(txn, &x->fold.now, x->next_ms);
	if (r == 0)
		r = ctm_tell_gather(txn, &x->fold.jobs, &x->tell);
	return r < 0 ? ctm_error_set(e, r, "cannot end what is past its deadline: %s", strerror(-r))
		     : 0;
}

/* What keeps this job from its end, and is not a want of room or memory that all jobs feel. */
static bool is_its_own(int error)
{
	return error != -ENOMEM && error != -ENOSPC && error != -EDQUOT && error != -EFBIG &&
	       error != -EIO && error != -EROFS && error != -EAGAIN;
}

/* Nothing of its end was stored. It is tried again by the next flush. */
static int pass_over(struct expiring *x)
{
	const struct ctm_log_subject subject = {.job = x->failing_id[0] ? x->failing_id : NULL};

	ctm_log(CTM_LOG_ERROR, &subject,
		"cannot end job number %" PRIu32 ", whose time is over; others go on: %s",
		x->failing, strerror(-x->error));
	return ctm_numbers_add(&x->spoilt, x->failing);
}

/* One job that can't be ended keeps no other from its end, nor from being verified and sent. */
int ctm_expire(struct ctm_state *state, struct ctm_error *e)
{
	struct expiring x = {.fold = CTM_FOLD_INIT(state->config)};
	bool again;
	int r;

	x.fold.now = ctm_clock_now();
	do {
		x.failing = 0;
		r = ctm_flow_update(state, expire_body, &x, e);
		again = r < 0 && x.failing && is_its_own(r) && pass_over(&x) == 0;
	} while (again);
	if (r == 0) {
		state->work |= x.fold.work;
		ctm_tell_log(&x.tell);
	}
	ctm_tell_done(&x.tell);
	ctm_numbers_done(&x.spoilt);
	ctm_fold_done(&x.fold);
	return r;
}
