/* SPDX-License-Identifier: MIT */
#include "fold.h"

#include <errno.h>

#include <criterion/criterion.h>

#include "world.h"

TestSuite(fold, .init = world_init, .fini = world_done);

#define DONE CTM_EVENT_COMPLETE
#define BT_DONE CTM_EVENT_BT_COMPLETE

static const struct world_file two[] = {{"setup.exe", 100, 0}, {"sub/data.cab", 0, 0}};

/* With a deadline of its own a job waits for the download to be added again. */
static void give_time(struct ctm_job *job)
{
	job->timeout_s = 3600;
}

Test(fold, by_path)
{
	uint32_t job = world_add_listed(1, two, 2);

	cr_expect_eq(world_fold_one(DONE, 7, 1, "setup.exe"), 1);
	cr_expect(world_file(job, 1).evident);
	cr_expect_not(world_file(job, 2).evident);
	cr_expect_eq(world_job(job).files_evident, 1);
	cr_expect_eq(world_job(job).bytes_evident, 100);
	cr_expect_eq(world_job(job).state, CTM_JOB_OPEN);
	cr_expect_not(world_has_work(CTM_WORK_VERIFY, job));

	cr_expect_eq(world_fold_one(BT_DONE, 8, 1, "sub/data.cab"), 1);
	cr_expect_eq(world_job(job).state, CTM_JOB_VERIFYING);
	cr_expect(world_has_work(CTM_WORK_VERIFY, job));
	cr_expect_eq(world_message(job).source, NULL, "nothing is said before the last look");
}

Test(fold, again_changes_nothing)
{
	uint32_t job = world_add_listed(1, two, 2);
	const struct ctm_event event = world_event(DONE, 7, 1, "setup.exe");
	uint32_t revision;

	world_fold(&event, 1);
	revision = world_job(job).revision;
	for (int i = 0; i < 3; i++)
		cr_expect_eq(world_fold(&event, 1), 1);
	cr_expect_eq(world_job(job).files_evident, 1);
	cr_expect_eq(world_job(job).revision, revision);
}

Test(fold, no_evidence)
{
	uint32_t job = world_add_listed(1, two, 1);
	static const enum ctm_event_type words[] = {
		CTM_EVENT_START, CTM_EVENT_PAUSE, CTM_EVENT_STOP};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		cr_expect_eq(world_fold_one(words[i], 7, 1, "setup.exe"), 0,
			"%s: a path alone claims nothing", ctm_event_hook_name(words[i]));
	world_change(job, give_time);
	cr_expect_eq(world_fold_one(CTM_EVENT_ERROR, 7, 1, "setup.exe"), 1, "it is a cause");
	cr_expect_eq(world_fold_one(DONE, 7, 0, "setup.exe"), 0, "metadata");
	cr_expect_eq(world_fold_one(DONE, 7, 1, ""), 0, "no path");
	cr_expect_eq(world_fold_one(DONE, 7, 1, "setup.1.exe"), 0, "another name");
	cr_expect_eq(world_fold_one(DONE, 7, 1, "setup.exe.aria2"), 0);
	cr_expect_eq(world_fold_one(DONE, 7, 1, "Setup.exe"), 0);
	cr_expect_eq(world_job(job).files_evident, 0);
	cr_expect_eq(world_file(job, 1).events, 1u << CTM_EVENT_START, "a start is noted");
	cr_expect_eq(world_job(job).state, CTM_JOB_OPEN);
}

Test(fold, gid)
{
	static const struct world_file files[] = {{"a", 0, 0x11}, {"b", 0, 0x22}};
	uint32_t job = world_add_listed(1, files, 2);

	world_change(job, give_time);
	cr_expect_eq(world_fold_one(CTM_EVENT_START, 0x11, 1, ""), 0);
	cr_expect_eq(world_fold_one(CTM_EVENT_ERROR, 0x11, 1, "a"), 1);
	cr_expect_eq(world_file(job, 1).events, 1u << CTM_EVENT_START | 1u << CTM_EVENT_ERROR);
	cr_expect_eq(world_fold_one(DONE, 0x99, 1, "a"), 0);
	cr_expect_not(world_file(job, 1).evident, "another gid's word");
	cr_expect_eq(world_fold_one(DONE, 0, 1, "a"), 0);
	cr_expect_not(world_file(job, 1).evident, "nobody's word");
	cr_expect_eq(world_fold_one(DONE, 0x22, 1, "a"), 0);
	cr_expect_not(world_file(job, 1).evident, "the word of the other file's gid");
	cr_expect_not(world_file(job, 2).evident, "its own gid brought another file");
	cr_expect_eq(world_fold_one(DONE, 0x11, 1, "elsewhere/a"), 0);
	cr_expect_not(world_file(job, 1).evident, "the right gid, another path");
	cr_expect_eq(world_fold_one(DONE, 0x11, 1, "a"), 1);
	cr_expect(world_file(job, 1).evident);
	cr_expect_eq(world_job(job).files_evident, 1);
}

