/* SPDX-License-Identifier: MIT */
#include "register.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "outbox.h"
#include "register_files.h"
#include "sides.h"
#include "world.h"

TestSuite(register_, .init = world_init, .fini = world_done);

#define DONE CTM_EVENT_COMPLETE

Test(register_, new_job)
{
	struct ctm_sidecar *sidecar = sides_listed(1, "one", 2, (const char *[]){"a", "sub/b"});
	struct ctm_registration reg;
	struct ctm_job job;
	struct ctm_file file;

	sidecar->files[0].has_size = true;
	sidecar->files[0].size = 77;
	sidecar->files[1].gid = 0x11;
	sidecar->timeout_s = 600;
	sidecar->flags = CTM_FLAG_DIRECTORY;
	sidecar->priority = CTM_PRIORITY_FOREGROUND;
	reg = sides_register(sidecar, false);
	cr_expect_eq(reg.outcome, CTM_REGISTERED_NEW);
	cr_expect_str_eq(reg.complaint, "");
	job = world_job(reg.job);
	cr_expect_eq(job.state, CTM_JOB_OPEN);
	cr_expect_eq(job.kind, CTM_KIND_LISTED);
	cr_expect_eq(job.files_total, 2);
	cr_expect_eq(job.files_listed, 2);
	cr_expect_eq(job.timeout_s, 600);
	cr_expect_eq(job.flags, CTM_FLAG_DIRECTORY);
	cr_expect_eq(job.priority, CTM_PRIORITY_FOREGROUND);
	cr_expect_eq(job.local_len, strlen(world.dl));
	cr_expect_str_eq(world_text(reg.job).id, world_id(1));
	cr_expect_str_eq(world_text(reg.job).sidecar, sidecar->file);
	cr_expect_str_eq(world_text(reg.job).client_data, "opaque \"data\"");
	file = world_file(reg.job, 1);
	cr_expect_str_eq(file.path, world_path("a"));
	cr_expect(file.has_size && file.size == 77 && file.count == 1 && !file.gid);
	cr_expect_eq(world_file(reg.job, 2).gid, 0x11);
	cr_expect_eq(sides_record(sidecar->file).fate, CTM_FATE_REGISTERED);
	cr_expect_eq(sides_record(sidecar->file).job, reg.job);
}

/* The same again, as a scan meets it when it is touched: the job is the same. */
Test(register_, update)
{
	struct ctm_sidecar *sidecar = sides_listed(1, "one", 3, (const char *[]){"a", "b", "c"});
	struct ctm_registration reg = sides_register(sidecar, false);
	uint32_t number = reg.job;
	uint32_t revision;
	struct ctm_job job;

	cr_expect_eq(world_fold_one(DONE, 7, 1, "a"), 1);
	cr_expect_eq(world_fold_one(DONE, 7, 1, "b"), 1);
	revision = world_job(number).revision;

	sidecar = sides_listed(1, "one", 2, (const char *[]){"a", "d"});
	sidecar->files[0].has_size = true;
	sidecar->files[0].size = 5;
	sidecar->timeout_s = 99;
	sidecar->priority = CTM_PRIORITY_LOW;
	reg = sides_register(sidecar, false);
	cr_expect_eq(reg.outcome, CTM_REGISTERED_UPDATED);
	cr_expect_eq(reg.job, number);
	job = world_job(number);
	cr_expect_eq(job.files_total, 2);
	cr_expect_eq(job.files_listed, 2, "b and c are dropped");
	cr_expect_eq(job.files_evident, 1, "the evidence of a is kept, that of b goes with it");
	cr_expect_eq(job.bytes_evident, 5, "with the size that is known now");
	cr_expect_eq(job.timeout_s, 99);
	cr_expect_eq(job.priority, CTM_PRIORITY_LOW);
	cr_expect_neq(job.revision, revision, "a look that has begun is out of date");
	cr_expect_eq(world_fold_one(DONE, 7, 1, "b"), 0, "no job lists it any more");
	cr_expect_eq(world_fold_one(DONE, 7, 1, "d"), 1);
	cr_expect_eq(world_job(number).state, CTM_JOB_VERIFYING);
}

