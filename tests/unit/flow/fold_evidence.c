/* SPDX-License-Identifier: MIT */
#include "fold_evidence.h"

#include <criterion/criterion.h>

#include "unwritten.h"
#include "world.h"

TestSuite(fold_evidence, .init = world_init, .fini = world_done);

#define DONE CTM_EVENT_COMPLETE

static const struct world_file one[] = {{"a", 5, 0}};

/* When and where: a look asks whether the volume is the same, and the file as it was. */
Test(fold_evidence, details)
{
	uint32_t job = world_add_listed(1, one, 1);
	struct ctm_event event = world_event(DONE, 7, 1, "a");
	const int64_t now_ms = event.wall_ms;
	struct ctm_file file;

	event.device = 0xfd01;
	event.sight = (struct ctm_sight){.known = true, .inode = 1, .size = 5};
	world_fold(&event, 1);
	file = world_file(job, 1);
	cr_expect_eq(file.device, 0xfd01);
	cr_expect_eq(file.boot, ctm_clock_now().boot);
	cr_expect_eq(file.since_ms, now_ms);
	cr_expect_eq(file.events, 1u << DONE);
	cr_expect(file.sight.known && file.sight.inode == 1 && file.sight.size == 5);
	event.wall_ms = now_ms - 4000;
	event.sight.inode = 2;
	world_fold(&event, 1);
	cr_expect_eq(world_file(job, 1).since_ms, now_ms, "the latest counts");
	cr_expect_eq(world_file(job, 1).sight.inode, 1);
	event.wall_ms = now_ms + 1000;
	event.device = 0;
	world_fold(&event, 1);
	cr_expect_eq(world_file(job, 1).since_ms, now_ms + 1000);
	cr_expect_eq(world_file(job, 1).sight.inode, 2);
	cr_expect_eq(world_file(job, 1).device, 0xfd01, "an unknown device is no device");
}

/* Device numbers are of the boot in which the event came, and old events are read again after it.
 */
Test(fold_evidence, of_another_boot)
{
	uint32_t job = world_add_listed(1, one, 1);
	struct ctm_event event = world_event(DONE, 7, 1, "a");
	const struct ctm_stamp now = ctm_clock_now();

	event.device = 0xfd01;
	event.wall_ms = now.wall_ms - (int64_t)now.boot_ms - 60000;
	world_fold(&event, 1);
	cr_expect_eq(world_file(job, 1).device, 0xfd01);
	cr_expect_eq(world_file(job, 1).boot, 0);
	event.wall_ms = now.wall_ms;
	world_fold(&event, 1);
	cr_expect_eq(world_file(job, 1).boot, now.boot);
	event.wall_ms = now.wall_ms - (int64_t)now.boot_ms - 60000;
	world_fold(&event, 1);
	cr_expect_eq(world_file(job, 1).boot, now.boot, "the same place, and known better");
}

/* The file is another one than before: a look that has begun is out of date. */
Test(fold_evidence, revision)
{
	uint32_t job = world_add_listed(1, one, 1);
	struct ctm_event event = world_event(DONE, 7, 1, "a");
	uint32_t revision;

	event.sight = (struct ctm_sight){.known = true, .inode = 1};
	world_fold(&event, 1);
	revision = world_job(job).revision;
	event.wall_ms++;
	world_fold(&event, 1);
	cr_expect_eq(world_job(job).revision, revision);
	event.wall_ms++;
	event.sight.inode = 2;
	world_fold(&event, 1);
	cr_expect_neq(world_job(job).revision, revision);
}

struct ending {
	int64_t ended_ms;
	uint32_t job;
	int64_t created_ms;
};

/* A job ended in dl/ then; the job is known since then. */
static int end_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct ending *ending = context;
	struct ctm_job job;

	(void)e;
	cr_assert_eq(ctm_store_job_get(txn, ending->job, &job), 0);
	job.created_ms = ending->created_ms;
	cr_assert_eq(ctm_store_job_put(txn, &job), 0);
	return ctm_store_ended_put(txn, world.dl, ending->ended_ms);
}

/*
 * aria2 says of an earlier job's file once more that it is complete. For a job that was registered
 * after that it is evidence only if the file was touched after the earlier one's end.
 */