Test(fold, every_open_job_that_lists_it)
{
	uint32_t first = world_add_listed(1, two, 2);
	uint32_t second = world_add_listed(2, two, 1);
	uint32_t whole = world_add_counted(3, CTM_KIND_TOTALS, "", 5);

	cr_expect_eq(world_fold_one(DONE, 7, 1, "setup.exe"), 1);
	cr_expect_eq(world_job(first).files_evident, 1);
	cr_expect_eq(world_job(second).state, CTM_JOB_VERIFYING);
	cr_expect_eq(world_job(whole).files_evident, 1);
}

Test(fold, totals)
{
	uint32_t job = world_add_counted(1, CTM_KIND_TOTALS, "c", 4);

	cr_expect_eq(world_fold_one(DONE, 1, 1, "c/a"), 1);
	cr_expect_eq(world_fold_one(DONE, 2, 1, "c/a"), 1, "the same file once more");
	cr_expect_eq(world_job(job).files_evident, 1);
	cr_expect_eq(world_fold_one(DONE, 3, 1, "c"), 0, "nothing lies below itself");
	cr_expect_eq(world_fold_one(DONE, 3, 1, "cc/a"), 0);
	cr_expect_eq(world_fold_one(DONE, 3, 1, "a"), 0);
	cr_expect_eq(world_fold_one(DONE, 3, 0, "c/meta"), 0);
	world_change(job, give_time);
	cr_expect_eq(world_fold_one(CTM_EVENT_ERROR, 3, 1, "c/b"), 1, "it is a cause");
	cr_expect_eq(world_fold_one(DONE, 3, 1, "c/x.torrent"), 0, "a description is no file");
	cr_expect_eq(world_fold_one(DONE, 3, 1, "c/x.METALINK"), 0);
	cr_expect_eq(world_fold_one(DONE, 3, 1, "c/x.meta4"), 0);
	cr_expect_eq(world_job(job).files_evident, 1);
	cr_expect_eq(world_fold_one(DONE, 4, 1, "c/deep/er/b"), 1);
	cr_expect_eq(world_job(job).files_evident, 2);
	cr_expect_eq(world_job(job).state, CTM_JOB_OPEN);
	cr_expect_eq(world_fold_one(BT_DONE, 5, 2, "c/t/a"), 1, "a torrent counts its files");
	cr_expect_eq(world_job(job).files_evident, 4);
	cr_expect_eq(world_job(job).state, CTM_JOB_VERIFYING);
}

/* aria2 restarted with another selection of a torrent's files: the most counts. */
Test(fold, count_of_a_torrent_grows)
{
	uint32_t job = world_add_counted(1, CTM_KIND_TOTALS, "", 6);

	world_fold_one(BT_DONE, 5, 3, "t/a");
	world_fold_one(BT_DONE, 5, 2, "t/a");
	cr_expect_eq(world_job(job).files_evident, 3);
	world_fold_one(BT_DONE, 5, 6, "t/a");
	cr_expect_eq(world_job(job).files_evident, 6);
	cr_expect_eq(world_job(job).state, CTM_JOB_VERIFYING);
}

Test(fold, single)
{
	uint32_t job = world_add_counted(1, CTM_KIND_SINGLE, "c", 0);

	cr_expect_eq(world_fold_one(DONE, 1, 1, "c/x.torrent"), 0);
	cr_expect_eq(world_job(job).state, CTM_JOB_OPEN);
	cr_expect_eq(world_fold_one(BT_DONE, 1, 20, "c/t/a"), 1);
	cr_expect_eq(world_job(job).state, CTM_JOB_VERIFYING);
	cr_expect_eq(world_job(job).files_evident, 20);
}

static int end_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct ctm_stamp now = ctm_clock_now();
	struct ctm_job job;

	(void)e;
	cr_assert_eq(ctm_store_job_get(txn, *(const uint32_t *)context, &job), 0);
	cr_assert_eq(ctm_job_end(&job, CTM_JOB_CANCELLED, &now), 0);
	return ctm_store_job_put(txn, &job);
}

