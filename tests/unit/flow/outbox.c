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

struct failing {
	uint32_t job;
	struct ctm_failure failure;
	int r;
};

static int fail_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct ctm_schedule schedule = ctm_outbox_schedule(world.config);
	struct failing *f = context;
	struct ctm_job job;

	(void)e;
	cr_assert_eq(ctm_store_job_get(txn, f->job, &job), 0);
	f->r = ctm_outbox_fail(txn, &job, &f->failure, &schedule, &now);
	return 0;
}

static int fail(uint32_t job, uint32_t hresult, const char *text)
{
	struct failing f = {.job = job, .failure = {.hresult = hresult, .text = text}};

	world_update(fail_body, &f);
	return f.r;
}

static int cancel_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct failing *f = context;
	struct ctm_job job;

	(void)e;
	cr_assert_eq(ctm_store_job_get(txn, f->job, &job), 0);
	f->r = ctm_outbox_cancel(txn, &job, &now);
	return 0;
}

static int cancel(uint32_t job)
{
	struct failing f = {.job = job};

	world_update(cancel_body, &f);
	return f.r;
}

struct telling {
	uint32_t job;
	enum ctm_progress_type type;
	struct ctm_progress_totals totals;
	int r;
};

static int tell_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct telling *t = context;
	struct ctm_job job;

	(void)e;
	cr_assert_eq(ctm_store_job_get(txn, t->job, &job), 0);
	t->r = ctm_outbox_progress(txn, &job, t->type, &t->totals, &now);
	return ctm_store_job_put(txn, &job);
}

static int tell(uint32_t job, uint64_t bytes)
{
	struct telling t = {.job = job,
		.type = CTM_PROGRESS_PREPARING_DOWNLOAD,
		.totals = {.bytes_total = 100,
			.bytes_transferred = bytes,
			.files_total = 9,
			.files_transferred = 3}};

	world_update(tell_body, &t);
	return t.r;
}

Test(outbox, fail)
{
	static const struct world_file files[] = {{"a", 5, 0x11}};
	uint32_t job = world_add_listed(1, files, 1);
	struct ctm_message message;

	world_fold_one(CTM_EVENT_COMPLETE, 0x11, 1, "a");
	cr_assert(world_has_work(CTM_WORK_VERIFY, job));
	cr_assert_eq(fail(job, 0x80190194, "\"a\": not found"), 0);
	cr_expect_eq(world_job(job).state, CTM_JOB_FAILED);
	cr_expect_eq(world_job(job).cause, 0x80190194);
	cr_expect_eq(world_job(job).ended_s, 1700000000);
	cr_expect_str_eq(world_text(job).cause, "\"a\": not found");
	message = world_message(job);
	cr_expect_eq(message.kind, CTM_MESSAGE_ERROR);
	cr_expect_eq(message.state, CTM_MESSAGE_WAITING);
	cr_expect_eq(message.error_code, 0x80190194);
	cr_expect_str_eq(message.error_message, "\"a\": not found");
	cr_expect_str_eq(message.text, "");
	cr_expect_eq(message.time_s, 1700000000);
	cr_expect_eq(ctm_message_due_ms(&message, &now), 0);
	cr_expect(world_has_work(CTM_WORK_SEND, job));
	cr_expect_not(world_has_work(CTM_WORK_VERIFY, job));
	cr_expect_eq(world_fold_one(CTM_EVENT_COMPLETE, 0x11, 1, "a"), 0, "it claims no more");
	cr_expect_eq(world_fold_one(CTM_EVENT_ERROR, 0x11, 1, "a"), 0);
}

/* Never empty, always UTF-8, in one line, and of a size that CTM takes. */
Test(outbox, error_text)
{
	static char long_text[10000];
	static const struct {
		const char *text, *want;
	} table[] = {
		{"", "0x80004005 (E_FAIL)"},
		{"caf\xc3\xa9", "caf\xc3\xa9"},
		{"a\nb\r\tc", "a\\nb\\r\\tc"},
		{"\xff", "\\xff"},
		{"\x01", "\\x01"},
	};
	const char *got;

	for (unsigned i = 0; i < sizeof table / sizeof *table; i++) {
		uint32_t job = world_add_counted(i + 1, CTM_KIND_SINGLE, "", 0);

		cr_assert_eq(fail(job, 0x80004005, table[i].text), 0);
		cr_expect_str_eq(world_message(job).error_message, table[i].want);
	}
	memset(long_text, 'x', sizeof long_text - 1);
	cr_assert_eq(fail(world_add_counted(99, CTM_KIND_SINGLE, "", 0), 0x80004005, long_text), 0);
	got = world_message(6).error_message;
	cr_assert_not_null(got);
	cr_expect_leq(strlen(got), 2 * CTM_ERROR_TEXT + 3);
	cr_expect_str_eq(got + strlen(got) - 3, "...");
}

