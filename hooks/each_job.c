/* SPDX-License-Identifier: MIT */
#include "each_job.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "scan.h"
#include "tell.h"

struct running {
	const struct ctm_each_job *each;
	char *const *names;
	int n;
	struct ctm_numbers visited;
	const char **called;      /* the name of each of them, as it came first */
	struct ctm_numbers ended; /* by a visit */
	struct ctm_fold fold;
	struct ctm_tell tell;
};

static bool holds(const struct ctm_numbers *numbers, uint32_t number)
{
	for (size_t i = 0; i < numbers->n; i++)
		if (numbers->items[i] == number)
			return true;
	return false;
}

static int visit(struct ctm_txn *txn, struct running *run, ctm_job_visitor *visitor,
	struct ctm_named_job *named, struct ctm_error *e)
{
	const bool had_ended = ctm_job_has_ended(&named->job);
	struct ctm_error why = CTM_ERROR_INIT;
	int r = visitor(txn, named, &run->fold, run->each->context, &why);

	if (r < 0)
		return why.code ? ctm_error_set(e, r, "%s", why.text)
				: ctm_error_set(e, r, "cannot change job \"%s\": %s", named->name,
					  strerror(-r));
	if (had_ended || !ctm_job_has_ended(&named->job))
		return 0;
	r = ctm_numbers_add(&run->ended, named->job.number);
	return r < 0 ? ctm_error_set(e, r, "cannot say that job \"%s\" has ended: %s", named->name,
			       strerror(-r))
		     : 0;
}

static int visit_number(struct ctm_txn *txn, struct running *run, ctm_job_visitor *visitor,
	const char *name, uint32_t number, struct ctm_error *e)
{
	struct ctm_named_job named = {.name = name};
	int r = ctm_store_job_get(txn, number, &named.job);

	if (r == 0)
		r = ctm_store_text_get(txn, number, &named.text);
	if (r < 0)
		return ctm_error_set(e, r, "cannot read job \"%s\": %s", name, strerror(-r));
	r = visit(txn, run, visitor, &named, e);
	ctm_job_text_done(&named.text);
	return r;
}

static int visit_named(
	struct ctm_txn *txn, struct running *run, const char *name, struct ctm_error *e)
{
	uint32_t number;
	int r = ctm_command_find_job(txn, name, &number, e);

	if (r < 0 || holds(&run->visited, number))
		return r;
	r = ctm_numbers_add(&run->visited, number);
	if (r < 0)
		return ctm_error_set(e, r, "cannot read job \"%s\": %s", name, strerror(-r));
	run->called[run->visited.n - 1] = name;
	r = visit_number(txn, run, run->each->visit, name, number, e);
	if (r == 0 && run->each->deed)
		ctm_remarks_add(&run->fold.remarks, CTM_LOG_INFO, number, 0, 0, "%s by hand",
			run->each->deed);
	return r;
}

static int visit_all(struct ctm_txn *txn, struct running *run, struct ctm_error *e)
{
	int r = 0;

	run->visited.n = 0;
	for (int i = 0; r == 0 && i < run->n; i++)
		r = visit_named(txn, run, run->names[i], e);
	return r;
}

/* By their numbers: what was visited may be gone, and then another job has its name. */
static int visit_again(struct ctm_txn *txn, struct running *run, struct ctm_error *e)
{
	int r = 0;

	for (size_t i = 0; run->each->then && r == 0 && i < run->visited.n; i++)
		r = visit_number(
			txn, run, run->each->then, run->called[i], run->visited.items[i], e);
	return r;
}

static int decide(struct ctm_txn *txn, struct running *run)
{
	int r = ctm_fold_decide(txn, &run->fold);

	for (size_t i = 0; r == 0 && i < run->ended.n; i++)
		r = ctm_numbers_add(&run->fold.jobs, run->ended.items[i]);
	return r < 0 ? r : ctm_tell_gather(txn, &run->fold.jobs, &run->tell);
}

