/* SPDX-License-Identifier: MIT */
#include "tell.h"

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "log.h"
#include "world.h"

TestSuite(tell, .init = world_init, .fini = world_done);

static const struct world_file two[] = {{"a", 0, 0}, {"b", 0, 0}};

struct telling {
	struct ctm_numbers jobs;
	struct ctm_tell tell;
	int r;
};

static int gather_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct telling *t = context;

	(void)e;
	/* A body can run again. */
	cr_expect_eq(ctm_tell_gather(txn, &t->jobs, &t->tell), 0);
	t->r = ctm_tell_gather(txn, &t->jobs, &t->tell);
	return 0;
}

static void gather(struct telling *t, const uint32_t *jobs, size_t n)
{
	for (size_t i = 0; i < n; i++)
		cr_assert_eq(ctm_numbers_add(&t->jobs, jobs[i]), 0);
	world_update(gather_body, t);
	cr_assert_eq(t->r, 0);
}

static void done(struct telling *t)
{
	ctm_tell_done(&t->tell);
	ctm_tell_done(&t->tell);
	ctm_numbers_done(&t->jobs);
}

/* What the log has; lives until world_done(). */
static const char *log_text(void)
{
	static char text[65536];
	FILE *f;
	size_t n;

	ctm_log_done();
	f = fopen(scratch_path("log"), "r");
	if (!f)
		return "";
	n = fread(text, 1, sizeof text - 1, f);
	fclose(f);
	text[n] = '\0';
	return text;
}

static const char *has(const char *text, const char *part)
{
	return strstr(text, part);
}

Test(tell, a_line_for_each)
{
	struct telling t = {.r = 0};
	uint32_t jobs[] = {world_add_listed(1, two, 2), world_add_listed(2, two, 1),
		world_add_counted(3, CTM_KIND_SINGLE, "t", 0)};
	struct ctm_event error = world_event(CTM_EVENT_ERROR, 8, 1, "b");
	const char *text;

	error.sight.absent = true;
	world_fold_one(CTM_EVENT_COMPLETE, 7, 1, "a");
	world_fold_one(CTM_EVENT_COMPLETE, 7, 3, "t/x");
	world_fold(&error, 1);
	cr_assert_eq(world_job(jobs[0]).state, CTM_JOB_FAILED);
	gather(&t, jobs, 3);
	cr_assert_eq(t.tell.n, 3);
	ctm_log_done();
	ctm_log_setup("test", scratch_path("log"), CTM_LOG_TEXT, CTM_LOG_INFO, NULL);
	ctm_tell_log(&t.tell);
	text = log_text();
	cr_expect(has(text, world_id(1)) && has(text, world_id(2)) && has(text, world_id(3)), "%s",
		text);
	cr_expect(has(text, "job has failed, E_FAIL: "), "%s", text);
	cr_expect(has(text, world_path("b")), "%s", text);
	cr_expect(has(text, "1 of 1 files have arrived: job is verifying"), "%s", text);
	cr_expect(has(text, "3 of 3 files have arrived: job is verifying"), "%s", text);
	done(&t);
}

/* At the level of warnings only what failed is said; below that nothing is even gathered. */
Test(tell, levels)
{
	struct telling t = {.r = 0};
	uint32_t jobs[] = {world_add_listed(1, two, 1)};
	const char *text;

	world_fold_one(CTM_EVENT_COMPLETE, 7, 1, "a");
	ctm_log_setup("test", scratch_path("log"), CTM_LOG_TEXT, CTM_LOG_WARNING, NULL);
	gather(&t, jobs, 1);
	ctm_tell_log(&t.tell);
	text = log_text();
	cr_expect_null(has(text, "arrived"), "%s", text);
	ctm_log_setup("test", scratch_path("log"), CTM_LOG_TEXT, CTM_LOG_ERROR, NULL);
	gather(&t, jobs, 1);
	cr_expect_eq(t.tell.n, 0);
	done(&t);
}

Test(tell, nothing)
{
	struct telling t = {.r = 0};

	gather(&t, NULL, 0);
	cr_expect_eq(t.tell.n, 0);
	ctm_tell_log(&t.tell);
	done(&t);
}

static int missing_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct telling *t = context;

	(void)e;
	t->r = ctm_tell_gather(txn, &t->jobs, &t->tell);
	return 0;
}

/* A job that is not there: no line is half built. */
Test(tell, no_such_job)
{
	struct telling t = {.r = 0};
	uint32_t job = world_add_listed(1, two, 1);

	cr_assert_eq(ctm_numbers_add(&t.jobs, job), 0);
	cr_assert_eq(ctm_numbers_add(&t.jobs, job + 1), 0);
	world_update(missing_body, &t);
	cr_expect_lt(t.r, 0);
	cr_expect_eq(t.tell.n, 1);
	done(&t);
}

/* Very many at once are not told one by one. */
Test(tell, limit)
{
	struct telling t = {.r = 0};
	uint32_t job = world_add_listed(1, two, 1);
	uint32_t other = world_add_listed(2, two, 1);
	const uint32_t both[] = {job, other};

	for (int i = 0; i < 600; i++)
		for (int k = 0; k < 2; k++)
			cr_assert_eq(ctm_numbers_add(&t.jobs, both[k]), 0);
	gather(&t, NULL, 0);
	cr_expect_eq(t.tell.n, 1000);
	done(&t);
}
