/* SPDX-License-Identifier: MIT */
#include "fold.h"

#include <errno.h>

#include <criterion/criterion.h>

#include "world.h"

TestSuite(fold, .init = world_init, .fini = world_done);

#define DONE CTM_EVENT_COMPLETE
#define BT_DONE CTM_EVENT_BT_COMPLETE

static const struct world_file two[] = {{"setup.exe", 100, 0}, {"sub/data.cab", 0, 0}};

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
		CTM_EVENT_START, CTM_EVENT_PAUSE, CTM_EVENT_STOP, CTM_EVENT_ERROR};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		cr_expect_eq(world_fold_one(words[i], 7, 1, "setup.exe"), 0,
			"%s: a path alone claims nothing", ctm_event_hook_name(words[i]));
	cr_expect_eq(world_fold_one(DONE, 7, 0, "setup.exe"), 0, "metadata");
	cr_expect_eq(world_fold_one(DONE, 7, 1, ""), 0, "no path");
	cr_expect_eq(world_fold_one(DONE, 7, 1, "setup.1.exe"), 0, "another name");
	cr_expect_eq(world_fold_one(DONE, 7, 1, "setup.exe.aria2"), 0);
	cr_expect_eq(world_fold_one(DONE, 7, 1, "Setup.exe"), 0);
	cr_expect_eq(world_job(job).files_evident, 0);
	cr_expect_eq(world_file(job, 1).events, 0);
}

Test(fold, gid)
{
	static const struct world_file files[] = {{"a", 0, 0x11}, {"b", 0, 0x22}};
	uint32_t job = world_add_listed(1, files, 2);

	cr_expect_eq(world_fold_one(CTM_EVENT_START, 0x11, 1, ""), 0);
	cr_expect_eq(world_fold_one(CTM_EVENT_ERROR, 0x11, 1, "a"), 0);
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
	cr_expect_eq(world_fold_one(CTM_EVENT_ERROR, 3, 1, "c/b"), 0);
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
