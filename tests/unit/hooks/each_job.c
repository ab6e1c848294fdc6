/* SPDX-License-Identifier: MIT */
#include "each_job.h"

#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include "drain.h"
#include "scratch.h"

TestSuite(each_job, .init = test_enter, .fini = test_leave);

#define ID(n) "3f2504e0-4f89-11d3-9a0c-0305e82c330" n

static char *text(const char *s)
{
	return (char *)(uintptr_t)s;
}

static struct ctm_state *state;
static char visited[200]; /* the names that a visit came with, one after the other */

/* Three open jobs, the last with a content_id. */
static int fill(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	static const char *const ids[] = {ID("1"), ID("2"), ID("3")};
	int r = 0;

	(void)context;
	(void)e;
	for (size_t i = 0; r == 0 && i < 3; i++) {
		struct ctm_job job = {
			.state = CTM_JOB_OPEN, .kind = CTM_KIND_TOTALS, .seen = ctm_clock_now()};
		const struct ctm_job_text words = {
			.id = text(ids[i]), .content_id = text(i == 2 ? "PS" : "")};

		r = ctm_store_job_add(txn, &job, &words);
	}
	return r;
}

static void open_filled(void)
{
	struct ctm_error e = CTM_ERROR_INIT;
	char conf[256];

	snprintf(conf, sizeof conf, "[state]\ndir = %s\n[log]\ntarget = %s\n", test_path("state"),
		test_path("log"));
	test_configure(conf);
	cr_assert_eq(
		ctm_state_open(test_check.config, CTM_STATE_CREATE, &state, &e), 0, "%s", e.text);
	cr_assert_eq(ctm_flow_update(state, fill, NULL, &e), 0, "%s", e.text);
}

static int read_job(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct ctm_job *job = context;

	(void)e;
	return ctm_store_job_get(txn, job->number, job);
}

static struct ctm_job stored(uint32_t number)
{
	struct ctm_job job = {.number = number};

	cr_assert_eq(ctm_flow_read(state, read_job, &job, NULL), 0);
	return job;
}

/* Raises the priority number, and refuses a job that has none higher. */
static int raise_number(struct ctm_txn *txn, struct ctm_named_job *named, struct ctm_fold *fold,
	void *context, struct ctm_error *e)
{
	const int *refused = context;

	strcat(visited, named->name);
	strcat(visited, " ");
	if (refused && *refused == (int)named->job.number)
		return ctm_error_set(e, -EBUSY, "\"%s\" is busy", named->name);
	named->job.priority = CTM_PRIORITY_LOW;
	fold->work = true;
	return ctm_store_job_put(txn, &named->job);
}

static int update(
	const struct ctm_each_job *each, int n, const char *const *names, struct ctm_error *e)
{
	char *copies[8];

	cr_assert_leq(n, 8);
	for (int i = 0; i < n; i++)
		copies[i] = text(names[i]);
	visited[0] = '\0';
	return ctm_each_job_update(state, copies, n, each, e);
}

Test(each_job, once_in_any_form)
{
	const struct ctm_each_job each = {.visit = raise_number};
	const char *const names[] = {"PS", ID("1"), "{" ID("1") "}", ID("3"), "PS"};
	struct ctm_error e = CTM_ERROR_INIT;

	open_filled();
	cr_assert_eq(update(&each, 5, names, &e), 0, "%s", e.text);
	cr_expect_str_eq(visited, "PS " ID("1") " ");
	cr_expect_eq(stored(1).priority, CTM_PRIORITY_LOW);
	cr_expect_eq(stored(2).priority, 0);
	cr_expect_eq(stored(3).priority, CTM_PRIORITY_LOW);
	cr_expect(state->work);
	ctm_state_close(state);
}

Test(each_job, all_or_none)
{
	int refused = 3;
	const struct ctm_each_job each = {.visit = raise_number, .context = &refused};
	const char *const names[] = {ID("1"), "PS", ID("2")};
	const char *const unknown[] = {ID("1"), "none"};
	struct ctm_error e = CTM_ERROR_INIT;

	open_filled();
	cr_expect_eq(update(&each, 3, names, &e), -EBUSY);
	cr_expect_str_eq(e.text, "\"PS\" is busy");
	cr_expect_str_eq(visited, ID("1") " PS ");
	cr_expect_eq(update(&each, 2, unknown, &e), -ENOENT);
	cr_expect(strstr(e.text, "none"));
	cr_expect_eq(stored(1).priority, 0);
	cr_expect_not(state->work);
	ctm_state_close(state);
}

/* Every job is looked at before the first is touched. */
Test(each_job, then)
{
	int refused = 2;
	struct ctm_each_job each = {
		.visit = raise_number, .then = raise_number, .context = &refused};
	const char *const names[] = {ID("1"), ID("2")};
	struct ctm_error e = CTM_ERROR_INIT;

	open_filled();
	cr_expect_eq(update(&each, 2, names, &e), -EBUSY);
	cr_expect_str_eq(visited, ID("1") " " ID("2") " ");
	refused = 0;
	cr_expect_eq(update(&each, 2, names, &e), 0);
	cr_expect_str_eq(visited, ID("1") " " ID("2") " " ID("1") " " ID("2") " ");
	ctm_state_close(state);
}

