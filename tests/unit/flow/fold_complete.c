/* SPDX-License-Identifier: MIT */
#include "fold_complete.h"

#include <stdlib.h>

#include <criterion/criterion.h>

#include "world.h"

TestSuite(fold_complete, .init = world_init, .fini = world_done);

static const struct world_file four[] = {
	{"t/a", 0, 0}, {"t/b", 0, 0}, {"t/c", 0, 0x33}, {"t/d", 0, 0}};

/* A torrent with these files; freed by nobody. */
static struct ctm_report torrent(uint64_t gid, const char *const *names, size_t n)
{
	struct ctm_report report = world_report(CTM_REPORT_COMPLETE, gid, "");

	report.files = scratch_keep(calloc(n, sizeof *report.files));
	cr_assert_not_null(report.files);
	report.n_files = n;
	for (size_t i = 0; i < n; i++)
		report.files[i] = world_report_file(names[i]);
	return report;
}

/* Evidence for every selected file by its own path, however many there are. */
Test(fold_complete, files_of_a_torrent)
{
	static const char *const names[] = {"t/a", "t/b", "t/c", "t/x", ""};
	uint32_t job = world_add_listed(1, four, 4);
	struct ctm_report report = torrent(0x99, names, 5);
	struct ctm_file file;

	report.files[1].selected = false;
	report.files[0].device = 0xfd01;
	report.files[0].sight = (struct ctm_sight){.known = true, .inode = 5, .size = 11};
	report.files[0].bytes = 11;
	world_answer(&report);
	file = world_file(job, 1);
	cr_expect(file.evident);
	cr_expect_not(file.inferred, "aria2 names each");
	cr_expect_eq(file.since_ms, report.asked_ms);
	cr_expect_eq(file.device, 0xfd01);
	cr_expect_eq(file.sight.inode, 5);
	cr_expect_not(world_file(job, 2).evident, "not selected");
	cr_expect_not(world_file(job, 3).evident, "it listens to another gid");
	cr_expect_eq(world_job(job).files_evident, 1);
	cr_expect_eq(world_job(job).bytes_evident, 11);
}

/*
 * The event named the first file. How the others are when aria2 is asked is not how they were when
 * it spoke: the last look doubts one that has a control file.
 */
Test(fold_complete, named_another)
{
	static const char *const names[] = {"t/a", "t/b"};
	uint32_t job = world_add_listed(1, four, 4);
	struct ctm_report report = torrent(0x99, names, 2);

	for (unsigned i = 0; i < 2; i++) {
		report.files[i].sight =
			(struct ctm_sight){.known = true, .inode = i + 1, .size = 11};
		report.files[i].bytes = 11;
	}
	world_answer(&report);
	cr_expect(world_file(job, 1).evident && world_file(job, 1).sight.known);
	cr_expect_not(world_file(job, 1).inferred);
	cr_expect(world_file(job, 2).evident && world_file(job, 2).inferred);
	cr_expect_eq(world_file(job, 2).sight.inode, 2, "and one that changes after that");
}

/* What was seen when aria2 was asked is the latest word, in whatever order the words come. */
Test(fold_complete, named_another_later)
{
	static const char *const names[] = {"t/a", "t/b"};

	for (unsigned i = 0; i < 2; i++) {
		uint32_t job = world_add_listed(i + 1, four, 4);
		struct ctm_report report = torrent(0x99, names, 2);
		struct ctm_event named = world_event(CTM_EVENT_COMPLETE, 0x98, 1, "t/b");

		named.wall_ms = report.asked_ms - 1000;
		named.sight = (struct ctm_sight){.known = true, .inode = 7, .size = 11};
		report.files[1].sight = (struct ctm_sight){.known = true, .inode = 8, .size = 11};
		report.files[1].bytes = 11;
		if (i == 0)
			world_fold(&named, 1);
		world_answer(&report);
		if (i == 1)
			world_fold(&named, 1);
		cr_expect_eq(world_file(job, 2).sight.inode, 8);
		cr_expect(world_file(job, 2).inferred);
		named.wall_ms = report.asked_ms + 1;
		world_fold(&named, 1);
		cr_expect_not(world_file(job, 2).inferred, "that one names it, and is the latest");
	}
}

/* A file with a gid: that of the download, of the one that it came of, or that it is a part of. */
Test(fold_complete, gids)
{
	static const char *const names[] = {"t/c"};

	for (unsigned i = 0; i < 4; i++) {
		uint32_t job = world_add_listed(i + 1, four, 4);
		struct ctm_report report = torrent(i == 0 ? 0x33 : 0x99, names, 1);

		report.following = i == 1 ? 0x33 : 0x98;
		report.belongs_to = i == 2 ? 0x33 : 0;
		world_answer(&report);
		cr_expect_eq(world_file(job, 3).evident, i < 3, "%u", i);
		world_answer(&report);
		cr_expect_eq(world_job(job).files_evident, i < 3, "%u", i);
	}
}

