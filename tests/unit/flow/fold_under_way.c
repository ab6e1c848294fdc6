/* SPDX-License-Identifier: MIT */
#include "fold_under_way.h"

#include <stdlib.h>

#include <criterion/criterion.h>

#include "world.h"

TestSuite(fold_under_way, .init = world_init, .fini = world_done);

static const struct world_file files[] = {{"a", 100, 0}, {"b", 50, 0x22}};

static void want_progress(struct ctm_job *job)
{
	job->flags = CTM_FLAG_NOTIFYPROGRESS;
	job->timeout_s = 3600;
}

static uint32_t add_listed(unsigned id)
{
	uint32_t job = world_add_listed(id, files, 2);

	world_change(job, want_progress);
	return job;
}

static struct ctm_report under_way(uint64_t gid, const char *name, uint64_t done)
{
	struct ctm_report report = world_report(CTM_REPORT_ACTIVE, gid, name);

	report.done = report.files[0].done = done;
	return report;
}

static uint64_t bytes(uint32_t job)
{
	return world_job(job).bytes_under_way;
}

Test(fold_under_way, sums)
{
	uint32_t job = add_listed(1);
	uint32_t unasked = world_add_listed(2, files, 2);
	const struct ctm_report reports[] = {under_way(1, "a", 30), under_way(0x22, "b", 7)};

	world_poll(reports, 2, true);
	cr_expect_eq(bytes(job), 37);
	cr_expect(world_job(job).begun);
	cr_expect_eq(bytes(unasked), 0, "it wants no progress");
	cr_expect_not(world_job(unasked).begun);
	world_poll(reports, 1, true);
	cr_expect_eq(bytes(job), 30, "as it is now");
}

/* Of whom it is none: another gid, not selected, without a path. */
Test(fold_under_way, of_others)
{
	uint32_t job = add_listed(1);
	struct ctm_report reports[] = {under_way(1, "a", 30), under_way(0x99, "b", 7),
		under_way(3, "", 5), under_way(4, "c", 3), under_way(5, "a", 1)};

	reports[4].files[0].selected = false;
	world_poll(reports, 5, true);
	cr_expect_eq(bytes(job), 30);
}

/* No more than there is to come. */
Test(fold_under_way, cut)
{
	uint32_t job = add_listed(1);
	struct ctm_report reports[] = {under_way(1, "a", 500), under_way(0x22, "b", 7)};

	world_poll(reports, 2, true);
	cr_expect_eq(bytes(job), 150);
	world_fold_one(CTM_EVENT_COMPLETE, 1, 1, "a");
	cr_expect_eq(bytes(job), 0, "what was under way may have been these very bytes");
	cr_expect_eq(world_job(job).bytes_evident, 100);
	world_poll(reports + 1, 1, true);
	cr_expect_eq(bytes(job), 7);
	reports[1].done = 51;
	world_poll(reports + 1, 1, true);
	cr_expect_eq(bytes(job), 50);
	world_poll(reports, 2, true);
	cr_expect_eq(bytes(job), 50, "what is evident is not under way");
}

/* Of a file aria2 counts whole pieces: of a download of one file the bytes of the download. */
Test(fold_under_way, of_one_file_or_several)
{
	uint32_t job = add_listed(1);
	struct ctm_report report = under_way(0x22, "b", 20);

	report.done = 33;
	world_poll(&report, 1, true);
	cr_expect_eq(bytes(job), 33);
	report.files = scratch_keep(calloc(2, sizeof *report.files));
	report.files[0] = world_report_file("b");
	report.files[1] = world_report_file("a");
	report.files[0].done = 20;
	report.files[1].done = 4;
	report.n_files = 2;
	world_poll(&report, 1, true);
	cr_expect_eq(bytes(job), 24);
	report.files[1].selected = false;
	world_poll(&report, 1, true);
	cr_expect_eq(bytes(job), 33, "one that is selected");
}

/* A total that is not known cuts nothing. */
Test(fold_under_way, counted)
{
	uint32_t job = world_add_counted(1, CTM_KIND_TOTALS, "t", 5);
	struct ctm_report reports[] = {
		under_way(1, "t/a", 500), under_way(2, "t/b", 1000), under_way(3, "u/c", 3)};

	world_change(job, want_progress);
	world_poll(reports, 3, true);
	cr_expect_eq(bytes(job), 1500);
	cr_expect_eq(world_job(job).files_listed, 0, "nothing is counted yet");
	world_fold_one(CTM_EVENT_COMPLETE, 1, 1, "t/a");
	world_poll(reports, 3, true);
	cr_expect_eq(bytes(job), 1000);
}

static void end(struct ctm_job *job)
{
	job->state = CTM_JOB_FAILED;
}

Test(fold_under_way, ended)
{
	uint32_t job = add_listed(1);
	const struct ctm_report report = under_way(1, "a", 30);

	world_change(job, end);
	world_poll(&report, 1, true);
	cr_expect_eq(bytes(job), 0);
	cr_expect_eq(world_job(job).progress, 0);
}

/* Many downloads for many jobs. */
Test(fold_under_way, many)
{
	struct ctm_report *reports = scratch_keep(calloc(100, sizeof *reports));
	uint32_t jobs[5];

	for (unsigned i = 0; i < 5; i++) {
		jobs[i] = world_add_counted(i + 1, CTM_KIND_TOTALS, "", 500);
		world_change(jobs[i], want_progress);
	}
	for (unsigned i = 0; i < 100; i++)
		reports[i] = under_way(i + 1, i % 2 ? "a" : "b", 3);
	world_poll(reports, 100, true);
	for (unsigned i = 0; i < 5; i++)
		cr_expect_eq(bytes(jobs[i]), 300);
}
