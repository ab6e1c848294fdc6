/* SPDX-License-Identifier: MIT */
#include "verify_store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drain.h"
#include "failure.h"
#include "fold.h"
#include "hresult.h"
#include "unwritten.h"
#include "verify_sidecar.h"

struct loading {
	uint32_t job;
	struct ctm_look_request *request;
	bool is_short; /* of memory for its files */
};

static int copy_file(struct ctm_txn *txn, const struct ctm_file *file, void *context)
{
	struct ctm_look_request *request = context;
	int r;

	(void)txn;
	if (!file->evident)
		return 0;
	if (request->n_files == request->cap_files) {
		size_t cap = request->cap_files ? request->cap_files * 2 : 16;
		struct ctm_file *files = reallocarray(request->files, cap, sizeof *files);

		if (!files)
			return -ENOMEM;
		request->files = files;
		request->cap_files = cap;
	}
	r = ctm_file_copy(file, &request->files[request->n_files]);
	request->n_files += r == 0;
	return r;
}

static int load_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct loading *l = context;
	struct ctm_look_request *request = l->request;
	struct ctm_job_text text;
	struct ctm_job job;
	int r = ctm_store_job_get(txn, l->job, &job);

	(void)e;
	if (r < 0 || job.state != CTM_JOB_VERIFYING)
		return r == 0 || r == -ENOENT ? -ESTALE : r;
	r = ctm_store_text_get(txn, l->job, &text);
	if (r < 0)
		return r;
	*request = (struct ctm_look_request){
		.job = l->job,
		.revision = job.revision,
		.kind = job.kind,
		.id = text.id,
		.local_path = text.local_path,
		.created_ms = job.created_ms,
		.boot = ctm_clock_now().boot,
		.files_total = job.files_total,
		.bytes_total = job.bytes_total,
		.has_bytes_total = job.has_bytes_total,
	};
	text.id = text.local_path = NULL;
	r = ctm_verify_sidecar_load(txn, text.sidecar, request);
	ctm_job_text_done(&text);
	if (r == 0)
		r = ctm_store_file_each(txn, l->job, copy_file, request);
	l->is_short = r == -ENOMEM;
	return l->is_short ? 0 : r;
}

/* Work that is left over would be found due for ever. */
static int drop_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct loading *l = context;
	struct ctm_job job;
	int r = ctm_store_job_get(txn, l->job, &job);

	(void)e;
	if (r == 0 && job.state == CTM_JOB_VERIFYING)
		return 0;
	return r < 0 && r != -ENOENT ? r : ctm_store_work_delete(txn, CTM_WORK_VERIFY, l->job);
}

int ctm_verify_load(struct ctm_state *state, uint32_t job, struct ctm_look_request *ret_request,
	struct ctm_error *e)
{
	struct ctm_look_request request = {0};
	struct loading l = {.job = job, .request = &request};
	int r = ctm_flow_read(state, load_body, &l, e);

	if (r < 0) {
		ctm_look_request_done(&request);
		if (r == -ESTALE && ctm_flow_update(state, drop_body, &l, e) == 0)
			return r;
		return ctm_error_set(e, r, "cannot read a job: %s", strerror(-r));
	}
	if (l.is_short)
		ctm_look_request_drop_files(&request);
	*ret_request = request;
	return l.is_short;
}

struct storing {
	const struct ctm_look_request *request;
	const struct ctm_look_result *found;
	const struct ctm_look_result *result; /* what is made of it */
	struct ctm_send_attempt *attempt;     /* NULL: none is to begin */
	struct ctm_fold fold;
	bool stale;
};

static int put_cause_text(struct ctm_txn *txn, uint32_t job, const char *cause)
{
	struct ctm_job_text text;
	int r = ctm_store_text_get(txn, job, &text);

	if (r < 0)
		return r;
	if (strcmp(text.cause, cause) != 0) {
		free(text.cause);
		text.cause = strdup(cause);
		r = text.cause ? ctm_store_text_put(txn, job, &text) : -ENOMEM;
	}
	ctm_job_text_done(&text);
	return r;
}

/* The cause stays with the job, for `status` and for the error that may end it. */
static int put_cause(struct ctm_txn *txn, struct ctm_job *job, const struct storing *s)
{
	job->cause = s->result->hresult;
	job->cause_ms = s->fold.now.wall_ms;
	return put_cause_text(txn, job->number, s->result->text);
}