Test(fold_evidence, of_an_earlier_job)
{
	static const struct {
		int64_t wall_ms;  /* of the event */
		int64_t ctime_ms; /* as the hook saw it; 0: it saw nothing */
		int64_t ended_ms; /* of another job; ours is known since 5000 */
		bool evident;
	} table[] = {
		{3000, 900, 1000, false},
		{3000, 1000, 1000, false},
		{3000, 2900, 1000, true},
		{3000, 0, 1000, false},
		{6000, 900, 1000, true},
		{6000, 0, 1000, true},
		{3000, 900, 5000, false},
		{3000, 900, 5001, true}, /* none before ours: they were there together */
		{3000, 0, 6000, true},
	};

	for (unsigned i = 0; i < sizeof table / sizeof *table; i++) {
		struct ending ending = {.ended_ms = table[i].ended_ms, .created_ms = 5000};
		struct ctm_event event = world_event(DONE, 7, 1, "a");

		ending.job = world_add_listed(i + 1, one, 1);
		world_update(end_body, &ending);
		event.wall_ms = table[i].wall_ms;
		event.sight = (struct ctm_sight){
			.known = table[i].ctime_ms != 0, .ctime_ns = table[i].ctime_ms * 1000000};
		world_fold(&event, 1);
		cr_expect_eq(world_file(ending.job, 1).evident, table[i].evident, "row %u", i);
	}
}

/*
 * A torrent was complete at 3000, its file was touched at ctime_ms, an earlier job ended at
 * ended_ms, ours is known since 5000. *ret_end: the end of seeding, at 7000. Returns our job.
 */
static uint32_t seeding_since_before(int64_t ctime_ms, int64_t ended_ms, struct ctm_event *ret_end)
{
	struct ending ending = {.ended_ms = ended_ms, .created_ms = 5000};
	struct ctm_event event = world_event(CTM_EVENT_BT_COMPLETE, 7, 1, "a");

	event.sight = (struct ctm_sight){.known = true, .inode = 3, .ctime_ns = ctime_ms * 1000000};
	event.wall_ms = 3000;
	world_fold(&event, 1);
	ending.job = world_add_listed(1, one, 1);
	world_update(end_body, &ending);
	event.type = DONE;
	event.wall_ms = 7000;
	*ret_end = event;
	return ending.job;
}

/* It repeats what was of the earlier job; also where the file got another mode meanwhile. */
Test(fold_evidence, end_of_seeding)
{
	struct ctm_event event;
	const uint32_t job = seeding_since_before(2900, 4000, &event);

	event.sight.ctime_ns = 6000000000;
	world_fold(&event, 1);
	cr_expect_not(world_file(job, 1).evident);
	/* The next download is another one. */
	event.gid++;
	world_fold(&event, 1);
	cr_expect(world_file(job, 1).evident);
}

/*
 * A job that failed before its torrent was there, and is asked for again: that is of no earlier
 * one, though of its files this one was there first.
 */
Test(fold_evidence, complete_after_the_earlier_job)
{
	struct ctm_event event;
	const uint32_t job = seeding_since_before(1000, 2000, &event);

	world_fold(&event, 1);
	cr_expect(world_file(job, 1).evident);
}

/* Without an earlier job an event from before the registration is as good as any. */
Test(fold_evidence, before_the_registration)
{
	uint32_t job = world_add_listed(1, one, 1);
	struct ctm_event event = world_event(DONE, 7, 1, "a");

	event.wall_ms = 3000;
	cr_expect_eq(world_fold(&event, 1), 1);
	cr_expect(world_file(job, 1).evident);
}

static int mark_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct ctm_sight *sight = context;
	struct ctm_job job;
	struct ctm_file file;

	(void)e;
	cr_assert_eq(ctm_store_job_get(txn, 1, &job), 0);
	cr_assert_eq(ctm_store_file_get(txn, 1, 1, &file), 0);
	cr_assert(ctm_job_note_unwritten(&job, &file, sight));
	cr_assert_eq(ctm_store_file_put(txn, &file), 0);
	ctm_file_done(&file);
	return ctm_store_job_put(txn, &job);
}

/* aria2 repeats itself about a file that could not be written; then it downloads it anew. */
Test(fold_evidence, unwritten)
{
	uint32_t job = world_add_listed(1, one, 1);
	struct ctm_event event = world_event(DONE, 7, 1, "a");
	struct ctm_sight unwritten = {
		.known = true, .inode = 1, .size = 5, .mtime_ns = 100, .ctime_ns = 100};

	cr_assert_eq(job, 1);
	world_update(mark_body, &unwritten);
	event.sight = unwritten;
	cr_expect_eq(world_fold(&event, 1), 1, "it is nobody else's");
	cr_expect_not(world_file(job, 1).evident);
	cr_expect_eq(world_unclaimed(), 0);
	event.type = CTM_EVENT_BT_COMPLETE;
	event.wall_ms++;
	world_fold(&event, 1);
	cr_expect_not(world_file(job, 1).evident);
	event.sight.mtime_ns = event.sight.ctime_ns = 101;
	world_fold(&event, 1);
	cr_expect(world_file(job, 1).evident, "in place, and written anew");
}