/* A name from the net can be nothing but what is escaped: four bytes for each. */
Test(outbox, error_text_of_controls)
{
	static const char *const odd[] = {"\x01", "\xff", "\xe2\x80\xae"};

	for (unsigned i = 0; i < sizeof odd / sizeof *odd; i++) {
		static char text[3 * 2 * CTM_ERROR_TEXT + 1];
		const size_t step = strlen(odd[i]);
		const char *got;

		for (size_t at = 0; at + step < sizeof text; at += step)
			strcpy(text + at, odd[i]);
		cr_assert_eq(
			fail(world_add_counted(i + 1, CTM_KIND_SINGLE, "", 0), 0x80004005, text),
			0);
		got = world_message(i + 1).error_message;
		cr_assert_not_null(got);
		cr_expect_eq(strncmp(got, "\\x", 2), 0);
		cr_expect_eq(strlen(got), 4 * 2 * CTM_ERROR_TEXT + strlen("..."));
		cr_expect_str_eq(got + strlen(got) - 3, "...");
	}
}

Test(outbox, cancel)
{
	uint32_t job = world_add_counted(1, CTM_KIND_TOTALS, "", 1);

	cr_assert_eq(tell(job, 1), 0);
	cr_assert_eq(cancel(job), 0);
	cr_expect_eq(world_job(job).state, CTM_JOB_CANCELLED);
	cr_expect_null(world_message(job).source, "without a word");
	cr_expect_null(world_progress(job).source);
	cr_expect_not(world_has_work(CTM_WORK_SEND, job));
	cr_expect_not(world_has_work(CTM_WORK_PROGRESS, job));
	cr_expect_eq(world_fold_one(CTM_EVENT_COMPLETE, 1, 1, "a"), 0);
}

/* Whatever came first. */
Test(outbox, first_end_stands)
{
	for (unsigned first = 0; first < 3; first++) {
		uint32_t job = world_add_counted(first + 1, CTM_KIND_TOTALS, "", 1);
		static const enum ctm_job_state states[] = {
			CTM_JOB_SUCCEEDED, CTM_JOB_FAILED, CTM_JOB_CANCELLED};
		struct ctm_message message;

		cr_assert_eq(first == 0   ? succeed(job, 7, 1)
			     : first == 1 ? fail(job, 0x80004005, "first")
					  : cancel(job),
			0);
		message = world_message(job);
		cr_expect_eq(succeed(job, 9, 9), -EALREADY);
		cr_expect_eq(fail(job, 0x80070005, "second"), -EALREADY);
		cr_expect_eq(cancel(job), -EALREADY);
		cr_expect_eq(world_job(job).state, states[first]);
		cr_expect_eq(world_message(job).kind, message.kind);
		cr_expect_eq(world_message(job).error_code, message.error_code);
		cr_expect_eq(world_message(job).bytes_total, message.bytes_total);
		cr_expect_eq(world_text(job).cause[0] != 0, first == 1);
	}
}

/* Numbered from 1; the newest takes the place of the one that waits. */
Test(outbox, progress)
{
	uint32_t job = world_add_counted(1, CTM_KIND_TOTALS, "", 9);
	struct ctm_message message;

	cr_assert_eq(tell(job, 10), 0);
	message = world_progress(job);
	cr_expect_eq(message.kind, CTM_MESSAGE_PROGRESS);
	cr_expect_eq(message.state, CTM_MESSAGE_WAITING);
	cr_expect_eq(message.sequence, 1);
	cr_expect_eq(message.progress_type, CTM_PROGRESS_PREPARING_DOWNLOAD);
	cr_expect_eq(message.bytes_total, 100);
	cr_expect_eq(message.bytes_transferred, 10);
	cr_expect_eq(message.files_total, 9);
	cr_expect_eq(message.files_transferred, 3);
	cr_expect_eq(message.time_s, 1700000000);
	cr_expect_eq(ctm_message_due_ms(&message, &now), 0, "at once, whatever the schedule");
	cr_expect_str_eq(message.error_message, "");
	cr_expect(world_has_work(CTM_WORK_PROGRESS, job));
	cr_expect_eq(world_job(job).progress, 1);
	cr_expect_eq(world_job(job).bytes_told, 10);
	cr_assert_eq(tell(job, 20), 0);
	cr_expect_eq(world_progress(job).sequence, 2);
	cr_expect_eq(world_progress(job).bytes_transferred, 20);
	cr_expect_null(world_message(job).source, "it is no final word");
}

