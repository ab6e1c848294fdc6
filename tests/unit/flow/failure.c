/* SPDX-License-Identifier: MIT */
#include "failure.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "hresult.h"
#include "utf.h"
#include "world.h"

TestSuite(failure, .init = world_init, .fini = world_done);

static const struct world_file four[] = {{"a", 0, 0}, {"b", 0, 0}, {"c", 0, 0}, {"d", 0, 0}};

struct noting {
	uint32_t job;
	uint32_t file;
	struct ctm_cause cause;
	bool given_up;
	bool evident;
};

static int note_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct noting *n = context;
	struct ctm_file file;
	struct ctm_job job;

	(void)e;
	cr_assert_eq(ctm_store_job_get(txn, n->job, &job), 0);
	cr_assert_eq(ctm_store_file_get(txn, n->job, n->file, &file), 0);
	if (n->cause.hresult)
		cr_assert_eq(ctm_job_note_cause(&job, &file, &n->cause, n->given_up), 1);
	if (n->evident)
		cr_assert(ctm_job_note_evidence(&job, &file));
	cr_assert_eq(ctm_store_file_put(txn, &file), 0);
	ctm_file_done(&file);
	return ctm_store_job_put(txn, &job);
}

/* Something went wrong with file 1 to 4 at that moment. */
static void note(uint32_t job, uint32_t file, uint32_t hresult, int64_t since_ms, const char *text)
{
	struct noting n = {job, file, {hresult, since_ms, text}, false, false};

	world_update(note_body, &n);
}

static void give_up(
	uint32_t job, uint32_t file, uint32_t hresult, int64_t since_ms, const char *text)
{
	struct noting n = {job, file, {hresult, since_ms, text}, true, false};

	world_update(note_body, &n);
}

static void arrive(uint32_t job, uint32_t file)
{
	struct noting n = {.job = job, .file = file, .evident = true};

	world_update(note_body, &n);
}

struct ending {
	uint32_t job;
	enum ctm_decision decision;
	struct ctm_fold fold;
	int r;
};

static int end_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct ending *x = context;
	struct ctm_job job;

	(void)e;
	cr_assert_eq(ctm_store_job_get(txn, x->job, &job), 0);
	ctm_fold_again(&x->fold);
	x->r = ctm_failure_end(txn, &job, x->decision, &x->fold);
	return 0;
}

static int try_end(uint32_t job, enum ctm_decision decision)
{
	struct ending x = {.job = job,
		.decision = decision,
		.fold = {.config = world.config, .now = world_now()}};

	world_update(end_body, &x);
	cr_expect(x.fold.work || x.r < 0);
	ctm_fold_done(&x.fold);
	return x.r;
}

static struct ctm_message end(uint32_t job, enum ctm_decision decision)
{
	struct ctm_message m;

	cr_assert_eq(try_end(job, decision), 0);
	m = world_message(job);
	cr_assert_not_null(m.error_message);
	cr_expect_eq(m.kind, CTM_MESSAGE_ERROR);
	cr_expect_eq(world_job(job).state, CTM_JOB_FAILED);
	cr_expect_eq(world_job(job).cause, m.error_code);
	cr_expect_str_eq(world_text(job).cause, m.error_message);
	cr_expect(world_has_work(CTM_WORK_SEND, job));
	return m;
}

static void give_time(struct ctm_job *job)
{
	job->timeout_s = 60;
}

static uint32_t add(unsigned id)
{
	uint32_t job = world_add_listed(id, four, 4);

	world_change(job, give_time);
	return job;
}

/* The latest cause of a file that is missing; what is there has none. */
Test(failure, latest_of_what_is_missing)
{
	uint32_t job = add(1);
	struct ctm_message m;

	note(job, 1, CTM_E_FAIL, 1000, "first");
	note(job, 2, CTM_E_TIMEOUT, 3000, "last");
	note(job, 3, CTM_E_DISK_FULL, 2000, "second");
	note(job, 4, CTM_E_HASH_VALUE, 9000, "of what is there");
	arrive(job, 4);
	m = end(job, CTM_DECIDED_DEADLINE);
	cr_expect_eq(m.error_code, CTM_E_TIMEOUT);
	cr_expect_str_eq(
		m.error_message, "last; the timeout of 60 s is over, 1 of 4 files had arrived");
}

