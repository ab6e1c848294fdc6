/* SPDX-License-Identifier: MIT */
/* What the facts of a job mean: its state, its end, its progress. */
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "deadline.h"
#include "hresult.h"
#include "world.h"

TestSuite(fold_decide, .init = world_init, .fini = world_done);

#define DONE CTM_EVENT_COMPLETE

static const struct world_file three[] = {{"a", 100, 0x11}, {"b", 60, 0}, {"c", 40, 0}};

static void want_progress(struct ctm_job *job)
{
	job->flags = CTM_FLAG_NOTIFYPROGRESS;
	job->timeout_s = 3600;
	job->chunk_size = 50;
}

static uint32_t add(unsigned id)
{
	uint32_t job = world_add_listed(id, three, 3);

	world_change(job, want_progress);
	return job;
}

/* "DownloadingData" when something was seen of it, then how far it has come, chunk by chunk. */
Test(fold_decide, progress)
{
	uint32_t job = add(1);
	struct ctm_report report = world_report(CTM_REPORT_ACTIVE, 7, "b");
	struct ctm_message m;

	world_fold_one(CTM_EVENT_START, 0x11, 1, "");
	m = world_progress(job);
	cr_assert_not_null(m.source);
	cr_expect_eq(m.kind, CTM_MESSAGE_PROGRESS);
	cr_expect_eq(m.progress_type, CTM_PROGRESS_DOWNLOADING_DATA);
	cr_expect_eq(m.sequence, 1);
	cr_expect_eq(m.bytes_transferred, 0);
	cr_expect_eq(m.bytes_total, 200);
	cr_expect_eq(m.files_total, 3);
	cr_expect_eq(m.files_transferred, 0);
	cr_expect(world_has_work(CTM_WORK_PROGRESS, job));
	cr_expect(world.work);

	world_fold_one(CTM_EVENT_START, 0x11, 1, "");
	cr_expect_eq(world_progress(job).sequence, 1, "once");
	cr_expect_not(world.work);
	report.done = 49;
	world_poll(&report, 1, true);
	cr_expect_eq(world_progress(job).sequence, 1, "less than a chunk");
	report.done = 50;
	world_poll(&report, 1, true);
	m = world_progress(job);
	cr_expect_eq(m.sequence, 2);
	cr_expect_eq(m.progress_type, CTM_PROGRESS_BYTES);
	cr_expect_eq(m.bytes_transferred, 50);
	world_fold_one(DONE, 7, 1, "b");
	cr_expect_eq(world_progress(job).sequence, 2, "60 of which 50 were told");
	world_fold_one(DONE, 8, 1, "c");
	m = world_progress(job);
	cr_expect_eq(m.sequence, 3);
	cr_expect_eq(m.bytes_transferred, 100);
	cr_expect_eq(m.files_transferred, 2);
	cr_expect_eq(world_job(job).bytes_told, 100);
	world_fold_one(DONE, 0x11, 1, "a");
	m = world_progress(job);
	cr_expect_eq(m.sequence, 4);
	cr_expect_eq(m.bytes_transferred, 200);
	cr_expect_eq(world_job(job).state, CTM_JOB_VERIFYING);
}

/* A poll that shows less than was told says nothing; nor does one that shows the same. */
Test(fold_decide, progress_never_goes_back)
{
	uint32_t job = add(1);
	struct ctm_report report = world_report(CTM_REPORT_ACTIVE, 7, "b");

	report.done = 60;
	world_poll(&report, 1, true);
	cr_expect_eq(world_progress(job).sequence, 1);
	cr_expect_eq(world_progress(job).bytes_transferred, 60);
	for (uint64_t done = 60; done > 0; done -= 20) {
		report.done = done;
		world_poll(&report, 1, true);
	}
	cr_expect_eq(world_progress(job).sequence, 1);
	cr_expect_eq(world_job(job).bytes_told, 60);
}