/* A sidecar that was only touched throws no look away that is under way. */
Test(register_, update_without_change)
{
	static const char *const paths[] = {"a", "b"};
	struct ctm_sidecar *sidecar;
	struct ctm_job before;
	uint32_t number = sides_register(sides_listed(1, "one", 2, paths), false).job;

	cr_expect_eq(world_fold_one(DONE, 7, 1, "a"), 1);
	cr_expect_eq(world_fold_one(DONE, 7, 1, "b"), 1);
	before = world_job(number);
	cr_assert_eq(before.state, CTM_JOB_VERIFYING);
	cr_expect_eq(sides_register(sides_listed(1, "one", 2, paths), false).outcome,
		CTM_REGISTERED_UPDATED);
	cr_expect_eq(world_job(number).revision, before.revision);
	cr_expect_eq(world_job(number).state, CTM_JOB_VERIFYING);
	cr_expect_eq(world_job(number).files_evident, 2);

	sidecar = sides_listed(1, "one", 2, paths);
	sidecar->files[1].has_sha256 = true;
	sides_register(sidecar, false);
	cr_expect_neq(world_job(number).revision, before.revision, "another hash");
	before = world_job(number);
	sidecar = sides_listed(1, "one", 2, paths);
	sidecar->files[1] = (struct ctm_sidecar_file){
		.path = sidecar->files[1].path, .has_size = true, .size = 5};
	sides_register(sidecar, false);
	cr_expect_neq(world_job(number).revision, before.revision, "a size");
	before = world_job(number);
	sidecar->bytes_total = 12;
	sidecar->has_bytes_total = true;
	sides_register(sidecar, false);
	cr_expect_neq(world_job(number).revision, before.revision, "another total");
}

static void set_timeout(struct ctm_job *job)
{
	job->timeout_s = 9;
	job->priority = CTM_PRIORITY_HIGH;
}

/* It is seen, and not believed: as it is now, it was never registered. */
static int doubt_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct ctm_sidecar_record record;

	(void)e;
	cr_assert_eq(ctm_store_sidecar_get(txn, context, &record), 0);
	record.fate = CTM_FATE_NOT_WHOLE;
	cr_assert_eq(ctm_store_sidecar_put(txn, &record), 0);
	ctm_sidecar_record_done(&record);
	return 0;
}

/* What `set` said stays where the same file is added again, but not where it was not believed. */
Test(register_, what_was_set)
{
	static const char *const paths[] = {"a", "b"};
	struct ctm_sidecar *sidecar = sides_listed(1, "one", 2, paths);
	uint32_t number = sides_register(sidecar, false).job;

	world_change(number, set_timeout);
	sides_register(sidecar, false);
	cr_expect_eq(world_job(number).timeout_s, 9);
	cr_expect_eq(world_job(number).priority, CTM_PRIORITY_HIGH);
	world_update(doubt_body, sidecar->file);
	sides_register(sidecar, false);
	cr_expect_eq(world_job(number).timeout_s, 0);
	cr_expect_eq(world_job(number).priority, CTM_PRIORITY_NORMAL);
}

/* A list that shrinks to what has arrived is complete; one that grows no longer is. */
Test(register_, update_decides)
{
	struct ctm_registration reg =
		sides_register(sides_listed(1, "one", 2, (const char *[]){"a", "b"}), false);
	uint32_t number = reg.job;

	world_fold_one(DONE, 7, 1, "a");
	sides_register(sides_listed(1, "one", 1, (const char *[]){"a"}), false);
	cr_expect_eq(world_job(number).state, CTM_JOB_VERIFYING);
	cr_expect(world_has_work(CTM_WORK_VERIFY, number));
	sides_register(sides_listed(1, "one", 2, (const char *[]){"a", "c"}), false);
	cr_expect_eq(world_job(number).state, CTM_JOB_OPEN);
	cr_expect_not(world_has_work(CTM_WORK_VERIFY, number));
}

