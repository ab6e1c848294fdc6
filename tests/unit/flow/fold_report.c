/* SPDX-License-Identifier: MIT */
#include "fold_report.h"

#include <criterion/criterion.h>

#include "hresult.h"
#include "world.h"

TestSuite(fold_report, .init = world_init, .fini = world_done);

static const struct world_file files[] = {{"a", 0, 0}, {"b", 0, 0}};

static void give_time(struct ctm_job *job)
{
	job->timeout_s = 3600;
}

/* What each status becomes. */
Test(fold_report, statuses)
{
	static const struct {
		enum ctm_report_status status;
		bool seeder, evident, given_up, at_end;
		uint32_t cause;
	} table[] = {
		{CTM_REPORT_ACTIVE, false, false, false, false, 0},
		{CTM_REPORT_WAITING, true, false, false, false, 0},
		{CTM_REPORT_PAUSED, true, false, false, false, 0},
		{CTM_REPORT_UNKNOWN, true, false, false, false, 0},
		{CTM_REPORT_ERROR, true, false, true, true, CTM_E_HTTP(404)},
		{CTM_REPORT_REMOVED, true, false, false, true, CTM_E_CANCELLED},
		{CTM_REPORT_COMPLETE, false, true, false, true, 0},
		{CTM_REPORT_ACTIVE, true, true, false, true, 0},
	};

	for (unsigned i = 0; i < sizeof table / sizeof *table; i++) {
		uint32_t job = world_add_listed(i + 1, files, 2);
		struct ctm_report report = world_report(table[i].status, 7, "a");
		struct ctm_file file;

		world_change(job, give_time);
		report.seeder = table[i].seeder;
		report.bytes = report.done = 5;
		report.error_code = table[i].status == CTM_REPORT_ERROR ? 3 : 0;
		world_answer(&report);
		file = world_file(job, 1);
		cr_expect_eq(file.evident, table[i].evident, "row %u", i);
		cr_expect_eq(file.given_up, table[i].given_up, "row %u", i);
		cr_expect_eq(file.cause, table[i].cause, "row %u: %x", i, file.cause);
		cr_expect_eq(world_job(job).state, CTM_JOB_OPEN);
		cr_expect_not(world_file(job, 2).evident);
		cr_expect_eq(world_known(7).at_end, table[i].at_end, "row %u", i);
		cr_expect_eq(world_known(7).since_ms, table[i].at_end ? report.asked_ms : 0,
			"row %u: what is under way is for polls", i);
		world_know(7, NULL);
	}
}

/* The answer is the end that counts: at the time of its event, whatever was known of that gid. */
Test(fold_report, the_end_is_noted)
{
	static const struct ctm_known before[] = {
		{.since_ms = 5, .at_end = true}, {.since_ms = INT64_MAX}};
	struct ctm_report report = world_report(CTM_REPORT_COMPLETE, 7, "a");
	struct ctm_event event = world_event(CTM_EVENT_STOP, 7, 1, "a");

	event.wall_ms -= 4000;
	report.event = &event;
	for (unsigned i = 0; i < 2; i++) {
		world_know(7, &before[i]);
		world_answer(&report);
		cr_expect(world_known(7).at_end, "%u", i);
		cr_expect_eq(world_known(7).since_ms, event.wall_ms, "%u", i);
		cr_expect_eq(world_known(7).before_ms, event.wall_ms, "%u", i);
	}
	report.status = CTM_REPORT_ACTIVE;
	world_know(7, NULL);
	world_answer(&report);
	cr_expect_eq(world_known(7).since_ms, 0);
}

static int known_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	(void)e;
	return ctm_fold_known(txn, context, &(struct ctm_known){0});
}

static void know(enum ctm_report_status status, int64_t asked_ms)
{
	struct ctm_report report = world_report(status, 7, "a");

	report.asked_ms = asked_ms;
	world_update(known_body, &report);
}

/* The last time under way, the first time at the end. */
Test(fold_report, known)
{
	know(CTM_REPORT_ACTIVE, 1000);
	know(CTM_REPORT_PAUSED, 2000);
	cr_expect_eq(world_known(7).since_ms, 2000);
	cr_expect_not(world_known(7).at_end);
	know(CTM_REPORT_ERROR, 3000);
	cr_expect_eq(world_known(7).since_ms, 3000);
	cr_expect(world_known(7).at_end);
	cr_expect_eq(world_known(7).before_ms, 2000);
	know(CTM_REPORT_COMPLETE, 4000);
	know(CTM_REPORT_REMOVED, 5000);
	cr_expect_eq(world_known(7).since_ms, 3000, "the first");
	cr_expect_eq(world_known(7).before_ms, 2000);
	know(CTM_REPORT_WAITING, 6000);
	cr_expect_eq(world_known(7).since_ms, 6000, "added again with its gid");
	cr_expect_not(world_known(7).at_end);
	cr_expect_eq(world_known(7).before_ms, 0);
	know(CTM_REPORT_COMPLETE, 7000);
	cr_expect_eq(world_known(7).since_ms, 7000);
	cr_expect_eq(world_known(7).before_ms, 6000);
	cr_expect_eq(world_known(8).since_ms, 0);
}
