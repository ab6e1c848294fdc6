/* SPDX-License-Identifier: MIT */
#include "expire.h"

#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include "deadline.h"
#include "hresult.h"
#include "sides.h"
#include "store_keys.h"
#include "world.h"

TestSuite(expire, .init = world_init, .fini = world_done);

#define YEARS_MS (INT64_C(30) * 365 * 86400 * 1000)

/* A job of two files with that timeout, 0 for none. */
static uint32_t add(unsigned id, uint64_t timeout_s)
{
	char name[16] = "one";
	struct ctm_sidecar *sidecar;

	name[0] = (char)('a' + id);
	sidecar = sides_listed(id, name, 2, (const char *[]){"a", "b"});
	sidecar->timeout_s = timeout_s;
	return sides_register(sidecar, false).job;
}

static void grow_old(uint32_t job, uint64_t age_s)
{
	struct ctm_job changed = world_job(job);

	changed.age_ms = age_s * 1000;
	sides_put_job(&changed);
}

static void expire(void)
{
	struct ctm_error e = CTM_ERROR_INIT;

	world.state->work = false;
	cr_assert_eq(ctm_expire(world.state, &e), 0, "%s", e.text);
}

static int get_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct ctm_stamp now = ctm_clock_now();

	(void)e;
	return ctm_deadline_get(txn, &now, context);
}

/* When the next one's time may be over. */
static uint64_t bound(void)
{
	uint64_t boot_ms = 0;

	world_update(get_body, &boot_ms);
	return boot_ms;
}

static void expect_left(uint64_t seconds)
{
	const uint64_t now_ms = ctm_clock_boot_ms();
	const uint64_t at_ms = bound();

	cr_expect(at_ms <= now_ms + seconds * 1000 && at_ms + 5000 >= now_ms + seconds * 1000,
		"in %lld ms", (long long)(at_ms - now_ms));
}

static void expect_open(uint32_t job)
{
	cr_expect_eq(world_job(job).state, CTM_JOB_OPEN);
	cr_expect_null(world_message(job).source);
	cr_expect_not(world.state->work);
}

static void expect_error(uint32_t job, uint32_t hresult, const char *text)
{
	const struct ctm_message message = world_message(job);

	cr_expect_eq(world_job(job).state, CTM_JOB_FAILED);
	cr_assert_not_null(message.source);
	cr_expect_eq(message.kind, CTM_MESSAGE_ERROR);
	cr_expect_eq(message.state, CTM_MESSAGE_WAITING);
	cr_expect_eq(message.error_code, hresult, "0x%08x", message.error_code);
	cr_expect_not_null(strstr(message.error_message, text), "%s", message.error_message);
	cr_expect(world_has_work(CTM_WORK_SEND, job));
	cr_expect(world.state->work);
}

Test(expire, nothing)
{
	expire();
	cr_expect_eq(bound(), UINT64_MAX);
	cr_expect_not(world.state->work);
}

Test(expire, past)
{
	uint32_t past = add(1, 10);
	uint32_t left = add(2, 3600);
	struct ctm_message message;

	expect_left(10);
	world_fold_one(CTM_EVENT_COMPLETE, 1, 1, "a");
	grow_old(past, 10);
	grow_old(left, 100);
	expire();
	expect_error(past, CTM_E_TIMEOUT, world_path("b"));
	message = world_message(past);
	cr_expect_not_null(
		strstr(message.error_message, "1 of 2 files"), "%s", message.error_message);
	cr_expect_null(strstr(message.error_message, world_path("a")), "it is there");
	cr_expect_eq(world_job(left).state, CTM_JOB_OPEN);
	expect_left(3500);
	expire();
	cr_expect_eq(world_message(past).time_s, message.time_s);
	expect_open(left);
	grow_old(left, 3600);
	expire();
	expect_error(left, CTM_E_TIMEOUT, "the timeout of 3600 s");
	cr_expect_eq(bound(), UINT64_MAX, "nothing is left that could end");
}