/* That an earlier look was short of something was never the job's, and is over. */
static int forget_shortage(struct ctm_txn *txn, struct ctm_job *job)
{
	if (job->cause != CTM_E_OUTOFMEMORY)
		return 0;
	job->cause = 0;
	job->cause_ms = 0;
	return put_cause_text(txn, job->number, "");
}

static int withdraw_one(
	struct ctm_txn *txn, struct ctm_job *job, uint32_t number, const struct ctm_cause *cause)
{
	struct ctm_file file;
	int r = ctm_store_file_get(txn, job->number, number, &file);

	if (r < 0)
		return r;
	r = ctm_job_withdraw(job, &file, cause);
	if (r > 0)
		r = ctm_store_file_put(txn, &file);
	ctm_file_done(&file);
	return r;
}

/* Each finding is aria2's giving up on that file, with its own HRESULT and words. */
static int withdraw(struct ctm_txn *txn, struct ctm_job *job, const struct storing *s)
{
	const struct ctm_look_result *result = s->result;
	struct ctm_cause cause = {
		.hresult = result->hresult,
		.since_ms = s->fold.now.wall_ms,
		.text = result->text,
	};
	int r = 0;

	for (size_t i = 0; r >= 0 && result->all_wrong && i < s->request->n_files; i++)
		r = withdraw_one(txn, job, s->request->files[i].number, &cause);
	for (size_t i = 0; r >= 0 && !result->all_wrong && i < result->n_findings; i++) {
		cause.hresult = result->findings[i].hresult;
		cause.text = result->findings[i].text;
		r = withdraw_one(txn, job, result->findings[i].file, &cause);
	}
	return r;
}

/* Its list may become longer: what is right by the one that is known is not the end. */
static const struct ctm_look_result being_written = {
	.answer = CTM_LOOK_CANNOT_TELL,
	.hresult = CTM_E_BUSY,
	.text = "somebody is writing its sidecar, or has not written it to its end",
};

/* So much longer than its time a job waits for a look that nothing is short for. */
#define PATIENCE_S 3600u

static bool is_over(const struct ctm_job *job, const struct storing *s)
{
	const uint64_t more_s = s->result->error              ? PATIENCE_S
				: s->result == &being_written ? CTM_VERIFY_SIDECAR_S
							      : 0;
	struct ctm_job later = *job;

	if (later.timeout_s)
		later.timeout_s += more_s;
	return ctm_job_time_left_ms(&later, &s->fold.now, s->fold.config->give_up_s + more_s) == 0;
}

/* Past its deadline a job is looked at once more: what can't be told then is told to CTM. */
static int look_again(struct ctm_txn *txn, struct ctm_job *job, struct storing *s)
{
	struct ctm_fold *fold = &s->fold;

	if (is_over(job, s))
		return ctm_failure_end(txn, job, CTM_DECIDED_DEADLINE, fold);
	ctm_job_look_again(job, &fold->now);
	return ctm_store_job_put(txn, job);
}

/* Its message exists; the first attempt is as good as due, unless a person wants a pause before it.
 */
static int succeed(struct ctm_txn *txn, struct ctm_job *job, struct storing *s)
{
	const struct ctm_schedule schedule = ctm_outbox_schedule(s->fold.config);
	const bool at_once = !schedule.n || !schedule.steps_s[0];
	int r = forget_shortage(txn, job);

	if (r == 0)
		r = ctm_outbox_succeed(txn, job, &s->result->totals, &schedule, &s->fold.now);
	if (r < 0 || !s->attempt || !at_once)
		return r;
	return ctm_send_begin(txn, s->fold.config, &s->fold.now, s->attempt);
}

static int store_answer(struct ctm_txn *txn, struct ctm_job *job, struct storing *s)
{
	int r;

	if (s->result->answer == CTM_LOOK_RIGHT)
		return succeed(txn, job, s);
	r = put_cause(txn, job, s);
	if (r == 0 && s->result->answer == CTM_LOOK_CANNOT_TELL)
		return look_again(txn, job, s);
	if (r == 0)
		r = withdraw(txn, job, s);
	if (r == 0)
		r = ctm_store_job_put(txn, job);
	if (r == 0)
		r = ctm_numbers_add(&s->fold.jobs, job->number);
	return r < 0 ? r : ctm_fold_decide(txn, &s->fold);
}