Test(fold_decide, progress_that_nobody_wants)
{
	uint32_t job = world_add_listed(1, three, 3);

	world_fold_one(CTM_EVENT_START, 0x11, 1, "");
	world_fold_one(DONE, 0x11, 1, "a");
	cr_expect_null(world_progress(job).source);
	cr_expect_not(world_has_work(CTM_WORK_PROGRESS, job));
}

static void be_strict(struct ctm_job *job)
{
	job->flags = CTM_FLAG_NOTIFYPROGRESS;
	job->timeout_s = 0;
}

/* The end drops the progress, and none is told with it. */
Test(fold_decide, no_progress_after_the_end)
{
	uint32_t job = add(1);
	const struct ctm_event events[] = {
		world_event(DONE, 7, 1, "b"), world_event(CTM_EVENT_ERROR, 0x11, 1, "")};

	world_change(job, be_strict);
	world_fold(events, 2);
	cr_expect_eq(world_job(job).state, CTM_JOB_FAILED);
	cr_expect_null(world_progress(job).source);
	cr_expect_not(world_has_work(CTM_WORK_PROGRESS, job));
	cr_expect_eq(world_message(job).kind, CTM_MESSAGE_ERROR);
}

static void be_old(struct ctm_job *job)
{
	job->timeout_s = 60;
	job->age_ms = 60000;
}

/* Past its deadline, it fails when something is said of it; complete, it does not. */
Test(fold_decide, deadline)
{
	uint32_t late = world_add_listed(1, three, 3);
	uint32_t complete = world_add_listed(2, three, 2);

	world_change(late, be_old);
	world_change(complete, be_old);
	world_fold_one(CTM_EVENT_START, 0x11, 1, "");
	cr_expect_eq(world_job(late).state, CTM_JOB_OPEN, "a mere note decides nothing");
	world_fold(
		(struct ctm_event[]){world_event(DONE, 0x11, 1, "a"), world_event(DONE, 9, 1, "b")},
		2);
	cr_expect_eq(world_job(late).state, CTM_JOB_FAILED);
	cr_expect_eq(world_message(late).error_code, CTM_E_TIMEOUT);
	cr_expect_not_null(strstr(world_message(late).error_message, "timeout of 60 s"), "%s",
		world_message(late).error_message);
	cr_expect_eq(world_job(complete).state, CTM_JOB_VERIFYING);
	cr_expect(world_has_work(CTM_WORK_VERIFY, complete));
}

static void give_time(struct ctm_job *job)
{
	job->timeout_s = 3600;
}

/* What a look took back opens the job again, or ends it. */
Test(fold_decide, withdrawn)
{
	uint32_t waits = world_add_listed(1, three, 1);
	uint32_t fails = world_add_listed(2, three, 1);
	struct ctm_message m;

	world_change(waits, give_time);
	world_fold_one(DONE, 0x11, 1, "a");
	world_withdraw(waits, 1);
	cr_expect_eq(world_job(waits).state, CTM_JOB_OPEN);
	cr_expect_not(world_has_work(CTM_WORK_VERIFY, waits));
	cr_expect_null(world_message(waits).source);
	world_withdraw(fails, 1);
	cr_expect_eq(world_job(fails).state, CTM_JOB_FAILED);
	cr_expect_not(world_has_work(CTM_WORK_VERIFY, fails));
	m = world_message(fails);
	cr_expect_eq(m.error_code, CTM_E_FAIL);
	cr_expect_not_null(m.error_message);
	cr_expect_null(strstr(m.error_message, "is over"), "no time is over: %s", m.error_message);
}

struct bounding {
	uint64_t set_ms;
	uint64_t boot_ms;
};

static int bound_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct ctm_stamp now = world_now();
	struct bounding *b = context;
	int r = b->set_ms ? ctm_deadline_set(txn, &now, b->set_ms) : 0;

	(void)e;
	return r < 0 ? r : ctm_deadline_get(txn, &now, &b->boot_ms);
}

