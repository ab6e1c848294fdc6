/* SPDX-License-Identifier: MIT */
#include "fold_failed.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "hresult.h"
#include "world.h"

TestSuite(fold_failed, .init = world_init, .fini = world_done);

static const struct world_file four[] = {
	{"a", 0, 0x11}, {"b", 0, 0}, {"t/c", 0, 0x33}, {"t/d", 0, 0x33}};

static void give_time(struct ctm_job *job)
{
	job->timeout_s = 3600;
}

static uint32_t add(unsigned id)
{
	uint32_t job = world_add_listed(id, four, 4);

	world_change(job, give_time);
	return job;
}

static struct ctm_report failed(uint64_t gid, const char *name, uint32_t code)
{
	struct ctm_report report = world_report(CTM_REPORT_ERROR, gid, name);

	report.error_code = code;
	return report;
}

/* Its own gid: whatever the path, and whatever the code. */
Test(fold_failed, by_gid)
{
	static const uint32_t codes[] = {3, 11, 12, 13};

	for (unsigned i = 0; i < 4; i++) {
		uint32_t job = add(i + 1);
		struct ctm_report report = failed(0x11, i % 2 ? "x" : "", codes[i]);
		struct ctm_file file;

		world_answer(&report);
		file = world_file(job, 1);
		cr_expect(file.given_up, "code %u", codes[i]);
		cr_expect_neq(file.cause, 0);
		cr_expect_eq(file.cause_ms, report.asked_ms);
		cr_expect_eq(world_job(job).files_given_up, 1);
		cr_expect_str_eq(world_text(job).cause, file.why);
	}
}

/* The path, or the name in the URI, of a file that has no gid. */
Test(fold_failed, by_path)
{
	uint32_t job = add(1);
	struct ctm_report report = failed(0x99, "b", 3);

	world_answer(&report);
	cr_expect(world_file(job, 2).given_up);
	cr_expect_eq(world_file(job, 2).cause, CTM_E_HTTP(404));
	cr_expect_not_null(strstr(world_file(job, 2).why, world_path("b")));
	report = failed(0x98, "a", 3);
	world_answer(&report);
	cr_expect_eq(world_file(job, 1).cause, 0, "it listens to its gid alone");
}

Test(fold_failed, by_uri)
{
	uint32_t job = add(1);
	struct ctm_report report = failed(0x99, "", 3);

	report.files[0].uri = world_text_of("http://user:secret@dp.example/x/b?y=z");
	report.error_message = world_text_of("Resource not found");
	world_answer(&report);
	cr_expect(world_file(job, 2).given_up);
	cr_expect_not_null(strstr(world_file(job, 2).why, "dp.example"));
	cr_expect_null(strstr(world_file(job, 2).why, "secret"));
	cr_expect_eq(world_job(job).files_given_up, 1);
}

/* The sidecar gives the URI: whatever the name will be, below the download's directory. */
Test(fold_failed, by_uri_of_the_sidecar)
{
	static const char uri[] = "https://dp.example/get?id=5";
	uint32_t job = add(1);
	struct ctm_report report = failed(0x99, "", 3);

	world_give_uri(job, 2, uri);
	world_give_uri(job, 1, uri);
	report.files[0].uri = world_text_of("https://dp.example/get?id=6");
	world_answer(&report);
	cr_expect_eq(world_job(job).cause, 0, "another URI");
	report.files[0].uri = world_text_of(uri);
	report.dir = world_text_of("/elsewhere");
	world_answer(&report);
	cr_expect_eq(world_job(job).cause, 0, "another directory");
	report.dir = world_text_of("");
	world_answer(&report);
	cr_expect_eq(world_job(job).cause, 0, "no directory");
	report.dir = world_text_of(world.dl);
	report.files[0].path = world_text_of(world_path("x"));
	world_answer(&report);
	cr_expect_eq(world_job(job).cause, 0, "it has a path, and that is another one");
	report.files[0].path = world_text_of("");
	world_answer(&report);
	cr_expect(world_file(job, 2).given_up);
	cr_expect_not_null(strstr(world_file(job, 2).why, world_path("b")));
	cr_expect_eq(world_file(job, 1).cause, 0, "it listens to its gid alone");
	cr_expect_eq(world_job(job).files_given_up, 1);
}

/* The same holds for totals: what is there, and what has a better cause, was not removed. */
Test(fold_failed, counted_and_removed)
{
	uint32_t job = world_add_counted(1, CTM_KIND_TOTALS, "t", 9);
	struct ctm_report reports[3];

	world_change(job, give_time);
	world_fold_one(CTM_EVENT_COMPLETE, 1, 1, "t/a");
	reports[0] = failed(2, "t/b", 3);
	world_answer(&reports[0]);
	for (unsigned i = 0; i < 3; i++) {
		static const char *const names[] = {"t/a", "t/b", "t/c"};

		reports[i] = world_report(CTM_REPORT_REMOVED, i + 1, names[i]);
		reports[i].asked_ms += 1000;
	}
	world_answer(&reports[0]);
	world_answer(&reports[1]);
	cr_expect_eq(world_file(job, 1).cause, 0);
	cr_expect_eq(world_file(job, 2).cause, CTM_E_HTTP(404));
	cr_expect_eq(world_job(job).cause, CTM_E_HTTP(404));
	world_answer(&reports[2]);
	cr_expect_eq(world_file(job, 3).cause, CTM_E_CANCELLED);
	cr_expect_eq(world_job(job).files_given_up, 1);
	cr_expect_eq(world_job(job).files_evident, 1);
}

