/* SPDX-License-Identifier: MIT */
#include "deadline.h"

#include <criterion/criterion.h>

#include "world.h"

TestSuite(deadline, .init = world_init, .fini = world_done);

#define DAY_MS INT64_C(86400000)

static const struct ctm_stamp now = {.boot = 5, .boot_ms = 100000, .wall_ms = 1700000000000};

struct asking {
	struct ctm_stamp now;
	uint64_t left_ms; /* to set; 0 with `sets` false: nothing is set */
	bool sets;
	const struct ctm_job *job; /* to note; NULL: none */
	uint64_t boot_ms;
	bool due;
};

static int ask_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct asking *a = context;
	const struct ctm_fold fold = {.config = world.config, .now = a->now};
	int r = a->sets ? ctm_deadline_set(txn, &a->now, a->left_ms) : 0;

	(void)e;
	if (r == 0 && a->job)
		r = ctm_deadline_note(txn, a->job, &fold);
	if (r == 0)
		r = ctm_deadline_get(txn, &a->now, &a->boot_ms);
	return r < 0 ? r : ctm_deadline_is_due(txn, &a->now, &a->due);
}

static struct asking ask(struct asking a)
{
	world_update(ask_body, &a);
	return a;
}

static struct asking set(const struct ctm_stamp *at, uint64_t left_ms)
{
	return ask((struct asking){.now = *at, .left_ms = left_ms, .sets = true});
}

static struct asking note(const struct ctm_stamp *at, const struct ctm_job *job)
{
	return ask((struct asking){.now = *at, .job = job});
}

static struct asking look(const struct ctm_stamp *at)
{
	return ask((struct asking){.now = *at});
}

static struct ctm_stamp after(uint64_t ms)
{
	struct ctm_stamp stamp = now;

	stamp.boot_ms += ms;
	stamp.wall_ms += (int64_t)ms;
	return stamp;
}

Test(deadline, of_a_store_without_jobs)
{
	struct asking a = look(&now);

	cr_expect_eq(a.boot_ms, UINT64_MAX);
	cr_expect_not(a.due);
}

Test(deadline, near)
{
	const struct ctm_stamp before = after(4999);
	const struct ctm_stamp then = after(5000);

	cr_expect_eq(set(&now, 5000).boot_ms, 105000);
	cr_expect_not(look(&before).due);
	cr_expect(look(&then).due);
	cr_expect_eq(look(&then).boot_ms, 105000);
	cr_expect(set(&now, 0).due);
	cr_expect_not(set(&now, 1).due);
}

Test(deadline, never)
{
	struct ctm_stamp late = after(UINT64_C(1) << 62);

	cr_expect_eq(set(&now, 5000).boot_ms, 105000);
	cr_expect_eq(set(&now, UINT64_MAX).boot_ms, UINT64_MAX);
	cr_expect_not(look(&late).due);
	cr_expect_eq(set(&now, UINT64_MAX - now.boot_ms).boot_ms, UINT64_MAX, "nothing wraps");
	cr_expect_eq(set(&now, UINT64_MAX - now.boot_ms - 1).boot_ms, UINT64_MAX - 1);
}

/* What another boot noted says nothing: the jobs are looked at. */
Test(deadline, of_another_boot)
{
	struct ctm_stamp other = {.boot = 6, .boot_ms = 10, .wall_ms = now.wall_ms - DAY_MS};

	set(&now, 5000);
	cr_expect(look(&other).due);
	cr_expect_eq(look(&other).boot_ms, 0);
	cr_expect_eq(set(&other, 7000).boot_ms, 7010);
	cr_expect_not(look(&other).due);
	cr_expect(look(&now).due, "and the other way round");
	other.boot_ms = 0;
	set(&now, 1);
	cr_expect(set(&other, 0).due);
}

/* The boot is not known: still one that can be told from a store without jobs. */
Test(deadline, of_an_unknown_boot)
{
	struct ctm_stamp unknown = now;

	unknown.boot = 0;
	cr_expect_eq(set(&unknown, 5000).boot_ms, 105000);
	cr_expect_not(look(&unknown).due);
	unknown.boot_ms += 5000;
	cr_expect(look(&unknown).due);
}

/* The wall clock may jump by 30 years. */
Test(deadline, wall_clock)
{
	struct ctm_stamp then = after(4999);

	set(&now, 5000);
	then.wall_ms += 30 * 365 * DAY_MS;
	cr_expect_not(look(&then).due);
	then.wall_ms -= 60 * 365 * DAY_MS;
	cr_expect_not(look(&then).due);
	then.boot_ms++;
	cr_expect(look(&then).due);
}

/* A new job brings the bound nearer, and never further away. */
Test(deadline, note)
{
	struct ctm_job job = {.state = CTM_JOB_OPEN, .timeout_s = 10, .seen = now};
	const struct ctm_stamp other = {.boot = 6, .boot_ms = 10};

	cr_expect_eq(note(&now, &job).boot_ms, 110000);
	job.timeout_s = 60;
	cr_expect_eq(note(&now, &job).boot_ms, 110000);
	job.timeout_s = 5;
	cr_expect_eq(note(&now, &job).boot_ms, 105000);
	job.age_ms = 4000;
	cr_expect_eq(note(&now, &job).boot_ms, 101000);
	job.timeout_s = 1;
	cr_expect(note(&now, &job).due, "it is past");
	set(&now, UINT64_MAX);
	job.timeout_s = 0;
	job.age_ms = 0;
	cr_expect_eq(note(&now, &job).boot_ms, 100000 + UINT64_C(7) * 86400000,
		"[state] give_up of a job without timeout");
	set(&now, UINT64_MAX);
	job.timeout_s = UINT32_MAX;
	cr_expect_eq(note(&now, &job).boot_ms, 100000 + UINT32_MAX * UINT64_C(1000));
	set(&now, UINT64_MAX);
	job.suspended = true;
	cr_expect_eq(note(&now, &job).boot_ms, UINT64_MAX);
	job.suspended = false;
	job.state = CTM_JOB_FAILED;
	cr_expect_eq(note(&now, &job).boot_ms, UINT64_MAX);
	job.state = CTM_JOB_OPEN;
	job.seen = other;
	cr_expect(note(&other, &job).due, "in another boot all are looked at first");
}