/* Of each job that has the file: none of them hears of it from the kernel any more. */
static int mark_one(struct ctm_txn *txn, const struct ctm_file *found, void *context)
{
	const struct ctm_sight *seen = context;
	struct ctm_file file = *found;
	struct ctm_job job;
	int r = ctm_store_job_get(txn, file.job, &job);

	if (r < 0 || ctm_job_has_ended(&job) || !ctm_job_note_unwritten(&job, &file, seen))
		return r;
	r = ctm_store_file_put(txn, &file);
	return r < 0 ? r : ctm_store_job_put(txn, &job);
}

static int mark(struct ctm_txn *txn, const struct storing *s, size_t at)
{
	struct ctm_sight *seen = &s->result->seen[at];

	return seen->known ? ctm_store_file_by_path(txn, s->request->files[at].path, mark_one, seen)
			   : 0;
}

/* Findings are mostly in the order of the files. */
static size_t find_from(const struct ctm_look_request *request, size_t from, uint32_t number)
{
	for (size_t i = 0; i < request->n_files; i++) {
		const size_t at = (from + i) % request->n_files;

		if (request->files[at].number == number)
			return at;
	}
	return request->n_files;
}

/*
 * What could not be written stays with the files, also where the job has changed meanwhile: it is
 * no finding about the job, and no later look hears of it again. Evidence is not touched: what is
 * there by then may be another file, and the next look compares.
 */
static int mark_unwritten(struct ctm_txn *txn, const struct storing *s)
{
	const struct ctm_look_result *result = s->result;
	const size_t n = result->seen ? s->request->n_files : 0;
	size_t at = 0;
	int r = 0;

	for (size_t i = 0; r == 0 && result->all_wrong && i < n; i++)
		r = mark(txn, s, i);
	for (size_t i = 0; r == 0 && !result->all_wrong && n && i < result->n_findings; i++) {
		if (result->findings[i].hresult != CTM_E_WRITE_FAULT)
			continue;
		at = find_from(s->request, at, result->findings[i].file);
		r = at < n ? mark(txn, s, at) : 0;
	}
	return r;
}

static int judge_sidecar(struct ctm_txn *txn, struct storing *s)
{
	int r;

	if (s->found->answer != CTM_LOOK_RIGHT)
		return 0;
	r = ctm_verify_sidecar_is_being_written(txn, s->request, &s->fold.now);
	if (r > 0)
		s->result = &being_written;
	return r < 0 ? r : 0;
}

static int store_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct storing *s = context;
	struct ctm_job job;
	int r = ctm_store_job_get(txn, s->request->job, &job);

	ctm_fold_again(&s->fold);
	s->result = s->found;
	if (s->attempt)
		ctm_send_attempt_done(s->attempt);
	s->stale = r == -ENOENT || (r == 0 && (job.state != CTM_JOB_VERIFYING ||
						      job.revision != s->request->revision));
	if (r < 0 && !s->stale)
		return ctm_error_set(e, r, "cannot read a job: %s", strerror(-r));
	r = mark_unwritten(txn, s);
	if (r == 0 && !s->stale)
		r = ctm_store_job_get(txn, s->request->job, &job);
	if (r == 0 && !s->stale)
		r = judge_sidecar(txn, s);
	if (r == 0 && !s->stale)
		r = store_answer(txn, &job, s);
	return r < 0 ? ctm_error_set(e, r, "cannot store what a look found: %s", strerror(-r)) : 0;
}

int ctm_verify_store(struct ctm_state *state, const struct ctm_look_request *request,
	struct ctm_look_result *result, struct ctm_send_attempt *attempt, bool *ret_stale,
	struct ctm_error *e)
{
	struct storing s = {
		.request = request,
		.found = result,
		.attempt = attempt,
		.fold = CTM_FOLD_INIT(state->config),
	};
	int r;

	s.fold.now = ctm_clock_now();
	r = ctm_flow_update(state, store_body, &s, e);

	ctm_fold_done(&s.fold);
	/* What is not committed is not begun. */
	if (r < 0 && attempt)
		ctm_send_attempt_done(attempt);
	if (r == 0)
		*ret_stale = s.stale;
	if (r == 0 && s.result == &being_written) {
		result->answer = s.result->answer;
		result->hresult = s.result->hresult;
		snprintf(result->text, sizeof result->text, "%s", s.result->text);
	}
	return r;
}