/* By URI too: another download's file is remembered, and decides nothing. */
Test(fold_failed, by_uri_of_another)
{
	static const char uri[] = "https://dp.example/get?id=5";
	uint32_t job = add(1);
	struct ctm_report report = failed(0x99, "", 13);

	world_give_uri(job, 2, uri);
	report.files[0].uri = world_text_of(uri);
	world_answer(&report);
	cr_expect_neq(world_file(job, 2).cause, 0);
	cr_expect_not(world_file(job, 2).given_up);
}

/* A removal is not noted with what is there, nor with what has a better cause. */
Test(fold_failed, removed_after_all)
{
	uint32_t job = add(1);
	struct ctm_report report = failed(0x11, "a", 3);

	world_answer(&report);
	world_fold_one(CTM_EVENT_COMPLETE, 5, 1, "b");
	report = world_report(CTM_REPORT_REMOVED, 0x11, "a");
	report.asked_ms += 1000;
	world_answer(&report);
	cr_expect_eq(world_file(job, 1).cause, CTM_E_HTTP(404));
	report = world_report(CTM_REPORT_REMOVED, 7, "b");
	report.asked_ms += 1000;
	world_answer(&report);
	cr_expect_eq(world_file(job, 2).cause, 0);
	cr_expect_eq(world_job(job).cause, CTM_E_HTTP(404));
}

/* "In use already", "exists already": another download's file, which may well come. */
Test(fold_failed, of_another)
{
	uint32_t job = add(1);

	for (uint32_t code = 11; code <= 13; code++) {
		struct ctm_report report = failed(0x99, "b", code);

		report.asked_ms += code;
		world_answer(&report);
		cr_expect_neq(world_file(job, 2).cause, 0, "remembered");
		cr_expect_not(world_file(job, 2).given_up, "code %u", code);
	}
}

/* Somebody took it out: remembered, and the job stays open. */
Test(fold_failed, removed)
{
	uint32_t job = world_add_listed(1, four, 4);
	struct ctm_report report = world_report(CTM_REPORT_REMOVED, 0x11, "a");

	world_answer(&report);
	cr_expect_eq(world_file(job, 1).cause, CTM_E_CANCELLED);
	cr_expect_not(world_file(job, 1).given_up);
	report = failed(0x99, "b", 31);
	world_answer(&report);
	cr_expect_eq(world_file(job, 2).cause, CTM_E_CANCELLED);
	cr_expect_eq(world_job(job).files_given_up, 0);
	cr_expect_eq(world_job(job).state, CTM_JOB_OPEN);
}

/* Unfinished is no cause. */
Test(fold_failed, no_cause)
{
	uint32_t job = add(1);
	struct ctm_report report = failed(0x11, "a", 7);

	world_answer(&report);
	report.error_code = 0;
	world_answer(&report);
	cr_expect_eq(world_file(job, 1).cause, 0);
	cr_expect_eq(world_job(job).cause, 0);
}

/* Of the files with the gid that it came of, only the one that failed. */
Test(fold_failed, of_what_followed)
{
	uint32_t job = add(1);
	struct ctm_report report = failed(0x99, "t/d", 3);

	report.following = 0x33;
	world_answer(&report);
	cr_expect_not(world_file(job, 3).given_up);
	cr_expect(world_file(job, 4).given_up);
	report = failed(0x98, "", 3);
	report.belongs_to = 0x33;
	world_answer(&report);
	cr_expect(world_file(job, 3).given_up, "which one is not known: all");
}

/* A torrent that fails: each selected file of it. */
Test(fold_failed, torrent)
{
	static const struct world_file files[] = {{"t/a", 0, 0}, {"t/b", 0, 0}, {"t/c", 0, 0}};
	uint32_t job = world_add_listed(1, files, 3);
	struct ctm_report report = failed(0x99, "", 9);

	world_change(job, give_time);
	report.files = scratch_keep(calloc(3, sizeof *report.files));
	report.n_files = 3;
	for (size_t i = 0; i < 3; i++)
		report.files[i] = world_report_file(files[i].name);
	report.files[1].selected = false;
	world_answer(&report);
	cr_expect(world_file(job, 1).given_up && world_file(job, 3).given_up);
	cr_expect_eq(world_file(job, 1).cause, CTM_E_DISK_FULL);
	cr_expect_not(world_file(job, 2).given_up);
	cr_expect_eq(world_file(job, 2).cause, 0);
}