/* At the same time: the same one, whatever its place. */
Test(failure, two_at_the_same_time)
{
	static const struct {
		uint32_t first, second;
	} orders[] = {{1, 2}, {2, 1}};

	for (unsigned i = 0; i < 2; i++) {
		uint32_t job = add(i + 1);

		note(job, orders[i].first, CTM_E_FAIL, 1000, "small");
		note(job, orders[i].second, CTM_E_HASH_VALUE, 1000, "great");
		cr_expect_eq(end(job, CTM_DECIDED_DEADLINE).error_code, CTM_E_HASH_VALUE);
	}
}

/* A job that gives up does so because of a file that was given up. */
Test(failure, given_up)
{
	uint32_t job = world_add_listed(1, four, 4);
	struct ctm_message m;

	give_up(job, 1, CTM_E_HTTP(404), 1000, "\"a\": not found");
	give_up(job, 2, CTM_E_HTTP(403), 2000, "\"b\": forbidden");
	note(job, 3, CTM_E_CANCELLED, 3000, "\"c\": removed");
	give_up(job, 4, CTM_E_DISK_FULL, 4000, "\"d\": no room");
	arrive(job, 4);
	m = end(job, CTM_DECIDED_GIVE_UP);
	cr_expect_eq(m.error_code, CTM_E_HTTP(403));
	cr_expect_str_eq(m.error_message, "\"b\": forbidden", "and no word of a deadline");
}

/* Nothing is known: which file is missing, and how long it was waited for. */
Test(failure, nothing_is_known)
{
	uint32_t job = add(1);
	struct ctm_message m;
	char *want = NULL;

	arrive(job, 1);
	m = end(job, CTM_DECIDED_DEADLINE);
	cr_expect_eq(m.error_code, CTM_E_TIMEOUT);
	cr_assert_geq(asprintf(&want,
			      "the timeout of 60 s is over, 1 of 4 files had arrived; missing: "
			      "\"%s\" and 2 more: see that aria2 downloads it, and that its hooks "
			      "are set",
			      world_path("b")),
		0);
	cr_expect_str_eq(m.error_message, want);
	free(want);
}

Test(failure, the_last_one)
{
	uint32_t job = world_add_listed(1, four, 1);
	struct ctm_message m = end(job, CTM_DECIDED_DEADLINE);

	cr_expect_eq(m.error_code, CTM_E_TIMEOUT);
	cr_expect_not_null(strstr(m.error_message, "the time to give up of 604800 s is over"), "%s",
		m.error_message);
	cr_expect_null(strstr(m.error_message, "more"), "%s", m.error_message);
	cr_expect_not_null(strstr(m.error_message, world_path("a")));
}

/* Totals and single jobs have no list: nothing can be named. */
Test(failure, counted)
{
	uint32_t totals = world_add_counted(1, CTM_KIND_TOTALS, "t", 5);
	uint32_t single = world_add_counted(2, CTM_KIND_SINGLE, "u", 0);
	struct ctm_message m;

	world_fold_one(CTM_EVENT_COMPLETE, 1, 2, "t/a");
	m = end(totals, CTM_DECIDED_DEADLINE);
	cr_expect_eq(m.error_code, CTM_E_TIMEOUT);
	cr_expect_not_null(strstr(m.error_message, "is over, 2 of 5 files had arrived: see"), "%s",
		m.error_message);
	m = end(single, CTM_DECIDED_DEADLINE);
	cr_expect_not_null(strstr(m.error_message, "is over, 0 files had arrived: see"), "%s",
		m.error_message);
}

static int cause_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct ctm_job_text text;
	int r = ctm_store_text_get(txn, *(const uint32_t *)context, &text);

	(void)e;
	cr_assert_eq(r, 0);
	free(text.cause);
	text.cause = strdup("\"a\": cannot be read");
	r = ctm_store_text_put(txn, *(const uint32_t *)context, &text);
	ctm_job_text_done(&text);
	return r;
}

static void cannot_tell(struct ctm_job *job)
{
	job->timeout_s = 60;
	job->cause = CTM_E_ACCESSDENIED;
}

