/* SPDX-License-Identifier: MIT */
/* Everything that aria2 has at one moment. */
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "hresult.h"
#include "world.h"

TestSuite(fold_poll, .init = world_init, .fini = world_done);

static const struct world_file three[] = {{"a", 0, 0x11}, {"b", 0, 0}, {"c", 0, 0}};

static void give_time(struct ctm_job *job)
{
	job->timeout_s = 3600;
}

static uint32_t add(unsigned id)
{
	uint32_t job = world_add_listed(id, three, 3);

	world_change(job, give_time);
	return job;
}

/* Time goes on, and aria2 is asked again. */
static void later(void)
{
	world.ahead_ms += 60000;
}

static struct ctm_report complete(uint64_t gid, const char *name)
{
	return world_report(CTM_REPORT_COMPLETE, gid, name);
}

static struct ctm_report active(uint64_t gid, const char *name)
{
	return world_report(CTM_REPORT_ACTIVE, gid, name);
}

static struct ctm_report failed(uint64_t gid, const char *name, uint32_t code)
{
	struct ctm_report report = world_report(CTM_REPORT_ERROR, gid, name);

	report.error_code = code;
	return report;
}

static void poll_one(struct ctm_report report)
{
	world_poll(&report, 1, true);
}

static void poll_two(struct ctm_report first, struct ctm_report second)
{
	const struct ctm_report reports[] = {first, second};

	world_poll(reports, 2, true);
}

/* A completion that no hook told of. */
Test(fold_poll, complete)
{
	uint32_t job = add(1);
	struct ctm_file file;

	scratch_write("dl/b", "12345");
	poll_one(complete(7, "b"));
	file = world_file(job, 2);
	cr_expect(file.evident);
	cr_expect(file.inferred, "the last look doubts it while there is a control file");
	cr_expect_not(file.sight.known, "nobody looked when it became complete");
	cr_expect_eq(world_job(job).bytes_evident, 0);
	poll_one(complete(7, "a"));
	cr_expect_not(world_file(job, 1).evident, "another gid, and not there");
}

/* What is not there now is none, whatever aria2 says of the past. */
Test(fold_poll, not_there)
{
	uint32_t job = add(1);
	uint32_t totals = world_add_counted(2, CTM_KIND_TOTALS, "", 9);

	poll_one(complete(7, "b"));
	cr_expect_not(world_file(job, 2).evident);
	cr_expect_eq(world_job(totals).files_evident, 0);
	world_answer(&(struct ctm_report[]){complete(7, "b")}[0]);
	cr_expect(world_file(job, 2).evident, "the answer to a question is another matter");
}

/* Nor what another download is at work on, or will be. */
Test(fold_poll, busy)
{
	static const enum ctm_report_status at_work[] = {
		CTM_REPORT_ACTIVE, CTM_REPORT_WAITING, CTM_REPORT_PAUSED};
	uint32_t job = add(1);
	uint32_t totals = world_add_counted(2, CTM_KIND_TOTALS, "", 9);
	struct ctm_report other;

	scratch_write("dl/b", "12345");
	for (int i = 0; i < 3; i++) {
		poll_two(complete(7, "b"), world_report(at_work[i], 8, "b"));
		cr_expect_not(world_file(job, 2).evident, "%d", i);
		poll_two(world_report(at_work[i], 6, "b"), complete(7, "b"));
		cr_expect_not(world_file(job, 2).evident, "%d, the other way round", i);
	}
	cr_expect_eq(world_job(totals).files_evident, 0);
	other = active(8, "b");
	other.files[0].selected = false;
	poll_two(complete(7, "b"), other);
	cr_expect(world_file(job, 2).evident, "not selected");
	cr_expect_eq(world_job(totals).files_evident, 1);
}

