/* SPDX-License-Identifier: MIT */
#include "fold_error.h"

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "hresult.h"
#include "world.h"

TestSuite(fold_error, .init = world_init, .fini = world_done);

#define ERROR CTM_EVENT_ERROR

static const struct world_file files[] = {{"a", 0, 0x11}, {"b", 0, 0}, {"c", 0, 0}};

/* Jobs of these tests wait, so that what was noted can be seen. */
static void give_time(struct ctm_job *job)
{
	job->timeout_s = 3600;
}

static uint32_t add_listed(unsigned id)
{
	uint32_t job = world_add_listed(id, files, 3);

	world_change(job, give_time);
	return job;
}

static uint32_t add_counted(unsigned id, enum ctm_kind kind, const char *local_name)
{
	uint32_t job = world_add_counted(id, kind, local_name, 3);

	world_change(job, give_time);
	return job;
}

static int fold(uint64_t gid, const char *name, bool present, int64_t wall_ms)
{
	struct ctm_event event = world_event(ERROR, gid, 1, name);

	event.sight =
		(struct ctm_sight){.known = present, .absent = !present, .inode = 1, .size = 3};
	if (wall_ms)
		event.wall_ms = wall_ms;
	return world_fold(&event, 1);
}

/* The sidecar gives the gid: whatever the path is, and whatever stands there. */
Test(fold_error, by_gid)
{
	uint32_t job = add_listed(1);
	const int64_t before_ms = world_now().wall_ms;

	cr_expect_eq(fold(0x11, "x/other", true, 0), 1);
	cr_expect(world_file(job, 1).given_up);
	cr_expect_eq(world_file(job, 1).cause, CTM_E_FAIL);
	cr_expect_geq(world_file(job, 1).cause_ms, before_ms);
	cr_expect_neq(world_file(job, 1).events & 1u << ERROR, 0);
	cr_expect_not(world_file(job, 2).given_up);
	cr_expect_eq(world_job(job).files_given_up, 1);
	cr_expect_eq(world_job(job).cause, CTM_E_FAIL, "the job remembers");
	cr_expect_str_eq(world_text(job).cause, world_file(job, 1).why);
	cr_expect_eq(world_job(job).state, CTM_JOB_OPEN);
}

/* Nothing stands at the path: aria2 has given up on that file. */
Test(fold_error, by_path)
{
	uint32_t job = add_listed(1);

	cr_expect_eq(fold(0x99, "b", false, 0), 1);
	cr_expect(world_file(job, 2).given_up);
	cr_expect_eq(world_file(job, 2).cause, CTM_E_FAIL);
	cr_expect_eq(world_job(job).files_given_up, 1);
	cr_expect_eq(fold(0x98, "b", false, 0), 1);
	cr_expect_eq(world_job(job).files_given_up, 1, "once");
	cr_expect_eq(fold(0x99, "", false, 0), 0, "no path, and a gid of nobody");
	cr_expect_eq(fold(0x99, "none", false, 0), 0);
}

/* A file stands there, which can be another download's: it is remembered, and decides nothing. */
Test(fold_error, by_path_that_is_there)
{
	uint32_t job = add_listed(1);

	cr_expect_eq(fold(0x99, "b", true, 0), 1);
	cr_expect_not(world_file(job, 2).given_up);
	cr_expect_eq(world_file(job, 2).cause, CTM_E_FAIL);
	cr_expect_eq(world_job(job).files_given_up, 0);
	cr_expect_eq(world_job(job).cause, CTM_E_FAIL);
}

/* What could not be looked at may be there: that decides nothing either. */
Test(fold_error, by_path_that_can_not_be_seen)
{
	uint32_t jobs[] = {add_listed(1), add_counted(2, CTM_KIND_TOTALS, "")};

	cr_expect_eq(world_fold_one(ERROR, 0x99, 1, "b"), 1);
	for (int i = 0; i < 2; i++) {
		cr_expect_eq(world_job(jobs[i]).files_given_up, 0, "%d", i);
		cr_expect_eq(world_job(jobs[i]).cause, CTM_E_FAIL, "%d", i);
	}
	cr_expect_eq(fold(0x98, "b", false, 0), 1);
	for (int i = 0; i < 2; i++)
		cr_expect_eq(world_job(jobs[i]).files_given_up, 1, "%d", i);
}

/* A file listens to its own gid alone, in errors too. */
Test(fold_error, of_another_gid)
{
	uint32_t job = add_listed(1);

	cr_expect_eq(fold(0x99, "a", false, 0), 0);
	cr_expect_eq(fold(0, "a", false, 0), 0);
	cr_expect_not(world_file(job, 1).given_up);
	cr_expect_eq(world_file(job, 1).cause, 0);
	cr_expect_eq(world_job(job).cause, 0);
}

/* The sidecar may come up to a minute after its downloads have failed. */
Test(fold_error, before_the_registration)
{
	uint32_t job = add_listed(1);
	const int64_t created_ms = world_job(job).created_ms;

	cr_expect_eq(fold(0x11, "", false, created_ms - 60001), 1);
	cr_expect_not(world_file(job, 1).given_up);
	cr_expect_eq(world_file(job, 1).cause, CTM_E_FAIL, "remembered all the same");
	cr_expect_eq(fold(0x99, "b", false, created_ms - 60001), 1);
	cr_expect_not(world_file(job, 2).given_up);
	cr_expect_eq(fold(0x11, "", false, created_ms - 60000), 1);
	cr_expect(world_file(job, 1).given_up);
	cr_expect_eq(fold(0x99, "b", false, created_ms - 60000), 1);
	cr_expect(world_file(job, 2).given_up);
}

