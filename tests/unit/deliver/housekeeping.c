/* SPDX-License-Identifier: MIT */
#include "housekeeping.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "lock.h"
#include "outbox.h"
#include "sides.h"
#include "world.h"

TestSuite(housekeeping, .init = world_init, .fini = world_done);

/* Takes libc's place: how often a directory is synced, and how often while the lock is held. */
static unsigned syncs;
static unsigned syncs_under_lock;

int fsync(int fd)
{
	struct stat st;

	if (world.state && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		CTM_CLEANUP_LOCK int lock = ctm_lock_try(world.state->dir_fd, CTM_LOCK_FILE);

		syncs++;
		syncs_under_lock += lock == -EAGAIN;
	}
	return fdatasync(fd);
}

static void keep_house(void)
{
	struct ctm_error e = CTM_ERROR_INIT;

	cr_assert_eq(ctm_housekeeping(world.state, true, &e), 0, "%s", e.text);
}

struct ageing {
	uint32_t job;
	uint64_t age_s;
	enum ctm_message_state message; /* 0: none */
};

/* Ends the job so long ago, with a message in that state. */
static int age_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct ageing *a = context;
	const struct ctm_totals totals = {0};
	const struct ctm_schedule schedule = ctm_outbox_schedule(world.config);
	const struct ctm_stamp now = ctm_clock_now();
	struct ctm_message message;
	struct ctm_job job;
	int r;

	(void)e;
	cr_assert_eq(ctm_store_job_get(txn, a->job, &job), 0);
	if (!a->message) {
		cr_assert_eq(ctm_job_end(&job, CTM_JOB_CANCELLED, &now), 0);
		job.age_ms = a->age_s * 1000;
		return ctm_store_job_put(txn, &job);
	}
	cr_assert_eq(ctm_outbox_succeed(txn, &job, &totals, &schedule, &now), 0);
	job.age_ms = a->age_s * 1000;
	cr_assert_eq(ctm_store_message_get(txn, a->job, &message), 0);
	message.state = a->message;
	r = ctm_store_message_put(txn, &message);
	ctm_message_done(&message);
	return r < 0 ? r : ctm_store_job_put(txn, &job);
}

static void end(uint32_t job, uint64_t age_s, enum ctm_message_state message)
{
	struct ageing a = {.job = job, .age_s = age_s, .message = message};

	world_update(age_body, &a);
}

static int find_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct ctm_job job;

	(void)e;
	return ctm_store_job_get(txn, *(const uint32_t *)context, &job) == 0;
}

static bool is_there(uint32_t job)
{
	return world_update(find_body, &job);
}

#define MONTH (30u * 86400)

static struct ctm_registration registered(unsigned id, const char *name)
{
	return sides_register(sides_listed(id, name, 1, (const char *[]){"a"}), false);
}

/* It stays for [state] keep, and as long as its sidecar exists. */
Test(housekeeping, ended_jobs)
{
	uint32_t young = registered(1, "young").job;
	uint32_t old = registered(2, "old").job;
	uint32_t sided = registered(3, "sided").job;
	uint32_t cancelled = registered(4, "cancelled").job;

	end(young, MONTH - 60, CTM_MESSAGE_SENT);
	end(old, MONTH, CTM_MESSAGE_SENT);
	end(sided, MONTH * 10, CTM_MESSAGE_SENT);
	end(cancelled, MONTH, (enum ctm_message_state)0);
	cr_assert_eq(unlink(scratch_path("state/jobs/young.ctm.ini")), 0);
	cr_assert_eq(unlink(scratch_path("state/jobs/old.ctm.ini")), 0);
	cr_assert_eq(unlink(scratch_path("state/jobs/cancelled.ctm.ini")), 0);
	keep_house();
	cr_expect(is_there(young));
	cr_expect_not(is_there(old));
	cr_expect_null(sides_record(scratch_path("state/jobs/old.ctm.ini")).path);
	cr_expect(is_there(sided), "a tombstone as long as its sidecar could come back");
	cr_expect_not(is_there(cancelled));
}

/* Puts an empty directory into the place of the sidecars, or them back again. */
static void swap_jobs(bool away)
{
	const char *jobs = scratch_path("state/jobs");
	const char *volume = scratch_path("volume");

	if (!away)
		cr_assert_eq(rmdir(jobs), 0);
	cr_assert_eq(rename(away ? jobs : volume, away ? volume : jobs), 0);
	if (away)
		cr_assert_eq(mkdir(jobs, 0700), 0);
}