/* The same poll twice changes nothing, in no record. */
Test(fold_poll, twice)
{
	uint32_t jobs[] = {add(1), world_add_counted(2, CTM_KIND_TOTALS, "", 9)};
	struct ctm_report reports[4];
	uint32_t revisions[2];
	struct ctm_file files[3];

	world_change(jobs[1], give_time);
	scratch_write("dl/b", "12345");
	reports[0] = complete(7, "b");
	reports[1] = failed(0x11, "a", 3);
	reports[2] = active(8, "c");
	reports[3] = world_report(CTM_REPORT_REMOVED, 9, "d");
	world_poll(reports, 4, true);
	cr_expect(world_file(jobs[0], 2).evident && world_file(jobs[0], 1).given_up);
	for (int i = 0; i < 2; i++)
		revisions[i] = world_job(jobs[i]).revision;
	for (uint32_t i = 0; i < 3; i++)
		files[i] = world_file(jobs[0], i + 1);
	for (int k = 0; k < 3; k++) {
		later();
		for (size_t i = 0; i < 4; i++)
			reports[i].asked_ms = world_now().wall_ms;
		world_poll(reports, 4, true);
		for (int i = 0; i < 2; i++)
			cr_expect_eq(world_job(jobs[i]).revision, revisions[i]);
		for (uint32_t i = 0; i < 3; i++) {
			const struct ctm_file now = world_file(jobs[0], i + 1);

			cr_expect(now.cause_ms == files[i].cause_ms &&
				  now.since_ms == files[i].since_ms &&
				  now.evident == files[i].evident && now.cause == files[i].cause);
		}
		cr_expect_eq(world_job(jobs[1]).files_evident, 1);
	}
}

/* An error that was known before a job was registered is none of its. */
Test(fold_poll, error_of_the_past)
{
	uint32_t before = add(1);
	uint32_t soon;
	uint32_t after;
	int64_t since_ms;

	poll_one(failed(7, "b", 3));
	since_ms = world_known(7).since_ms;
	cr_expect(world_known(7).at_end);
	cr_expect(world_file(before, 2).given_up, "there was no other job that it could be of");
	cr_expect_eq(world_file(before, 2).cause, CTM_E_HTTP(404));
	world.ahead_ms += 50000;
	soon = add(2);
	world.ahead_ms += 20000;
	after = add(3);
	poll_one(failed(7, "b", 3));
	cr_expect_eq(world_known(7).since_ms, since_ms);
	cr_expect(world_file(soon, 2).given_up, "the sidecar came within a minute");
	cr_expect_eq(world_file(soon, 2).cause_ms, since_ms, "when it was first seen");
	cr_expect_not(world_file(after, 2).given_up);
	cr_expect_eq(world_file(after, 2).cause, 0, "not even remembered");
	cr_expect_eq(world_job(after).cause, 0);
}

/* The gid is the job's own: the same holds, since a gid can come again. */
Test(fold_poll, error_of_the_past_by_gid)
{
	uint32_t job;

	poll_one(failed(0x11, "a", 3));
	later();
	later();
	job = add(1);
	poll_one(failed(0x11, "a", 3));
	cr_expect_eq(world_file(job, 1).cause, 0);
	poll_one(active(0x11, "a"));
	later();
	poll_one(failed(0x11, "a", 3));
	cr_expect(world_file(job, 1).given_up);
}

/* Where an earlier job ended in the same place: what was seen under way since counts alone. */
Test(fold_poll, error_after_an_earlier_job)
{
	uint32_t jobs[2];

	world_ended(world_now().wall_ms);
	poll_one(active(8, "c"));
	later();
	jobs[0] = add(1);
	for (int i = 0; i < 3; i++) {
		poll_two(failed(7, "b", 3), failed(8, "c", 3));
		cr_expect_not(world_file(jobs[0], 2).given_up, "%d: nobody saw it under way", i);
		cr_expect_not(world_file(jobs[0], 3).given_up, "%d: only before", i);
		cr_expect_eq(world_job(jobs[0]).cause, 0, "%d", i);
		later();
	}
	jobs[1] = add(2);
	poll_two(active(7, "b"), active(9, "c"));
	later();
	poll_two(failed(7, "b", 3), failed(9, "c", 3));
	for (int i = 0; i < 2; i++)
		cr_expect(world_file(jobs[i], 2).given_up && world_file(jobs[i], 3).given_up, "%d",
			i);
}