Test(fold, ended_jobs_claim_nothing)
{
	static const struct world_file files[] = {{"a", 0, 0x11}, {"b", 0, 0}};
	uint32_t jobs[] = {world_add_listed(1, files, 2),
		world_add_counted(2, CTM_KIND_TOTALS, "", 2),
		world_add_counted(3, CTM_KIND_SINGLE, "", 0)};

	for (int i = 0; i < 3; i++)
		world_update(end_body, &jobs[i]);
	cr_expect_eq(world_fold_one(DONE, 0x11, 1, "a"), 0);
	cr_expect_eq(world_fold_one(DONE, 0x12, 1, "b"), 0);
	cr_expect_eq(world_fold_one(BT_DONE, 0x11, 2, "a"), 0);
	for (int i = 0; i < 3; i++) {
		cr_expect_eq(world_job(jobs[i]).files_evident, 0);
		cr_expect_eq(world_job(jobs[i]).state, CTM_JOB_CANCELLED);
	}
}

/* One that is here twice is decided once, after all of its events. */
Test(fold, decides_after_all)
{
	uint32_t job = world_add_listed(1, two, 2);
	const struct ctm_event events[] = {world_event(DONE, 1, 1, "setup.exe"),
		world_event(DONE, 1, 1, "setup.exe"), world_event(DONE, 2, 1, "nobody's"),
		world_event(DONE, 2, 1, "sub/data.cab")};

	cr_expect_eq(world_fold(events, 4), 3);
	cr_expect_eq(world_job(job).state, CTM_JOB_VERIFYING);
}

static void want_progress(struct ctm_job *job)
{
	job->flags = CTM_FLAG_NOTIFYPROGRESS;
	job->timeout_s = 3600;
}

/* A start with a path begins the progress of the jobs that list it, or contain it. */
Test(fold, start_with_a_path)
{
	static const struct world_file files[] = {{"c/a", 0, 0}, {"c/b", 0, 0x22}};
	uint32_t jobs[] = {world_add_listed(1, files, 2),
		world_add_counted(2, CTM_KIND_TOTALS, "c", 4),
		world_add_counted(3, CTM_KIND_SINGLE, "", 0),
		world_add_counted(4, CTM_KIND_TOTALS, "d", 4), world_add_listed(5, files, 2)};

	for (int i = 0; i < 4; i++)
		world_change(jobs[i], want_progress);
	cr_expect_eq(world_fold_one(CTM_EVENT_START, 7, 1, ""), 0);
	cr_expect_eq(world_fold_one(CTM_EVENT_PAUSE, 7, 1, "c/a"), 0);
	cr_expect_eq(world_fold_one(CTM_EVENT_START, 7, 1, "c/b"), 0, "it claims nothing");
	cr_expect_not(world_job(jobs[0]).begun, "that file listens to another gid");
	cr_expect(world_job(jobs[1]).begun && world_job(jobs[2]).begun);
	cr_expect_eq(world_fold_one(CTM_EVENT_START, 7, 1, "c/a"), 0);
	cr_expect_eq(world_file(jobs[0], 1).events, 1u << CTM_EVENT_START);
	for (int i = 0; i < 3; i++) {
		cr_expect(world_job(jobs[i]).begun, "%d", i);
		cr_expect_eq(world_progress(jobs[i]).progress_type, CTM_PROGRESS_DOWNLOADING_DATA,
			"%d", i);
		cr_expect_eq(world_progress(jobs[i]).sequence, 1, "%d: once", i);
		cr_expect_eq(world_job(jobs[i]).state, CTM_JOB_OPEN);
	}
	cr_expect_eq(world_job(jobs[1]).files_listed, 0, "nothing is counted by it");
	for (int i = 3; i < 5; i++) {
		cr_expect_not(world_job(jobs[i]).begun, "%d", i);
		cr_expect_null(world_progress(jobs[i]).source, "%d", i);
	}
}

/* A counted file may be known by then or not: a start says nothing of it. */
Test(fold, start_of_a_counted_file)
{
	uint32_t job = world_add_counted(1, CTM_KIND_TOTALS, "c", 4);

	world_fold_one(DONE, 7, 1, "c/a");
	world_fold_one(CTM_EVENT_START, 8, 1, "c/a");
	cr_expect_eq(world_file(job, 1).events, 1u << DONE);
}