static int begin_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct ctm_message m;
	int r = ctm_store_progress_get(txn, *(const uint32_t *)context, &m);

	(void)e;
	cr_assert_eq(r, 0);
	m.under_way = true;
	r = ctm_store_progress_put(txn, &m);
	ctm_message_done(&m);
	return r;
}

static int judge_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct ctm_message m;
	int r = ctm_store_progress_get(txn, *(const uint32_t *)context, &m);

	(void)e;
	cr_assert_eq(r, 0);
	m.under_way = false;
	m.state = CTM_MESSAGE_SENT;
	r = ctm_store_progress_put(txn, &m);
	ctm_message_done(&m);
	return r;
}

/* The end drops what waits, and what is over; an attempt under way is its sender's. */
Test(outbox, progress_at_the_end)
{
	uint32_t jobs[3];

	for (unsigned i = 0; i < 3; i++) {
		jobs[i] = world_add_counted(i + 1, CTM_KIND_TOTALS, "", 9);
		cr_assert_eq(tell(jobs[i], 10), 0);
	}
	world_update(begin_body, &jobs[1]);
	world_update(judge_body, &jobs[2]);
	for (unsigned i = 0; i < 3; i++) {
		cr_assert_eq(i ? fail(jobs[i], 0x80004005, "x") : succeed(jobs[i], 1, 1), 0);
		cr_expect_eq(world_progress(jobs[i]).source != NULL, i == 1, "%u", i);
		cr_expect_eq(world_has_work(CTM_WORK_PROGRESS, jobs[i]), i == 1, "%u", i);
		cr_expect(world_has_work(CTM_WORK_SEND, jobs[i]));
	}
}

struct making {
	const char *id;
	uint32_t number;
	int r;
};

static int make_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct making *m = context;
	char endpoint[] = "ctm";
	char client_data[] = "data \"1\"\n";
	const struct ctm_job_text text = {
		.id = (char *)(uintptr_t)m->id, .endpoint = endpoint, .client_data = client_data};
	struct ctm_job job;

	(void)e;
	m->r = ctm_outbox_new_job(txn, &text, &now, &job);
	m->number = job.number;
	return 0;
}

static struct making make(const char *id)
{
	struct making m = {.id = id};

	world_update(make_body, &m);
	return m;
}

/* A job by hand: open, without a sidecar, and ended by a word like any other. */
Test(outbox, new_job)
{
	struct making m = make(world_id(1));
	uint32_t number = m.number;

	cr_assert_eq(m.r, 0);
	cr_expect_eq(world_job(number).state, CTM_JOB_OPEN);
	cr_expect_eq(world_job(number).created_ms, now.wall_ms);
	cr_expect_str_eq(world_text(number).id, world_id(1));
	cr_expect_str_eq(world_text(number).endpoint, "ctm");
	cr_expect_str_eq(world_text(number).client_data, "data \"1\"\n");
	cr_expect_str_eq(world_text(number).sidecar, "");
	cr_expect_null(world_message(number).source);
	m = make(world_id(1));
	cr_expect_eq(m.r, -EEXIST);
	cr_expect_eq(m.number, number, "it names the job that is there");
	cr_assert_eq(succeed(number, UINT64_MAX, UINT32_MAX), 0);
	cr_expect_eq(world_message(number).bytes_total, UINT64_MAX);
	cr_expect_eq(world_message(number).files_transferred, UINT32_MAX);
	cr_expect(world_has_work(CTM_WORK_SEND, number));
	cr_expect_eq(make(world_id(1)).r, -EEXIST, "ended or not");
	cr_expect_eq(make("no guid").r, -EINVAL);
}

Test(outbox, new_job_of_one_that_is_followed)
{
	static const struct world_file files[] = {{"a", 5, 0}};
	uint32_t job = world_add_listed(1, files, 1);
	struct making m = make(world_id(1));

	cr_expect_eq(m.r, -EEXIST);
	cr_expect_eq(m.number, job);
	cr_expect_null(world_message(job).source);
	cr_expect_eq(world_job(job).state, CTM_JOB_OPEN);
	cr_expect_eq(world_job(job).kind, CTM_KIND_LISTED);
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