/* A job that ended while this one was there was none before it. */
Test(fold_poll, error_beside_another_job)
{
	uint32_t job = add(1);

	later();
	world_ended(world_now().wall_ms);
	poll_one(failed(7, "b", 3));
	cr_expect(world_file(job, 2).given_up);
}

/* Given up, and complete since: not one that was known to be complete before that. */
Test(fold_poll, complete_after_giving_up)
{
	uint32_t job;
	struct ctm_report error;

	scratch_write("dl/b", "12345");
	poll_one(complete(6, "b"));
	later();
	job = add(1);
	error = failed(7, "b", 3);
	world_answer(&error);
	cr_assert(world_file(job, 2).given_up);
	later();
	poll_one(complete(6, "b"));
	cr_expect_not(world_file(job, 2).evident, "that was before");
	poll_one(active(8, "b"));
	later();
	poll_one(complete(8, "b"));
	cr_expect(world_file(job, 2).evident);
	cr_expect_eq(world_job(job).files_given_up, 0);
}

/* One that was under way when another one was given up, or that nobody had seen, is news. */
Test(fold_poll, complete_that_was_not_known)
{
	for (uint64_t gid = 5; gid < 7; gid++) {
		uint32_t job = add((unsigned)gid);
		struct ctm_report error;

		scratch_write("dl/b", "12345");
		world_poll(NULL, 0, true);
		if (gid == 5)
			poll_one(active(gid, "b"));
		later();
		error = failed(8, "b", 3);
		world_answer(&error);
		cr_assert(world_file(job, 2).given_up);
		later();
		poll_one(complete(gid, "b"));
		cr_expect(world_file(job, 2).evident, "gid %d", (int)gid);
		cr_expect_eq(world_job(job).files_given_up, 0, "gid %d", (int)gid);
	}
}

/* What a look found wrong is not evident again by the same old word. */
Test(fold_poll, withdrawn)
{
	uint32_t job = add(1);

	scratch_write("dl/b", "12345");
	poll_one(complete(7, "b"));
	cr_assert(world_file(job, 2).evident);
	world_withdraw(job, 2);
	later();
	poll_one(complete(7, "b"));
	cr_expect_not(world_file(job, 2).evident);
	later();
	poll_one(active(8, "b"));
	later();
	poll_one(complete(8, "b"));
	cr_expect(world_file(job, 2).evident, "another download of it");
}

/* Two old failures of one file stay two old failures, and do not hide a new success. */
Test(fold_poll, two_causes)
{
	uint32_t job = add(1);
	struct ctm_report reports[3];
	int64_t cause_ms;
	uint32_t cause;

	scratch_write("dl/b", "12345");
	reports[0] = failed(7, "b", 3);
	world_answer(&reports[0]);
	later();
	reports[1] = failed(6, "b", 9);
	world_answer(&reports[1]);
	cause_ms = world_file(job, 2).cause_ms;
	cause = world_file(job, 2).cause;
	cr_assert_eq(cause, CTM_E_DISK_FULL);
	later();
	reports[2] = active(8, "b");
	for (int i = 0; i < 3; i++) {
		for (size_t k = 0; k < 3; k++)
			reports[k].asked_ms = world_now().wall_ms;
		world_poll(reports, 3, true);
		later();
		cr_expect_eq(world_file(job, 2).cause_ms, cause_ms, "poll %d", i);
		cr_expect_eq(world_file(job, 2).cause, cause, "poll %d", i);
	}
	reports[2] = complete(8, "b");
	world_poll(reports, 3, true);
	cr_expect(world_file(job, 2).evident);
}