/* As if it were away: a job whose sidecar came back when it is forgotten would be told again. */
Test(housekeeping, volume_is_away)
{
	uint32_t job = registered(1, "job").job;
	const char *bad = scratch_write("state/jobs/bad.ctm.ini", "");

	sides_reject(bad);
	end(job, MONTH * 10, CTM_MESSAGE_SENT);
	swap_jobs(true);
	keep_house();
	cr_expect(is_there(job), "the directory waits for its volume");
	cr_expect_not_null(sides_record(bad).path);
	cr_assert_eq(rmdir(scratch_path("state/jobs")), 0);
	cr_assert_eq(mkdir(scratch_path("state/jobs"), 0700), 0);
	swap_jobs(false);
	keep_house();
	cr_expect(is_there(job));
	cr_assert_eq(unlink(scratch_path("state/jobs/job.ctm.ini")), 0);
	cr_assert_eq(unlink(bad), 0);
	keep_house();
	cr_expect_not(is_there(job), "an empty directory that is the very one");
	cr_expect_null(sides_record(bad).path);
}

/* A message that waits or is dead is never purged. */
Test(housekeeping, untold_jobs)
{
	uint32_t waiting = registered(1, "waiting").job;
	uint32_t dead = registered(2, "dead").job;
	uint32_t open = registered(3, "open").job;

	end(waiting, MONTH * 100, CTM_MESSAGE_WAITING);
	end(dead, MONTH * 100, CTM_MESSAGE_DEAD);
	for (int i = 0; i < 3; i++) {
		static const char *const names[] = {"waiting", "dead", "open"};
		char path[64];

		strcat(strcat(strcpy(path, "state/jobs/"), names[i]), ".ctm.ini");
		cr_assert_eq(unlink(scratch_path(path)), 0);
	}
	keep_house();
	cr_expect(is_there(waiting));
	cr_expect(is_there(dead));
	cr_expect(is_there(open));
}

/* The directory can be on a volume that hangs: everybody else would wait with us. */
Test(housekeeping, directories_without_the_lock)
{
	uint32_t job = registered(1, "job").job;

	end(job, MONTH, CTM_MESSAGE_SENT);
	cr_assert_eq(unlink(scratch_path("state/jobs/job.ctm.ini")), 0);
	syncs = syncs_under_lock = 0;
	keep_house();
	cr_expect_not(is_there(job));
	cr_expect_geq(syncs, 1);
	cr_expect_eq(syncs_under_lock, 0, "%u of %u", syncs_under_lock, syncs);
}

static int since_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct ctm_stamp *stamp = context;
	struct ctm_event event = world_event(CTM_EVENT_COMPLETE, 1, 1, "x");

	(void)e;
	event.gid = stamp->boot_ms;
	return ctm_store_unclaimed_add(txn, &event, stamp);
}

Test(housekeeping, unclaimed_events)
{
	struct ctm_stamp young = ctm_clock_now();
	struct ctm_stamp old = {.boot = young.boot + 1, .wall_ms = young.wall_ms - 3600000};

	young.boot++;
	young.wall_ms -= 3500000;
	world_update(since_body, &young);
	world_update(since_body, &old);
	cr_assert_eq(world_unclaimed(), 2);
	keep_house();
	cr_expect_eq(world_unclaimed(), 1);
}

/* Rejected ones that are gone are forgotten; jobs remember theirs. */
Test(housekeeping, sidecars)
{
	const char *gone = scratch_write("state/jobs/gone.ctm.ini", "");
	const char *there = scratch_write("state/jobs/there.ctm.ini", "");
	struct ctm_sidecar *job = sides_listed(1, "job", 1, (const char *[]){"a"});

	sides_register(job, false);
	sides_reject(gone);
	sides_reject(there);
	cr_assert_eq(unlink(gone), 0);
	cr_assert_eq(unlink(job->file), 0);
	keep_house();
	cr_expect_null(sides_record(gone).path);
	cr_expect_not_null(sides_record(there).path);
	cr_expect_not_null(sides_record(job->file).path);
}

struct naming {
	const char *path;
	const char *id;
	uint32_t job; /* whose own it is; 0: none's */
};

static int name_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct naming *n = context;
	struct ctm_sidecar_record record;
	int r = ctm_store_sidecar_get(txn, n->path, &record);

	(void)e;
	cr_assert_eq(r, 0);
	free(record.id);
	record.id = strdup(n->id);
	record.job = n->job;
	r = ctm_store_sidecar_put(txn, &record);
	ctm_sidecar_record_done(&record);
	return r;
}

/* Its own sidecar, which cannot be read any more, goes with the job. */
Test(housekeeping, guid_of_its_own)
{
	const char *path = scratch_path("state/jobs/own.ctm.ini");
	uint32_t job = registered(1, "own").job;

	end(job, MONTH, CTM_MESSAGE_SENT);
	sides_reject(path);
	world_update(name_body, &(struct naming){.path = path, .id = world_id(1), .job = job});
	keep_house();
	cr_expect(is_there(job));
	cr_assert_eq(unlink(path), 0);
	keep_house();
	cr_expect_not(is_there(job));
	cr_expect_null(sides_record(path).path);
}