static bool has_looked;

/* A first transaction can change nothing. */
static int look_then_raise(struct ctm_txn *txn, struct ctm_named_job *named, struct ctm_fold *fold,
	void *context, struct ctm_error *e)
{
	if (has_looked)
		return raise_number(txn, named, fold, context, e);
	strcat(visited, named->name);
	strcat(visited, "? ");
	return 0;
}

static int refuse(void *context, struct ctm_error *e)
{
	(void)context;
	strcat(visited, "between ");
	return ctm_error_set(e, -EBUSY, "not now");
}

static int agree(void *context, struct ctm_error *e)
{
	(void)context;
	(void)e;
	strcat(visited, "between ");
	has_looked = true;
	return stored(1).priority ? -EIO : 0; /* which takes the lock */
}

/* What takes a look elsewhere does it between two transactions. */
Test(each_job, between)
{
	struct ctm_each_job each = {.visit = look_then_raise, .between = refuse};
	const char *const names[] = {ID("1"), ID("2")};
	struct ctm_error e = CTM_ERROR_INIT;

	open_filled();
	cr_expect_eq(update(&each, 2, names, &e), -EBUSY);
	cr_expect_str_eq(e.text, "not now");
	cr_expect_str_eq(visited, ID("1") "? " ID("2") "? between ");
	cr_expect_eq(stored(1).priority, 0);
	each.between = agree;
	cr_expect_eq(update(&each, 2, names, &e), 0);
	cr_expect_str_eq(visited, ID("1") "? " ID("2") "? between " ID("1") " " ID("2") " ");
	cr_expect_eq(stored(1).priority, CTM_PRIORITY_LOW);
	ctm_state_close(state);
}

/* Takes a job out of the store, and its name with it. */
static int drop(struct ctm_txn *txn, struct ctm_named_job *named, struct ctm_fold *fold,
	void *context, struct ctm_error *e)
{
	(void)fold;
	(void)context;
	(void)e;
	strcat(visited, named->name);
	strcat(visited, ". ");
	return ctm_store_job_delete(txn, named->job.number);
}

/* The second time, too, each is visited once, whatever was done to it meanwhile. */
Test(each_job, then_once_in_any_form)
{
	const struct ctm_each_job each = {.visit = raise_number, .then = drop};
	const char *const names[] = {"PS", ID("1"), "PS", "{" ID("3") "}", ID("1")};
	struct ctm_job job = {.number = 3};
	struct ctm_error e = CTM_ERROR_INIT;

	open_filled();
	cr_expect_eq(update(&each, 5, names, &e), 0, "%s", e.text);
	cr_expect_str_eq(visited, "PS " ID("1") " PS. " ID("1") ". ");
	cr_expect_eq(ctm_flow_read(state, read_job, &job, NULL), -ENOENT);
	cr_expect_eq(stored(2).number, 2);
	ctm_state_close(state);
}

static int complete(struct ctm_txn *txn, struct ctm_named_job *named, struct ctm_fold *fold,
	void *context, struct ctm_error *e)
{
	(void)context;
	(void)e;
	named->job.files_total = named->job.files_evident = 1;
	return ctm_store_job_put(txn, &named->job) < 0
		       ? -EIO
		       : ctm_numbers_add(&fold->jobs, named->job.number);
}

/* What a change decides is decided with it. */
Test(each_job, decides)
{
	const struct ctm_each_job each = {.visit = complete};
	const char *const names[] = {ID("2")};

	open_filled();
	cr_expect_eq(update(&each, 1, names, NULL), 0);
	cr_expect_eq(stored(2).state, CTM_JOB_VERIFYING);
	cr_expect(state->work, "a look is wanted");
	ctm_state_close(state);
}

static int fail_without_words(struct ctm_txn *txn, struct ctm_named_job *named,
	struct ctm_fold *fold, void *context, struct ctm_error *e)
{
	(void)txn;
	(void)named;
	(void)fold;
	(void)context;
	(void)e;
	return -ENOSPC;
}

Test(each_job, the_errno_speaks)
{
	const struct ctm_each_job each = {.visit = fail_without_words};
	const char *const names[] = {"PS"};
	struct ctm_error e = CTM_ERROR_INIT;

	open_filled();
	cr_expect_eq(update(&each, 1, names, &e), -ENOSPC);
	cr_expect_str_eq(e.text, "cannot change job \"PS\": No space left on device");
	ctm_state_close(state);
}

Test(each_job, has_ended)
{
	const struct ctm_named_job named = {.name = "PS", .job = {.state = CTM_JOB_CANCELLED}};
	struct ctm_error e = CTM_ERROR_INIT;

	cr_expect_eq(ctm_named_job_has_ended(&named, &e), -EALREADY);
	cr_expect_str_eq(
		e.text, "job \"PS\" has ended, it is cancelled: an end is not changed any more");
}