/* It had it, and has it no more, without a word of its end: somebody removed it. */
Test(fold_poll, removed_without_a_word)
{
	uint32_t job = world_add_listed(1, three, 3);

	poll_two(active(0x11, "a"), active(7, "b"));
	later();
	world_poll(NULL, 0, false);
	cr_expect_neq(world_known(0x11).since_ms, 0, "one of the aria2s did not answer");
	cr_expect_eq(world_file(job, 1).cause, 0);
	poll_one(active(7, "b"));
	cr_expect_eq(world_known(0x11).since_ms, 0);
	cr_expect_eq(world_file(job, 1).cause, CTM_E_CANCELLED);
	cr_expect_not(world_file(job, 1).given_up, "it may be added again");
	cr_expect_eq(world_job(job).state, CTM_JOB_OPEN);
	cr_expect_neq(world_known(7).since_ms, 0);
	later();
	world_poll(NULL, 0, true);
	cr_expect_eq(world_known(7).since_ms, 0);
	cr_expect_eq(world_file(job, 2).cause, 0, "whose file it was is not known any more");
}

/* What had come to its end before aria2 forgot it was not removed. */
Test(fold_poll, forgotten_at_its_end)
{
	uint32_t job = world_add_listed(1, three, 3);

	scratch_write("dl/a", "1");
	poll_one(complete(0x11, "b"));
	cr_expect(world_known(0x11).at_end);
	poll_one(active(7, "c"));
	cr_expect_eq(world_known(0x11).since_ms, 0);
	cr_expect_eq(world_file(job, 1).cause, 0);
}

/* The last sight of a download under way, and the first at its end. */
Test(fold_poll, known_since)
{
	int64_t since_ms;

	poll_one(active(7, "b"));
	since_ms = world_known(7).since_ms;
	cr_assert_neq(since_ms, 0);
	later();
	poll_one(world_report(CTM_REPORT_PAUSED, 7, "b"));
	cr_expect_geq(world_known(7).since_ms, since_ms + 60000);
	cr_expect_not(world_known(7).at_end);
	later();
	poll_one(world_report(CTM_REPORT_REMOVED, 7, "b"));
	since_ms = world_known(7).since_ms;
	cr_expect(world_known(7).at_end);
	later();
	poll_one(world_report(CTM_REPORT_REMOVED, 7, "b"));
	cr_expect_eq(world_known(7).since_ms, since_ms);
}

/* A download that went on while aria2 was asked is there twice: the newest counts. */
Test(fold_poll, duplicates)
{
	uint32_t job = add(1);

	scratch_write("dl/b", "12345");
	poll_two(complete(7, "b"), active(7, "b"));
	cr_expect_not(world_file(job, 2).evident);
	cr_expect_not(world_known(7).at_end);
	poll_two(active(7, "b"), complete(7, "b"));
	cr_expect(world_file(job, 2).evident);
	cr_expect(world_known(7).at_end);
}

/*
 * One download of the file is complete, another has failed, and both came to their end since the
 * last poll. What came to its end last counts, whatever the gids: aria2 lists them in that order.
 */
Test(fold_poll, complete_and_failed)
{
	static const uint64_t gids[][2] = {{5, 6}, {6, 5}};

	scratch_write("dl/b", "12345");
	for (unsigned i = 0; i < 2; i++) {
		uint32_t job = add(2 * i + 1);
		struct ctm_report whole = complete(gids[i][0], "b");
		struct ctm_report error = failed(gids[i][1], "b", 8);

		poll_one(active(gids[i][1], "b"));
		later();
		poll_two(whole, error);
		cr_expect_not(world_file(job, 2).evident, "%u: it was touched again", i);
		cr_expect(world_file(job, 2).given_up, "%u", i);
		poll_two(whole, error);
		cr_expect_not(world_file(job, 2).evident, "%u", i);

		job = add(2 * i + 2);
		poll_one(active(gids[i][1], "b"));
		later();
		poll_two(error, whole);
		cr_expect(world_file(job, 2).evident, "%u: it was tried again", i);
		cr_expect_eq(world_job(job).files_given_up, 0, "%u", i);
	}
}