/* Where an earlier job ended in the same place, that minute was its own. */
Test(fold_error, of_an_earlier_job)
{
	uint32_t jobs[] = {add_listed(1), add_counted(2, CTM_KIND_TOTALS, "")};

	for (int i = 0; i < 2; i++) {
		const int64_t created_ms = world_job(jobs[i]).created_ms;
		const uint32_t number = i ? 1 : 2;

		world_ended(created_ms - 5000);
		cr_expect_eq(fold(0x99, "b", false, created_ms - 1), 1);
		cr_expect_not(world_file(jobs[i], number).given_up, "%d", i);
		cr_expect_eq(world_file(jobs[i], number).cause, CTM_E_FAIL, "%d: remembered", i);
		cr_expect_eq(fold(0x99, "b", false, created_ms), 1);
		cr_expect(world_file(jobs[i], number).given_up, "%d", i);
	}
}

/* One that ended while this one was there was none before it. */
Test(fold_error, beside_another_job)
{
	uint32_t job = add_listed(1);
	const int64_t created_ms = world_job(job).created_ms;

	world_ended(created_ms + 1);
	cr_expect_eq(fold(0x11, "", false, created_ms - 1), 1);
	cr_expect(world_file(job, 1).given_up);
}

/* Which file it was, and why no more is known. */
Test(fold_error, words)
{
	uint32_t job = add_listed(1);
	char expected[4096];

	fold(0x11, "", false, 0);
	snprintf(expected, sizeof expected,
		"\"%s\": aria2 gave up on it (gid 0000000000000011), why is not known because ",
		world_path("a"));
	cr_expect_eq(strncmp(world_file(job, 1).why, expected, strlen(expected)), 0, "%s",
		world_file(job, 1).why);
}

/* One that is there already stays there. */
Test(fold_error, of_an_evident_file)
{
	uint32_t job = add_listed(1);

	world_fold_one(CTM_EVENT_COMPLETE, 0x12, 1, "b");
	cr_expect_eq(fold(0x13, "b", false, 0), 1);
	cr_expect(world_file(job, 2).evident);
	cr_expect_eq(world_job(job).files_evident, 1);
	cr_expect_eq(world_job(job).files_given_up, 0);
}

/* Totals and single jobs: a file that is not counted yet, and one that is. */
Test(fold_error, counted)
{
	uint32_t jobs[] = {add_counted(1, CTM_KIND_TOTALS, ""),
		add_counted(2, CTM_KIND_SINGLE, "c"), add_counted(3, CTM_KIND_TOTALS, "d")};

	cr_expect_eq(fold(7, "c/x", false, 0), 1);
	for (int i = 0; i < 2; i++) {
		cr_expect_eq(world_job(jobs[i]).files_given_up, 1);
		cr_expect_eq(world_job(jobs[i]).files_evident, 0, "that it is listed counts none");
		cr_expect_str_eq(world_file(jobs[i], 1).path, world_path("c/x"));
		cr_expect_eq(world_file(jobs[i], 1).cause, CTM_E_FAIL);
	}
	cr_expect_eq(world_job(jobs[2]).files_listed, 0);
	cr_expect_eq(fold(8, "c/x", false, 0), 1);
	cr_expect_eq(world_job(jobs[0]).files_listed, 1, "once");
	cr_expect_eq(fold(8, "c/y", true, 0), 1);
	cr_expect_eq(world_job(jobs[0]).files_given_up, 1, "a file stands there");
	cr_expect_eq(world_file(jobs[0], 2).cause, CTM_E_FAIL);
	cr_expect_eq(world_fold_one(CTM_EVENT_COMPLETE, 9, 1, "c/x"), 1);
	cr_expect_eq(world_job(jobs[0]).files_given_up, 0);
	cr_expect_eq(world_job(jobs[0]).files_evident, 1, "it counts as one after all");
	cr_expect_eq(world_job(jobs[1]).state, CTM_JOB_VERIFYING);
}

/* Without a timeout of its own, or with delete_on_error, the job ends, with its one message. */
static void delete_on_error(struct ctm_job *job)
{
	job->timeout_s = 3600;
	job->delete_on_error = true;
}

Test(fold_error, ends_the_job)
{
	uint32_t jobs[] = {
		world_add_listed(1, files, 3), world_add_listed(2, files, 3), add_listed(3)};

	world_change(jobs[1], delete_on_error);
	cr_expect_eq(fold(0x11, "", false, 0), 1);
	for (int i = 0; i < 2; i++) {
		cr_expect_eq(world_job(jobs[i]).state, CTM_JOB_FAILED);
		cr_expect_eq(world_message(jobs[i]).kind, CTM_MESSAGE_ERROR);
		cr_expect_eq(world_message(jobs[i]).error_code, CTM_E_FAIL);
		cr_expect(world_has_work(CTM_WORK_SEND, jobs[i]));
	}
	cr_expect(world.work);
	cr_expect_eq(world_job(jobs[2]).state, CTM_JOB_OPEN);
	cr_expect_null(world_message(jobs[2]).source);
	cr_expect_eq(fold(0x11, "", false, 0), 1, "for the one that is open still");
	cr_expect_eq(world_message(jobs[0]).attempts, 0);
}

/* An error and the completion in one transaction: success goes first. */
Test(fold_error, with_the_completion)
{
	static const struct world_file one[] = {{"b", 0, 0}};
	uint32_t job = world_add_listed(1, one, 1);
	struct ctm_event events[] = {
		world_event(ERROR, 7, 1, "b"), world_event(CTM_EVENT_COMPLETE, 8, 1, "b")};

	events[0].sight.absent = true;
	cr_expect_eq(world_fold(events, 2), 2);
	cr_expect_eq(world_job(job).state, CTM_JOB_VERIFYING);
	cr_expect_null(world_message(job).source);
}