/* Everything is there, and the look can't tell: what it said is with the job. */
Test(failure, verifying)
{
	uint32_t jobs[] = {world_add_listed(1, four, 1), world_add_listed(2, four, 1)};
	struct ctm_message m;

	for (int i = 0; i < 2; i++) {
		note(jobs[i], 1, CTM_E_HASH_VALUE, 1000, "of what is there");
		world_fold_one(CTM_EVENT_COMPLETE, 1, 1, "a");
		cr_assert_eq(world_job(jobs[i]).state, CTM_JOB_VERIFYING);
	}
	world_change(jobs[0], cannot_tell);
	world_update(cause_body, &jobs[0]);
	m = end(jobs[0], CTM_DECIDED_DEADLINE);
	cr_expect_eq(m.error_code, CTM_E_ACCESSDENIED);
	cr_expect_str_eq(m.error_message,
		"\"a\": cannot be read; the timeout of 60 s is over, 1 of 1 files had arrived");
	cr_expect_not(world_has_work(CTM_WORK_VERIFY, jobs[0]));
	m = end(jobs[1], CTM_DECIDED_DEADLINE);
	cr_expect_eq(m.error_code, CTM_E_TIMEOUT, "no look was made yet");
	cr_expect_eq(strncmp(m.error_message, "the time to give up", 19), 0, "%s", m.error_message);
}

/* A look that found something wrong: that, and not what time it is. */
Test(failure, verifying_and_withdrawn)
{
	uint32_t job = world_add_listed(1, four, 1);
	struct ctm_message m;

	world_fold_one(CTM_EVENT_COMPLETE, 1, 1, "a");
	world_withdraw(job, 1);
	m = world_message(job);
	cr_expect_eq(m.error_code, CTM_E_FAIL);
	cr_expect_str_eq(m.error_message, "it is wrong");
}

static const char *missing_of(const char *name, const char *more)
{
	static char text[4096];

	snprintf(text, sizeof text, "\"%s\" is missing%s", world_path(name), more);
	return text;
}

/* What schema 1 wrote has a cause without words. */
Test(failure, cause_without_words)
{
	uint32_t jobs[] = {add(1), world_add_listed(2, four, 4)};
	struct ctm_message m;

	note(jobs[0], 1, CTM_E_HASH_VALUE, 1000, "");
	m = end(jobs[0], CTM_DECIDED_DEADLINE);
	cr_expect_eq(m.error_code, CTM_E_HASH_VALUE);
	cr_expect_str_eq(m.error_message, missing_of("a", "; the timeout of 60 s is over, 0 of 4 "
							  "files had arrived"));
	give_up(jobs[1], 1, CTM_E_FAIL, 1000, "");
	m = end(jobs[1], CTM_DECIDED_GIVE_UP);
	cr_expect_str_eq(m.error_message, missing_of("a", ""), "never empty");
}

/* Whatever a name or an answer holds, CTM gets valid UTF-8 in one line. */
Test(failure, text_of_any_bytes)
{
	uint32_t job = world_add_listed(1, four, 1);
	struct ctm_message m;

	give_up(job, 1, CTM_E_FAIL, 1000, "one\ntwo\x1b[31m \xff\xc3 caf\xc3\xa9");
	m = end(job, CTM_DECIDED_GIVE_UP);
	cr_expect(ctm_utf8_valid(m.error_message, strlen(m.error_message)));
	cr_expect_null(strchr(m.error_message, '\n'));
	cr_expect_null(strchr(m.error_message, '\x1b'));
	cr_expect_not_null(strstr(m.error_message, "one\\ntwo"), "%s", m.error_message);
	cr_expect_not_null(strstr(m.error_message, "caf\xc3\xa9"), "%s", m.error_message);
}

/* A path as long as one can be is cut, and not within a character. */
Test(failure, long_text)
{
	static char name[8001];
	const struct world_file one[] = {{name, 0, 0}};
	struct ctm_message m;

	for (size_t i = 0; i + 2 < sizeof name; i += 2)
		memcpy(name + i, "\xc3\xa9", 3);
	m = end(world_add_listed(1, one, 1), CTM_DECIDED_DEADLINE);
	cr_expect(ctm_utf8_valid(m.error_message, strlen(m.error_message)));
	cr_expect_leq(strlen(m.error_message), 2 * CTM_ERROR_TEXT + 3);
	cr_expect_str_eq(m.error_message + strlen(m.error_message) - 3, "...");
}

/* The first end stands. */
Test(failure, once)
{
	uint32_t job = add(1);
	struct ctm_message m = end(job, CTM_DECIDED_DEADLINE);

	cr_expect_eq(try_end(job, CTM_DECIDED_GIVE_UP), -EALREADY);
	cr_expect_eq(try_end(job, CTM_DECIDED_DEADLINE), -EALREADY);
	cr_expect_str_eq(world_message(job).error_message, m.error_message);
}