/* A job whose GUID another sidecar has is known as long as that one is there. */
Test(housekeeping, guid_of_another)
{
	const char *another = scratch_write("state/jobs/another.ctm.ini", "");
	uint32_t named = registered(1, "named").job;
	uint32_t not_named = registered(2, "not_named").job;
	uint32_t by_hand = sides_succeeded(3, "ctm");

	end(named, MONTH, CTM_MESSAGE_SENT);
	end(not_named, MONTH, CTM_MESSAGE_SENT);
	cr_assert_eq(unlink(scratch_path("state/jobs/named.ctm.ini")), 0);
	cr_assert_eq(unlink(scratch_path("state/jobs/not_named.ctm.ini")), 0);
	sides_reject(another);
	world_update(name_body, &(struct naming){.path = another, .id = world_id(1)});
	keep_house();
	cr_expect(is_there(named));
	cr_expect_not(is_there(not_named));
	cr_expect(is_there(by_hand), "it waits");
	cr_assert_eq(unlink(another), 0);
	keep_house();
	cr_expect(is_there(named), "what names it was there when this began");
	cr_expect_null(sides_record(another).path);
	keep_house();
	cr_expect_not(is_there(named));
}

struct texting {
	uint32_t job;
	const struct ctm_job_text *text;
};

static int put_text(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct texting *t = context;

	(void)e;
	return ctm_store_text_put(txn, t->job, t->text);
}

struct aged {
	const char *path;
	uint32_t job;
	uint64_t age_ms;
};

static int put_aged(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct aged *a = context;
	char empty[] = "";
	const struct ctm_sidecar_record record = {
		.path = (char *)(uintptr_t)a->path,
		.fate = CTM_FATE_INVALID,
		.job = a->job,
		.age_ms = a->age_ms,
		.seen = ctm_clock_now(),
		.id = empty,
		.endpoint = empty,
		.complaint = empty,
	};

	(void)e;
	return ctm_store_sidecar_put(txn, &record);
}

/* What an earlier version kept under a name that goes through a link. */
Test(housekeeping, sidecars_by_another_name)
{
	const char *first = scratch_write("state/jobs/first.ctm.ini", "");
	const char *second = scratch_write("state/jobs/second.ctm.ini", "");
	struct aged by_link[] = {
		{.path = scratch_path("link/first.ctm.ini"), .age_ms = 5000},
		{.path = scratch_path("link/second.ctm.ini"), .age_ms = 6000},
		{.path = scratch_path("link/mended.ctm.ini"), .age_ms = 7000},
		{.path = scratch_path("link/third.ctm.ini"), .age_ms = 8000},
	};
	struct aged known = {.path = second, .age_ms = 1};
	struct ctm_sidecar *mended = sides_listed(1, "mended", 1, (const char *[]){"a"});
	struct ctm_sidecar *third = sides_listed(3, "third", 1, (const char *[]){"a"});
	uint32_t job = sides_register(mended, false).job;
	uint32_t ended = sides_succeeded(3, "ctm");
	struct ctm_job_text text = world_text(ended);

	cr_assert_eq(symlink(scratch_path("state/jobs"), scratch_path("link")), 0);
	text.sidecar = (char *)(uintptr_t)by_link[3].path;
	by_link[3].job = ended;
	world_update(put_text, &(struct texting){.job = ended, .text = &text});
	for (size_t i = 0; i < sizeof by_link / sizeof *by_link; i++)
		world_update(put_aged, &by_link[i]);
	world_update(put_aged, &known);
	keep_house();
	for (size_t i = 0; i < sizeof by_link / sizeof *by_link; i++)
		cr_expect_null(sides_record(by_link[i].path).path, "row %zu", i);
	cr_expect_geq(sides_record(first).age_ms, 5000, "it is one and the same, and as old");
	cr_expect_geq(sides_record(second).age_ms, 6000, "the older of both");
	cr_expect_eq(sides_record(mended->file).fate, CTM_FATE_REGISTERED);
	cr_expect_eq(sides_record(mended->file).job, job);
	cr_expect_eq(sides_record(third->file).job, ended);
	cr_expect_str_eq(world_text(ended).sidecar, third->file, "the job knows it too");
}

static int flushed_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	(void)e;
	return ctm_store_setting_get(txn, CTM_SETTING_FLUSHED, context);
}

Test(housekeeping, says_when)
{
	uint64_t flushed = 0;

	keep_house();
	world_update(flushed_body, &flushed);
	cr_expect(flushed + 10 > (uint64_t)(ctm_clock_wall_ms() / 1000));
}