/* Totals and single jobs count the whole download by its first file. */
Test(fold_complete, counted)
{
	static const char *const names[] = {"t/a", "t/b", "t/c"};
	uint32_t totals = world_add_counted(1, CTM_KIND_TOTALS, "t", 5);
	uint32_t single = world_add_counted(2, CTM_KIND_SINGLE, "", 0);
	struct ctm_report report = torrent(0x99, names, 3);

	report.files[0].selected = false;
	world_answer(&report);
	cr_expect_eq(world_job(totals).files_evident, 2);
	cr_expect_eq(world_job(totals).files_listed, 1);
	cr_expect_str_eq(world_file(totals, 1).path, world_path("t/b"));
	cr_expect_eq(world_job(single).files_evident, 2);
	cr_expect_eq(world_job(single).state, CTM_JOB_VERIFYING);
	report.files[1].path[0] = '\0';
	report.files[2].path[0] = '\0';
	world_answer(&report);
	cr_expect_eq(world_job(totals).files_evident, 2, "a file without a path counts nothing");
	report.n_files = 0;
	world_answer(&report);
	cr_expect_eq(world_job(totals).files_evident, 2);
}

/* aria2 renamed nothing in totals: a description of a download is no file. */
Test(fold_complete, description)
{
	static const char *const names[] = {"t/a.torrent"};
	uint32_t job = world_add_counted(1, CTM_KIND_TOTALS, "t", 5);
	struct ctm_report report = torrent(0x99, names, 1);

	world_answer(&report);
	cr_expect_eq(world_job(job).files_listed, 0);
}

static void end(struct ctm_job *job)
{
	job->state = CTM_JOB_CANCELLED;
}

Test(fold_complete, ended_jobs_claim_nothing)
{
	static const char *const names[] = {"t/a"};
	uint32_t job = world_add_listed(1, four, 4);
	struct ctm_report report = torrent(0x99, names, 1);

	world_change(job, end);
	world_answer(&report);
	cr_expect_not(world_file(job, 1).evident);
}

/*
 * The event was there before the job. Where another job ended in the same place, it is evidence
 * only if the file was touched since.
 */
Test(fold_complete, of_an_earlier_job)
{
	static const char *const names[] = {"t/a"};
	const int64_t ended_ms = world_now().wall_ms - 10000;
	uint32_t job = world_add_listed(1, four, 4);
	struct ctm_report report = torrent(0x99, names, 1);
	struct ctm_event event = world_event(CTM_EVENT_STOP, 0x99, 1, "");

	world_ended(ended_ms);
	event.wall_ms = world_job(job).created_ms - 1;
	report.event = &event;
	report.files[0].sight = (struct ctm_sight){.known = true, .ctime_ns = ended_ms * 1000000};
	world_answer(&report);
	cr_expect_not(world_file(job, 1).evident);
	report.files[0].sight.ctime_ns += 1000000;
	world_answer(&report);
	cr_expect(world_file(job, 1).evident);
}

/* The same event after the registration is the job's own. */
Test(fold_complete, beside_an_earlier_job)
{
	static const char *const names[] = {"t/a"};
	uint32_t job = world_add_listed(1, four, 4);
	struct ctm_report report = torrent(0x99, names, 1);

	world_ended(world_now().wall_ms - 10000);
	report.asked_ms = world_job(job).created_ms;
	world_answer(&report);
	cr_expect(world_file(job, 1).evident);
}

/* Of the file that the hook named its sight counts, and of all the time of the event. */
Test(fold_complete, as_old_as_the_event)
{
	static const char *const names[] = {"t/a", "t/b"};
	uint32_t job = world_add_listed(1, four, 4);
	struct ctm_report report = torrent(0x99, names, 2);
	struct ctm_event event = world_event(CTM_EVENT_BT_COMPLETE, 0x99, 2, "t/a");

	event.wall_ms += 3000;
	event.sight = (struct ctm_sight){.known = true, .inode = 8, .size = 11};
	for (size_t i = 0; i < 2; i++) {
		report.files[i].bytes = 11;
		report.files[i].sight = (struct ctm_sight){.known = true, .inode = 5, .size = 11};
	}
	report.event = &event;
	world_answer(&report);
	for (uint32_t i = 1; i <= 2; i++) {
		cr_expect(world_file(job, i).evident);
		cr_expect_eq(world_file(job, i).since_ms, event.wall_ms);
	}
	cr_expect_eq(world_file(job, 1).sight.inode, 8);
	cr_expect_eq(world_file(job, 2).sight.inode, 5);
}

/* An answer: what is there must be as large as aria2 says; what is not there counts. */
Test(fold_complete, another_size)
{
	static const char *const names[] = {"t/a", "t/b"};
	uint32_t job = world_add_listed(1, four, 4);
	uint32_t totals = world_add_counted(2, CTM_KIND_TOTALS, "t", 5);
	struct ctm_report report = torrent(0x99, names, 2);

	for (size_t i = 0; i < 2; i++)
		report.files[i].bytes = 11;
	report.files[1].sight = (struct ctm_sight){.known = true, .size = 10};
	world_answer(&report);
	cr_expect(world_file(job, 1).evident, "the last look finds out where it is");
	cr_expect_not(world_file(job, 2).evident);
	cr_expect_eq(world_job(totals).files_evident, 0, "the whole download, or nothing of it");
	report.files[1].sight.size = 11;
	world_answer(&report);
	cr_expect(world_file(job, 2).evident);
	cr_expect_eq(world_job(totals).files_evident, 2);
}