Test(register_, gids_of_ours)
{
	struct ctm_sidecar *sidecar = sides_listed(1, "one", 3, (const char *[]){"a", "b", "c"});
	const uint64_t ours = ctm_register_gid(world_id(1), "a");
	uint32_t number;

	sidecar->files[1].gid = 0x22;
	sidecar->timeout_s = 86400;
	number = sides_register(sidecar, true).job;
	cr_expect_eq(world_file(number, 1).gid, ours);
	cr_expect(world_file(number, 1).gid_is_ours);
	cr_expect_eq(world_file(number, 2).gid, 0x22);
	cr_expect_not(world_file(number, 2).gid_is_ours);

	/* The scan that comes after `add --input` does not take them back. */
	sidecar = sides_listed(1, "one", 3, (const char *[]){"a", "b", "c"});
	sidecar->timeout_s = 86400;
	sidecar->files[1].gid = 0x22;
	sidecar->files[2].gid = 0x33;
	sides_register(sidecar, false);
	cr_expect_eq(world_file(number, 1).gid, ours);
	cr_expect(world_file(number, 1).gid_is_ours);
	cr_expect_eq(world_file(number, 3).gid, 0x33, "the sidecar's own counts more");
	cr_expect_not(world_file(number, 3).gid_is_ours);
	cr_expect_eq(world_fold_one(DONE, ours, 1, "a"), 1);
	cr_expect(world_file(number, 1).evident);
	world_fold_one(CTM_EVENT_ERROR, ctm_register_gid(world_id(1), "c"), 1, "");
	cr_expect_eq(world_file(number, 3).events, 0, "the index follows");
	world_fold_one(CTM_EVENT_ERROR, 0x33, 1, "");
	cr_expect_eq(world_file(number, 3).events, 1u << CTM_EVENT_ERROR);
}

Test(register_, gid_is_stable)
{
	cr_expect_neq(ctm_register_gid(world_id(1), "a"), 0);
	cr_expect_eq(ctm_register_gid("{3F2504E0-4F89-11D3-9A0C-0305E82C3301}", "a"),
		ctm_register_gid("3f2504e0-4f89-11d3-9a0c-0305e82c3301", "a"));
	cr_expect_neq(ctm_register_gid(world_id(1), "a"), ctm_register_gid(world_id(1), "b"));
	cr_expect_neq(ctm_register_gid(world_id(1), "a"), ctm_register_gid(world_id(2), "a"));
}

Test(register_, duplicate_id)
{
	struct ctm_sidecar *first = sides_listed(1, "one", 1, (const char *[]){"a"});
	struct ctm_sidecar *second = sides_listed(1, "two", 1, (const char *[]){"b"});
	struct ctm_registration reg = sides_register(first, false);
	uint32_t number = reg.job;

	second->id[1] = '0'; /* the same id in another spelling */
	reg = sides_register(second, false);
	cr_expect_eq(reg.outcome, CTM_REGISTERED_DUPLICATE);
	cr_expect_not_null(strstr(reg.complaint, first->file), "%s", reg.complaint);
	cr_expect_not_null(strstr(reg.complaint, second->file), "%s", reg.complaint);
	cr_expect_eq(world_job(number).files_listed, 1);
	cr_expect_str_eq(world_file(number, 1).path, world_path("a"));
	cr_expect_eq(sides_record(second->file).fate, CTM_FATE_DUPLICATE);
	cr_expect_eq(sides_record(second->file).job, 0);

	/* The first one was moved: the second is that one, moved. */
	cr_assert_eq(unlink(first->file), 0);
	reg = sides_register(second, false);
	cr_expect_eq(reg.outcome, CTM_REGISTERED_UPDATED);
	cr_expect_eq(reg.job, number);
	cr_expect_str_eq(world_text(number).sidecar, second->file);
	cr_expect_str_eq(world_file(number, 2).path, world_path("b"));
}

