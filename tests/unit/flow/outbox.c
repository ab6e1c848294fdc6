/* SPDX-License-Identifier: MIT */
#include "outbox.h"

#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include "world.h"

TestSuite(outbox, .init = world_init, .fini = world_done);

static const struct ctm_stamp now = {.boot = 1, .boot_ms = 5, .wall_ms = 1700000000999};

struct succeeding {
	uint32_t job;
	struct ctm_totals totals;
	int r;
};

static int succeed_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct ctm_schedule schedule = ctm_outbox_schedule(world.config);
	struct succeeding *s = context;
	struct ctm_job job;

	(void)e;
	cr_assert_eq(ctm_store_job_get(txn, s->job, &job), 0);
	s->r = ctm_outbox_succeed(txn, &job, &s->totals, &schedule, &now);
	return 0;
}

static int succeed(uint32_t job, uint64_t bytes, uint32_t files)
{
	struct succeeding s = {.job = job, .totals = {.bytes = bytes, .files = files}};

	world_update(succeed_body, &s);
	return s.r;
}

Test(outbox, succeed)
{
	static const struct world_file files[] = {{"a", 5, 0x11}, {"b", 0, 0}};
	uint32_t job = world_add_listed(1, files, 2);
	struct ctm_message message;

	world_fold_one(CTM_EVENT_COMPLETE, 0x11, 1, "a");
	world_fold_one(CTM_EVENT_COMPLETE, 0x12, 1, "b");
	cr_assert_eq(succeed(job, 12, 2), 0);
	cr_expect_eq(world_job(job).state, CTM_JOB_SUCCEEDED);
	cr_expect_eq(world_job(job).bytes_evident, 12);
	cr_expect_eq(world_job(job).files_total, 2);
	message = world_message(job);
	cr_expect_eq(message.kind, CTM_MESSAGE_SUCCESS);
	cr_expect_eq(message.state, CTM_MESSAGE_WAITING);
	cr_expect(message.bytes_total == 12 && message.bytes_transferred == 12);
	cr_expect(message.files_total == 2 && message.files_transferred == 2);
	cr_expect_eq(message.time_s, 1700000000, "when the job ended");
	cr_expect_eq(message.attempts, 0);
	cr_expect_eq(ctm_message_due_ms(&message, &now), 0, "due by the first step");
	cr_expect_eq(strncmp(message.source, "aria2-ctm://", 12), 0, "%s", message.source);
	cr_expect_gt(strlen(message.source), 12);
	cr_expect_str_eq(message.text, "");
	cr_expect(world_has_work(CTM_WORK_SEND, job));
	cr_expect_not(world_has_work(CTM_WORK_VERIFY, job));
	cr_expect_eq(world_fold_one(CTM_EVENT_COMPLETE, 0x11, 1, "a"), 0, "it claims no more");
}

/* One message for ever. */
Test(outbox, once)
{
	uint32_t job = world_add_counted(1, CTM_KIND_TOTALS, "", 1);

	world_fold_one(CTM_EVENT_COMPLETE, 1, 1, "a");
	cr_assert_eq(succeed(job, 12, 1), 0);
	cr_expect_eq(succeed(job, 99, 9), -EALREADY);
	cr_expect_eq(world_message(job).bytes_total, 12);
	cr_expect_eq(world_job(job).bytes_evident, 12);
	cr_expect_eq(world_fold_one(CTM_EVENT_COMPLETE, 1, 1, "b"), 0, "nor does its root");
}

struct sending {
	const char *id;
	uint32_t number;
	int r;
};

static int send_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct ctm_totals totals = {.bytes = UINT64_MAX, .files = UINT32_MAX};
	const struct ctm_schedule schedule = ctm_outbox_schedule(world.config);
	struct sending *s = context;

	(void)e;
	s->r = ctm_outbox_send_success(
		txn, s->id, "ctm", "data \"1\"\n", &totals, &schedule, &now, &s->number);
	return 0;
}

Test(outbox, send_success)
{
	struct sending s = {.id = world_id(1)};
	uint32_t number;

	world_update(send_body, &s);
	cr_assert_eq(s.r, 0);
	number = s.number;
	cr_expect_eq(world_job(number).state, CTM_JOB_SUCCEEDED);
	cr_expect_str_eq(world_text(number).id, world_id(1));
	cr_expect_str_eq(world_text(number).endpoint, "ctm");
	cr_expect_str_eq(world_text(number).client_data, "data \"1\"\n");
	cr_expect_str_eq(world_text(number).sidecar, "");
	cr_expect_eq(world_message(number).bytes_total, UINT64_MAX);
	cr_expect_eq(world_message(number).files_transferred, UINT32_MAX);
	cr_expect(world_has_work(CTM_WORK_SEND, number));

	s.number = 0;
	world_update(send_body, &s);
	cr_expect_eq(s.r, -EEXIST);
	cr_expect_eq(s.number, number, "it names the job that is there");
}

Test(outbox, send_success_of_a_job_that_is_followed)
{
	static const struct world_file files[] = {{"a", 5, 0}};
	uint32_t job = world_add_listed(1, files, 1);
	struct sending s = {.id = world_id(1)};

	world_update(send_body, &s);
	cr_expect_eq(s.r, -EEXIST);
	cr_expect_eq(s.number, job);
	cr_expect_null(world_message(job).source);
	cr_expect_eq(world_job(job).state, CTM_JOB_OPEN);
	s.id = "no guid";
	world_update(send_body, &s);
	cr_expect_eq(s.r, -EINVAL);
}

Test(outbox, schedule_and_random)
{
	const struct ctm_schedule schedule = ctm_outbox_schedule(world.config);
	uint32_t seen = 0;

	cr_assert_eq(schedule.n, 3);
	cr_expect(
		schedule.steps_s[0] == 0 && schedule.steps_s[1] == 5 && schedule.steps_s[2] == 300);
	for (int i = 0; i < 64; i++)
		seen |= ctm_outbox_random();
	cr_expect_eq(seen, UINT32_MAX, "every bit is random");
}