/* Totals and single jobs, by the path below their local_path. */
Test(fold_failed, counted)
{
	uint32_t job = world_add_counted(1, CTM_KIND_TOTALS, "t", 2);
	struct ctm_report report = failed(0x99, "t/x", 3);

	world_change(job, give_time);
	world_answer(&report);
	cr_expect_eq(world_job(job).files_given_up, 1);
	cr_expect_str_eq(world_file(job, 1).path, world_path("t/x"));
	report = failed(0x99, "u/x", 3);
	world_answer(&report);
	report = failed(0x99, "", 3);
	world_answer(&report);
	cr_expect_eq(world_job(job).files_listed, 1, "the local_path is not below itself");
}

/* Without any name it is noted under its gid, once; that counts none. */
Test(fold_failed, counted_without_a_name)
{
	uint32_t job = world_add_counted(1, CTM_KIND_TOTALS, "t", 2);
	struct ctm_report report = failed(0x99, "", 3);

	world_change(job, give_time);
	report.dir = world_text_of("");
	world_answer(&report);
	report.dir = world_text_of(world_path("u"));
	world_answer(&report);
	cr_expect_eq(world_job(job).files_listed, 0);
	report.dir = world_text_of(world_path("t"));
	world_answer(&report);
	world_answer(&report);
	report.n_files = 0;
	world_answer(&report);
	cr_assert_eq(world_job(job).files_listed, 1);
	cr_expect_str_eq(world_file(job, 1).path, world_path("t/0000000000000099"));
	cr_expect(world_file(job, 1).given_up);
	cr_expect_eq(world_job(job).files_evident, 0);
}

/* Without a deadline of its own the job ends, with the words of aria2. */
Test(fold_failed, ends_the_job)
{
	uint32_t job = world_add_listed(1, four, 4);
	struct ctm_report report = failed(0x11, "a", 22);

	report.error_message = world_text_of("The response status is not successful. status=403");
	world_answer(&report);
	cr_expect_eq(world_job(job).state, CTM_JOB_FAILED);
	cr_expect_eq(world_message(job).error_code, CTM_E_HTTP(403));
	cr_expect_not_null(strstr(world_message(job).error_message, "status=403"));
}

/* What is there stays there. */
Test(fold_failed, evident)
{
	uint32_t job = world_add_listed(1, four, 4);
	struct ctm_report report = failed(0x99, "b", 3);

	world_fold_one(CTM_EVENT_COMPLETE, 5, 1, "b");
	world_answer(&report);
	cr_expect(world_file(job, 2).evident);
	cr_expect_eq(world_job(job).files_given_up, 0);
	cr_expect_eq(world_job(job).state, CTM_JOB_OPEN);
}

/* The hook's event was there well before the job: that was another one's download. */
Test(fold_failed, before_the_registration)
{
	for (unsigned i = 0; i < 4; i++) {
		const bool own = i % 2;
		uint32_t job = world_add_listed(i + 1, four, 4);
		const int64_t created_ms = world_job(job).created_ms;
		struct ctm_report report = failed(own ? 0x11 : 0x99, own ? "a" : "b", 3);
		struct ctm_event event =
			world_event(CTM_EVENT_ERROR, report.gid, 1, own ? "a" : "b");
		struct ctm_file file;

		world_change(job, give_time);
		event.wall_ms = created_ms - (i < 2 ? 60001 : 60000);
		report.event = &event;
		world_answer(&report);
		file = world_file(job, own ? 1 : 2);
		cr_expect_eq(file.cause, i < 2 ? 0 : CTM_E_HTTP(404), "%u", i);
		cr_expect_eq(file.cause_ms, i < 2 ? 0 : event.wall_ms,
			"when it happened, not when asked");
		cr_expect_eq(file.given_up, i >= 2, "%u", i);
	}
}

static int64_t registered_ms;

static void be_registered(struct ctm_job *job)
{
	job->created_ms = registered_ms;
	job->timeout_s = 3600;
}

/* Within the minute it was the earlier job's, if there was one in the same place. */
Test(fold_failed, of_an_earlier_job)
{
	static const struct {
		int64_t event_ms, ended_ms; /* after the registration */
		bool concerned;
	} table[] = {
		{-1000, -2000, false},
		{-1000, -3600000, false},
		{-1000, 0, false},
		{0, -2000, true},
		{5, -2000, true},
		{-1000, 1, true},
	};

	for (unsigned i = 0; i < sizeof table / sizeof *table; i++) {
		uint32_t listed = world_add_listed(2 * i + 1, four, 4);
		uint32_t totals = world_add_counted(2 * i + 2, CTM_KIND_TOTALS, "", 9);
		struct ctm_report report = failed(0x99, "b", 3);
		struct ctm_event event = world_event(CTM_EVENT_ERROR, 0x99, 1, "b");

		registered_ms = world_now().wall_ms;
		world_change(listed, be_registered);
		world_change(totals, be_registered);
		world_ended(registered_ms + table[i].ended_ms);
		event.wall_ms = registered_ms + table[i].event_ms;
		report.event = &event;
		world_answer(&report);
		cr_expect_eq(world_file(listed, 2).given_up, table[i].concerned, "row %u", i);
		cr_expect_eq(world_job(totals).files_given_up, table[i].concerned, "row %u", i);
		world.ahead_ms += 3600000;
	}
}