Test(register_, what_can_not_change)
{
	struct ctm_registration reg;
	uint32_t number =
		sides_register(sides_listed(1, "one", 1, (const char *[]){"a"}), false).job;

	for (int i = 0; i < 4; i++) {
		struct ctm_sidecar *sidecar = sides_listed(1, "one", 1, (const char *[]){"b"});

		if (i == 0)
			sidecar->kind = CTM_KIND_TOTALS;
		if (i == 1)
			strcpy(strrchr(sidecar->local_path, '/'), "/x");
		if (i == 2)
			strcpy(sidecar->endpoint, "x");
		if (i == 3)
			sidecar->client_data[0] = 'x';
		reg = sides_register(sidecar, false);
		cr_expect_eq(reg.outcome, CTM_REGISTERED_REFUSED, "case %d", i);
		cr_expect_not_null(strstr(reg.complaint, "use a new id"), "%s", reg.complaint);
		cr_expect_str_eq(
			world_file(number, 1).path, world_path("a"), "the last good one counts");
		cr_expect_eq(sides_record(sidecar->file).fate, CTM_FATE_INVALID);
		cr_expect_eq(sides_record(sidecar->file).job, number);
		cr_expect_str_neq(sides_record(sidecar->file).complaint, "");
	}
}

static int succeed_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct ctm_totals totals = {.bytes = 5, .files = 1};
	const struct ctm_schedule schedule = ctm_outbox_schedule(world.config);
	const struct ctm_stamp now = ctm_clock_now();
	struct ctm_job job;

	(void)e;
	cr_assert_eq(ctm_store_job_get(txn, *(const uint32_t *)context, &job), 0);
	return ctm_outbox_succeed(txn, &job, &totals, &schedule, &now);
}

Test(register_, ended_stays)
{
	uint32_t number =
		sides_register(sides_listed(1, "one", 1, (const char *[]){"a"}), false).job;
	struct ctm_registration reg;
	int64_t time_s;

	world_update(succeed_body, &number);
	time_s = world_message(number).time_s;
	reg = sides_register(sides_listed(1, "one", 2, (const char *[]){"a", "b"}), false);
	cr_expect_eq(reg.outcome, CTM_REGISTERED_ENDED);
	cr_expect_eq(reg.job, number);
	cr_expect_eq(world_job(number).state, CTM_JOB_SUCCEEDED);
	cr_expect_eq(world_job(number).files_listed, 1);
	cr_expect_eq(world_fold_one(DONE, 1, 1, "b"), 0);
	cr_expect_eq(world_message(number).time_s, time_s);
	cr_expect_eq(
		sides_record(scratch_path("state/jobs/one.ctm.ini")).fate, CTM_FATE_REGISTERED);
}

/* The sidecar of an ended job is moved: it is still that job's. */
Test(register_, ended_and_moved)
{
	struct ctm_sidecar *sidecar = sides_listed(1, "one", 1, (const char *[]){"a"});
	uint32_t number = sides_register(sidecar, false).job;
	struct ctm_registration reg;

	world_update(succeed_body, &number);
	cr_assert_eq(unlink(sidecar->file), 0);
	sidecar = sides_listed(1, "moved", 1, (const char *[]){"a"});
	reg = sides_register(sidecar, false);
	cr_expect_eq(reg.outcome, CTM_REGISTERED_ENDED);
	cr_expect_str_eq(world_text(number).sidecar, sidecar->file);
}

Test(register_, word_was_sent_by_hand)
{
	struct ctm_registration reg;

	sides_succeeded(1, "ctm");
	reg = sides_register(sides_listed(1, "one", 1, (const char *[]){"a"}), false);
	cr_expect_eq(reg.outcome, CTM_REGISTERED_DUPLICATE);
	cr_expect_not_null(strstr(reg.complaint, "one.ctm.ini"), "%s", reg.complaint);
	cr_expect_not_null(strstr(reg.complaint, "by hand"), "%s", reg.complaint);
}

static int keep_unclaimed(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct ctm_stamp now = ctm_clock_now();

	(void)e;
	return ctm_store_unclaimed_add(txn, context, &now);
}

static int forget_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	(void)e;
	return ctm_register_forget(txn, context);
}