static int look_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct running *run = context;

	ctm_fold_again(&run->fold);
	run->ended.n = 0;
	return visit_all(txn, run, e);
}

static int body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct running *run = context;
	int r = look_body(txn, run, e);

	/* What comes then may be that the job goes, and its name with it. */
	if (r == 0) {
		r = ctm_remarks_resolve(txn, &run->fold.remarks);
		if (r < 0)
			ctm_error_set(e, r, "cannot read what jobs are called: %s", strerror(-r));
	}
	if (r == 0)
		r = visit_again(txn, run, e);
	if (r < 0)
		return r;
	r = decide(txn, run);
	return r < 0 ? ctm_error_set(
			       e, r, "cannot decide what became of the jobs: %s", strerror(-r))
		     : 0;
}

static int look_between(struct ctm_state *state, struct running *run, struct ctm_error *e)
{
	int r = ctm_flow_read(state, look_body, run, e);

	return r < 0 ? r : run->each->between(run->each->context, e);
}

int ctm_each_job_update(struct ctm_state *state, char *const *names, int n,
	const struct ctm_each_job *each, struct ctm_error *e)
{
	struct running run = {
		.each = each, .names = names, .n = n, .fold = CTM_FOLD_INIT(state->config)};
	struct ctm_scan scan = {0};
	int r = each->scan ? ctm_scan(state, &scan, e) : 0;

	run.fold.now = ctm_clock_now();
	run.called = calloc((size_t)n, sizeof *run.called);
	if (r == 0 && !run.called)
		r = ctm_error_set(e, -ENOMEM, "cannot list the jobs: %s", strerror(ENOMEM));
	if (r == 0 && each->between)
		r = look_between(state, &run, e);
	if (r == 0)
		r = ctm_flow_update(state, body, &run, e);
	if (r == 0) {
		state->work |= run.fold.work;
		ctm_remarks_log(&run.fold.remarks);
		ctm_tell_log(&run.tell);
	}
	ctm_tell_done(&run.tell);
	ctm_fold_done(&run.fold);
	ctm_numbers_done(&run.ended);
	ctm_numbers_done(&run.visited);
	free(run.called);
	return r;
}

/* What of it was done all the same. */
static void say_what_is_done(const struct ctm_each_job *each, int n, struct ctm_error *e)
{
	const struct ctm_removed *removed = each->removed;
	const char *last = removed && removed->last ? removed->last : "a sidecar";

	if (removed && removed->n > 1)
		ctm_error_wrap(e, "no job is %s, but %zu sidecars are removed, the last \"%s\"",
			each->deed, removed->n, last);
	else if (removed && removed->n)
		ctm_error_wrap(e, "no job is %s, but \"%s\" is removed", each->deed, last);
	else if (n > 1)
		ctm_error_wrap(e, "nothing is done to any of them");
}

int ctm_each_job(const struct ctm_command *command, char *const *names, int n,
	const struct ctm_each_job *each)
{
	struct ctm_error e = CTM_ERROR_INIT;
	struct ctm_session session;
	const struct ctm_enclosing enclosing = {0};
	int r;

	if (n < 1)
		return ctm_command_usage(command, "no JOB is named");
	/* What is to be removed is known only by then. */
	r = ctm_session_open(&session, CTM_STATE_LOOK, each->removed ? NULL : &enclosing);
	if (r)
		return r;
	r = ctm_each_job_update(session.state, names, n, each, &e);
	ctm_session_close(&session);
	if (r == 0)
		return CTM_EXIT_DONE;
	ctm_error_of(&e, r);
	say_what_is_done(each, n, &e);
	return ctm_command_fail(&e, r);
}

int ctm_named_job_has_ended(const struct ctm_named_job *named, struct ctm_error *e)
{
	return ctm_error_set(e, -EALREADY,
		"job \"%s\" has ended, it is %s: an end is not changed any more", named->name,
		ctm_job_state_name(named->job.state));
}