Test(expire, without_timeout)
{
	uint32_t job = add(1, 0);

	expire();
	expect_open(job);
	expect_left(world.config->give_up_s);
	grow_old(job, world.config->give_up_s);
	expire();
	expect_error(job, CTM_E_TIMEOUT, "time to give up");
}

struct causing {
	uint32_t job;
	struct ctm_cause cause;
};

static int cause_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct causing *c = context;
	struct ctm_file file;
	struct ctm_job job;
	int r;

	(void)e;
	cr_assert_eq(ctm_store_job_get(txn, c->job, &job), 0);
	cr_assert_eq(ctm_store_file_get(txn, c->job, 2, &file), 0);
	cr_assert_eq(ctm_job_note_cause(&job, &file, &c->cause, true), 1);
	r = ctm_store_file_put(txn, &file);
	ctm_file_done(&file);
	return r < 0 ? r : ctm_store_job_put(txn, &job);
}

/* What aria2 said last of what is missing counts more than that time is over. */
Test(expire, with_a_cause)
{
	struct causing c = {.job = add(1, 10),
		.cause = {.hresult = 0x80190194, .since_ms = 5, .text = "404, says the server"}};

	world_update(cause_body, &c);
	expire();
	expect_open(c.job);
	grow_old(c.job, 10);
	expire();
	expect_error(c.job, 0x80190194, "404, says the server; the timeout of 10 s is over");
}

/* aria2 gave up on a file, and who saw that left the end to us: its time is not over. */
Test(expire, left_to_us)
{
	struct causing c = {.job = add(1, 0),
		.cause = {.hresult = 0x80190194, .since_ms = 5, .text = "404, says the server"}};

	world_update(cause_body, &c);
	expire();
	expect_error(c.job, 0x80190194, "404, says the server");
	cr_expect_null(strstr(world_message(c.job).error_message, "is over"));
}

static int lose_text_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const uint32_t *job = context;
	struct ctm_key key = ctm_key(CTM_TABLE_TEXT);

	(void)e;
	ctm_key_u32(&key, *job);
	return ctm_txn_delete(txn, &key);
}

/* What is damaged of one job keeps the others neither from their end nor from being looked for. */
Test(expire, past_one_that_cannot_be_ended)
{
	uint32_t first = add(1, 10);
	uint32_t spoilt = add(2, 10);
	uint32_t last = add(3, 10);
	uint32_t left = add(4, 3600);

	world_update(lose_text_body, &spoilt);
	grow_old(first, 10);
	grow_old(spoilt, 10);
	grow_old(last, 10);
	for (unsigned again = 0; again < 2; again++) {
		expire();
		cr_expect_eq(world_job(spoilt).state, CTM_JOB_OPEN, "nothing of its end is stored");
		cr_expect_null(world_message(spoilt).source);
		expect_left(3600);
		cr_expect_eq(world_job(left).state, CTM_JOB_OPEN);
		if (again)
			cr_expect_not(world.state->work);
		else
			expect_error(first, CTM_E_TIMEOUT, "the timeout of 10 s");
	}
	cr_expect_eq(world_job(first).state, CTM_JOB_FAILED);
	cr_expect_eq(world_job(last).state, CTM_JOB_FAILED);
	cr_expect_not_null(world_message(last).source);
}

/* Its look ends it, one way or the other. */
Test(expire, verifying)
{
	uint32_t job = add(1, 10);

	world_fold_one(CTM_EVENT_COMPLETE, 1, 1, "a");
	world_fold_one(CTM_EVENT_COMPLETE, 2, 1, "b");
	cr_assert_eq(world_job(job).state, CTM_JOB_VERIFYING);
	grow_old(job, 1000);
	expire();
	cr_expect_eq(world_job(job).state, CTM_JOB_VERIFYING);
	cr_expect_null(world_message(job).source);
	cr_expect(world_has_work(CTM_WORK_VERIFY, job));
	cr_expect_eq(bound(), UINT64_MAX, "or the deliverer would come back for it at once");
}