/* All sidecars that there are have been read. */
static void forget(void)
{
	struct ctm_fold fold = CTM_FOLD_INIT(world.config);

	fold.now = ctm_clock_now();
	world_update(forget_body, &fold);
	ctm_fold_done(&fold);
}

/* Two sidecars that list the same file come one after the other. */
Test(register_, unclaimed_events_of_two_jobs)
{
	struct ctm_event event = world_event(DONE, 1, 1, "a");
	uint32_t first;
	uint32_t second;

	world_update(keep_unclaimed, &event);
	first = sides_register(sides_listed(1, "one", 1, (const char *[]){"a"}), false).job;
	second = sides_register(sides_listed(2, "two", 1, (const char *[]){"a"}), false).job;
	cr_expect_eq(world_job(first).state, CTM_JOB_VERIFYING);
	cr_expect_eq(world_job(second).state, CTM_JOB_VERIFYING);
}

/* A sidecar that comes a moment after its files still finds them. */
Test(register_, unclaimed_events)
{
	struct ctm_event events[] = {world_event(DONE, 1, 1, "a"), world_event(DONE, 2, 1, "b"),
		world_event(DONE, 3, 1, "nobody's")};
	uint32_t number;

	for (int i = 0; i < 3; i++)
		world_update(keep_unclaimed, &events[i]);
	number = sides_register(sides_listed(1, "one", 2, (const char *[]){"a", "b"}), false).job;
	cr_expect_eq(world_job(number).state, CTM_JOB_VERIFYING);
	cr_expect(world_has_work(CTM_WORK_VERIFY, number));
	cr_expect_eq(world_unclaimed(), 3, "another sidecar may want them too");
	forget();
	cr_expect_eq(world_unclaimed(), 1, "what is still nobody's waits on");
}

Test(register_, unclaimed_events_of_counted_jobs)
{
	struct ctm_event events[] = {world_event(DONE, 1, 1, "a"), world_event(DONE, 2, 1, "s/b")};
	struct ctm_sidecar *sidecar = sides_listed(1, "one", 0, NULL);
	uint32_t number;

	for (int i = 0; i < 2; i++)
		world_update(keep_unclaimed, &events[i]);
	sidecar->kind = CTM_KIND_TOTALS;
	sidecar->files_total = 2;
	number = sides_register(sidecar, false).job;
	cr_expect_eq(world_job(number).files_evident, 2);
	cr_expect_eq(world_job(number).state, CTM_JOB_VERIFYING);
	forget();
	cr_expect_eq(world_unclaimed(), 0);
	/* What totals and single have counted is not in their sidecar, and stays. */
	sidecar = sides_listed(1, "one", 0, NULL);
	sidecar->kind = CTM_KIND_TOTALS;
	sidecar->files_total = 3;
	sides_register(sidecar, false);
	cr_expect_eq(world_job(number).files_evident, 2);
	cr_expect_eq(world_job(number).state, CTM_JOB_OPEN);
}

static int reject_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct ctm_stamp now = {.wall_ms = *(const int64_t *)context};
	const struct stat st = {.st_size = 5, .st_ino = 6, .st_mtim = {.tv_sec = 7, .tv_nsec = 8}};
	const struct ctm_volume volume = {0};

	(void)e;
	return ctm_register_rejected(
		txn, "/x.ctm.ini", &st, &volume, CTM_FATE_INVALID, NULL, "bad", &now);
}

Test(register_, rejected)
{
	struct ctm_sidecar_record record;
	int64_t now_ms = 5000;

	world_update(reject_body, &now_ms);
	now_ms = 9000;
	world_update(reject_body, &now_ms);
	record = sides_record("/x.ctm.ini");
	cr_expect_eq(record.fate, CTM_FATE_INVALID);
	cr_expect_eq(record.first_s, 5, "when it was first seen stays");
	cr_expect_eq(record.size, 5);
	cr_expect_eq(record.inode, 6);
	cr_expect_eq(record.mtime_ns, 7000000008);
	cr_expect_str_eq(record.complaint, "bad");
	cr_expect_str_eq(record.id, "");
}