/* A job of so many files takes long to end: in a hook that is left to the deliverer. */
Test(fold_decide, many_files_in_a_hook)
{
	static struct world_file many[1001];
	static char names[1001][8];
	struct bounding b = {.set_ms = 0};
	uint32_t jobs[2];
	int64_t now_ms;

	for (unsigned i = 0; i < 1001; i++) {
		snprintf(names[i], sizeof names[i], "f%u", i);
		many[i] = (struct world_file){.name = names[i], .gid = 0x11};
	}
	jobs[0] = world_add_listed(1, many, 1001);
	jobs[1] = world_add_listed(2, many + 1, 1000);
	world_update(bound_body, &b);
	cr_assert_eq(b.boot_ms, UINT64_MAX);
	world.in_hook = true;
	now_ms = world_now().wall_ms;
	world_fold_one(CTM_EVENT_ERROR, 0x11, 1, "");
	cr_expect_eq(world_job(jobs[1]).state, CTM_JOB_FAILED);
	cr_expect_not_null(world_message(jobs[1]).source);
	cr_expect_eq(world_job(jobs[0]).state, CTM_JOB_OPEN);
	cr_expect_null(world_message(jobs[0]).source);
	cr_expect_eq(world_job(jobs[0]).files_given_up, 1001, "the facts are noted");
	cr_expect_geq(world_file(jobs[0], 1001).cause_ms, now_ms);
	cr_expect(world.work, "the deliverer is woken");
	cr_expect_eq(world.changed, 1, "that one job has failed is all there is to tell");
	world_update(bound_body, &b);
	cr_expect_leq(b.boot_ms, world_now().boot_ms, "and finds that a time is over");
	world.in_hook = false;
	world.ahead_ms = 5;
	world_fold_one(CTM_EVENT_ERROR, 0x11, 1, "");
	cr_expect_eq(world_job(jobs[0]).state, CTM_JOB_FAILED);
	cr_expect_not_null(world_message(jobs[0]).source);
}

/* Success goes first there too, however many files. */
Test(fold_decide, many_complete_in_a_hook)
{
	uint32_t job = world_add_counted(1, CTM_KIND_TOTALS, "", 2000);

	world.in_hook = true;
	world_fold_one(CTM_EVENT_BT_COMPLETE, 7, 2000, "t/a");
	cr_expect_eq(world_job(job).state, CTM_JOB_VERIFYING);
}

/* While it was looked at nobody saw to its deadline: now somebody has to. */
Test(fold_decide, open_again_before_its_deadline)
{
	uint32_t job = world_add_listed(1, three, 1);
	struct bounding b = {.set_ms = 1};

	world_change(job, give_time);
	world_fold_one(DONE, 0x11, 1, "a");
	cr_assert_eq(world_job(job).state, CTM_JOB_VERIFYING);
	world_update(bound_body, &b);
	b.set_ms = UINT64_MAX;
	world_update(bound_body, &b);
	cr_assert_eq(b.boot_ms, UINT64_MAX);
	world_withdraw(job, 1);
	cr_assert_eq(world_job(job).state, CTM_JOB_OPEN);
	b.set_ms = 0;
	world_update(bound_body, &b);
	cr_expect_leq(b.boot_ms, world_now().boot_ms + 3600000);
	cr_expect_gt(b.boot_ms, world_now().boot_ms + 3500000);
}

static void suspend(struct ctm_job *job)
{
	job->suspended = true;
}

Test(fold_decide, suspended)
{
	uint32_t job = add(1);

	world_change(job, suspend);
	world_fold((struct ctm_event[]){world_event(DONE, 0x11, 1, "a"),
			   world_event(DONE, 9, 1, "b"), world_event(DONE, 9, 1, "c")},
		3);
	cr_expect_eq(world_job(job).files_evident, 3, "facts are noted");
	cr_expect_eq(world_job(job).state, CTM_JOB_OPEN);
	cr_expect_null(world_progress(job).source);
}