/* Its look found something wrong: its time counts again, though nobody noted it meanwhile. */
Test(expire, open_again)
{
	uint32_t job = add(1, 3600);

	world_fold_one(CTM_EVENT_COMPLETE, 1, 1, "a");
	world_fold_one(CTM_EVENT_COMPLETE, 2, 1, "b");
	expire();
	cr_assert_eq(bound(), UINT64_MAX);
	world_withdraw(job, 2);
	cr_assert_eq(world_job(job).state, CTM_JOB_OPEN);
	expect_left(3600);
}

Test(expire, suspended)
{
	uint32_t number = add(1, 10);
	struct ctm_stamp now = ctm_clock_now();
	struct ctm_job job = world_job(number);

	cr_assert_eq(ctm_job_suspend(&job, &now), 0);
	job.seen.boot_ms = 0;
	sides_put_job(&job);
	expire();
	expect_open(number);
	cr_expect_eq(bound(), UINT64_MAX);
}

/* The wall clock of this boot is set: forward or back, in the life of the job or before it. */
Test(expire, wall_clock_jumps)
{
	static const int64_t jumps_ms[] = {YEARS_MS, -YEARS_MS};

	for (unsigned i = 0; i < 2; i++) {
		uint32_t number = add(i + 1, 3600);
		struct ctm_job job = world_job(number);

		job.seen.wall_ms += jumps_ms[i];
		job.created_ms += jumps_ms[i];
		sides_put_job(&job);
		expire();
		expect_open(number);
		expect_left(3600);
	}
}

/* Between two boots only the wall clock can tell, and it never makes anything younger. */
Test(expire, across_boots)
{
	static const struct {
		int64_t away_s;
		uint64_t age_s;
		bool is_over;
	} table[] = {
		{5, 0, false},
		{4000, 0, true},
		{5, 3599, true},
		{-1000, 0, false},
		{-YEARS_MS / 1000, 3590, false},
	};

	for (unsigned i = 0; i < sizeof table / sizeof *table; i++) {
		uint32_t number = add(i + 1, 3600);
		struct ctm_job job = world_job(number);

		job.seen.boot++;
		job.seen.boot_ms += 1000000;
		job.seen.wall_ms -= table[i].away_s * 1000;
		job.age_ms = table[i].age_s * 1000;
		sides_put_job(&job);
		expire();
		cr_expect_eq(world_job(number).state,
			table[i].is_over ? CTM_JOB_FAILED : CTM_JOB_OPEN, "row %u", i);
	}
}

/* Where the wall clock stays behind, as without RTC and network, time counts from the first flush.
 */
Test(expire, clock_stays_behind)
{
	const struct ctm_stamp now = ctm_clock_now();
	uint32_t number = add(1, 3600);
	struct ctm_job job = world_job(number);

	job.seen.boot++;
	job.seen.wall_ms += YEARS_MS;
	job.age_ms = 3000000;
	sides_put_job(&job);
	expire();
	expect_open(number);
	expect_left(600);
	job = world_job(number);
	cr_expect_eq(job.seen.boot, now.boot);
	cr_expect_eq(job.age_ms, 3000000, "the uptime of what may be another machine says nothing");
	cr_assert_geq(job.seen.boot_ms, now.boot_ms);
	job.seen.boot_ms -= 600000;
	job.seen.wall_ms += YEARS_MS;
	sides_put_job(&job);
	expire();
	expect_error(number, CTM_E_TIMEOUT, "the timeout of 3600 s");
}

static int other_boot_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct ctm_stamp before = ctm_clock_now();

	(void)context;
	(void)e;
	before.boot++;
	return ctm_deadline_set(txn, &before, 100000);
}

/* The bound of another boot says nothing, and is replaced. */
Test(expire, bound_of_another_boot)
{
	uint32_t job = add(1, 3600);

	world_update(other_boot_body, NULL);
	cr_expect_eq(bound(), 0);
	expire();
	cr_expect_eq(world_job(job).state, CTM_JOB_OPEN);
	cr_expect_null(world_message(job).source);
	expect_left(3600);
}