/* One that was removed may have been at work on it: what was complete before is none. */
Test(fold_poll, complete_and_removed)
{
	uint32_t job = add(1);
	struct ctm_report other = failed(6, "b", 31);

	scratch_write("dl/b", "12345");
	poll_two(complete(5, "b"), world_report(CTM_REPORT_REMOVED, 6, "b"));
	cr_expect_not(world_file(job, 2).evident);
	poll_two(complete(5, "b"), other);
	cr_expect_not(world_file(job, 2).evident);
	other.files[0].selected = false;
	poll_two(complete(5, "b"), other);
	cr_expect(world_file(job, 2).evident, "not selected");
}

/* Neither gids nor the order of the list decide for a job that came when both had ended. */
Test(fold_poll, failed_then_complete_for_a_later_job)
{
	static const uint64_t gids[][2] = {{5, 6}, {6, 5}};

	scratch_write("dl/b", "12345");
	for (unsigned i = 0; i < 2; i++) {
		struct ctm_report reports[2];
		uint32_t job;

		world_poll(NULL, 0, true);
		reports[0] = failed(gids[i][0], "b", 8);
		reports[1] = complete(gids[i][1], "b");
		world_poll(reports, 2, true);
		job = world_add_listed(i + 1, three, 3);
		world_poll(reports, 2, true);
		cr_expect(world_file(job, 2).evident, "%u", i);
		cr_expect_eq(world_job(job).files_given_up, 0, "%u", i);
		cr_expect_eq(world_job(job).state, CTM_JOB_OPEN, "%u", i);
		later();
		later();
	}
}

/* aria2's length is that of the file that it speaks of: what has another is another file. */
Test(fold_poll, another_size)
{
	uint32_t job = add(1);
	uint32_t totals = world_add_counted(2, CTM_KIND_TOTALS, "", 9);
	struct ctm_report report;

	scratch_write("dl/b", "12345");
	report = complete(7, "b");
	for (uint64_t bytes = 4; bytes < 7; bytes += 2) {
		report.files[0].bytes = bytes;
		poll_one(report);
		cr_expect_not(world_file(job, 2).evident, "%d", (int)bytes);
	}
	cr_expect_eq(world_job(totals).files_evident, 0);
	report.files[0].bytes = 5;
	poll_one(report);
	cr_expect(world_file(job, 2).evident);
	cr_expect_eq(world_job(totals).files_evident, 1);
}

/* One that failed without touching the file, or is seeded now, says nothing against it. */
Test(fold_poll, complete_and_failed_otherwise)
{
	static const uint32_t codes[] = {11, 12, 13};
	uint32_t job;
	struct ctm_report seeding;

	scratch_write("dl/b", "12345");
	for (unsigned i = 0; i < 3; i++) {
		job = add(i + 1);
		poll_two(complete(5, "b"), failed(6, "b", codes[i]));
		cr_expect(world_file(job, 2).evident, "code %u", codes[i]);
	}
	job = add(9);
	seeding = active(5, "b");
	seeding.seeder = true;
	seeding.bytes = seeding.done = 5;
	poll_two(seeding, failed(6, "b", 8));
	cr_expect(
		world_file(job, 2).evident, "those at work are listed first, whenever they began");
}

/* Nothing at all. */
Test(fold_poll, nothing)
{
	uint32_t job = add(1);
	const uint32_t revision = world_job(job).revision;

	world_poll(NULL, 0, true);
	world_poll(NULL, 0, false);
	cr_expect_eq(world_job(job).revision, revision);
	cr_expect_not(world.work);
}
