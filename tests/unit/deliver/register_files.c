/* SPDX-License-Identifier: MIT */
#include "register_files.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "sides.h"
#include "world.h"

TestSuite(register_files, .init = world_init, .fini = world_done);

struct registering {
	struct ctm_sidecar *sidecar;
	uint32_t job;
	bool assign;
};

/* As an update does it. */
static int again_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct registering *r = context;
	struct ctm_job job;

	(void)e;
	cr_assert_eq(ctm_store_job_get(txn, r->job, &job), 0);
	job.generation++;
	cr_assert_eq(ctm_register_files(txn, &job, r->sidecar, r->assign), 0);
	cr_assert_eq(ctm_register_drop_files(txn, &job), 0);
	return ctm_store_job_put(txn, &job);
}

static uint32_t count;

static int count_one(struct ctm_txn *txn, const struct ctm_file *file, void *context)
{
	(void)txn;
	(void)file;
	(void)context;
	count++;
	return 0;
}

static int count_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	(void)e;
	count = 0;
	return ctm_store_file_each(txn, *(const uint32_t *)context, count_one, NULL);
}

/* Files that stay keep their number, their evidence and what was seen of them. */
Test(register_files, stays)
{
	static const struct world_file files[] = {{"a", 0, 0}, {"b", 0, 0x11}, {"sub/c", 0, 0}};
	struct registering r = {.job = world_add_listed(1, files, 3)};
	struct ctm_file before;
	struct ctm_file after;

	world_fold_one(CTM_EVENT_COMPLETE, 7, 1, "sub/c");
	before = world_file(r.job, 3);
	r.sidecar = sides_listed(1, "one", 3, (const char *[]){"sub/c", "d", "a"});
	r.sidecar->files[0].has_sha256 = true;
	r.sidecar->files[0].sha256[5] = 9;
	world_update(again_body, &r);
	after = world_file(r.job, 3);
	cr_expect(after.evident);
	cr_expect_eq(after.since_ms, before.since_ms);
	cr_expect_eq(after.events, before.events);
	cr_expect(after.has_sha256 && after.sha256[5] == 9);
	cr_expect_eq(after.generation, 1);
	cr_expect_null(sides_path(r.job, 2), "b is dropped");
	cr_expect_str_eq(sides_path(r.job, 4), world_path("d"));
	cr_expect_eq(world_job(r.job).files_listed, 3);
	cr_expect_eq(world_job(r.job).files_evident, 1);
	world_update(count_body, &r.job);
	cr_expect_eq(count, 3);
}

/* A size that the sidecar learns, forgets or corrects counts for what is evident. */
Test(register_files, sizes)
{
	static const struct world_file files[] = {{"a", 5, 0}};
	struct registering r = {.job = world_add_listed(1, files, 1)};

	world_fold_one(CTM_EVENT_COMPLETE, 7, 1, "a");
	cr_expect_eq(world_job(r.job).bytes_evident, 5);
	r.sidecar = sides_listed(1, "one", 1, (const char *[]){"a"});
	world_update(again_body, &r);
	cr_expect_eq(world_job(r.job).bytes_evident, 0);
	r.sidecar->files[0].has_size = true;
	r.sidecar->files[0].size = UINT64_MAX;
	world_update(again_body, &r);
	cr_expect_eq(world_job(r.job).bytes_evident, UINT64_MAX);
	r.sidecar->files[0].size = 7;
	world_update(again_body, &r);
	cr_expect_eq(world_job(r.job).bytes_evident, 7);
}

static int hashed_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct ctm_file file;
	int r;

	(void)e;
	cr_assert_eq(ctm_store_file_get(txn, *(const uint32_t *)context, 1, &file), 0);
	file.hashed = (struct ctm_sight){.known = true, .inode = 5};
	r = ctm_store_file_put(txn, &file);
	ctm_file_done(&file);
	return r;
}

static void expect_bad(uint32_t job, bool is_bad)
{
	cr_expect_eq(world_file(job, 1).given_up, is_bad);
	cr_expect_eq(world_file(job, 1).hashed.known, is_bad);
	cr_expect_eq(world_job(job).files_given_up, is_bad);
}

/* What was wrong by the old words may be right by the new ones; the same words say nothing new. */
Test(register_files, another_size_or_sha256)
{
	static const struct world_file files[] = {{"a", 5, 0x22}};
	struct registering r = {.job = world_add_listed(1, files, 1)};

	sides_set_timeout(r.job, 3600);
	r.sidecar = sides_listed(1, "one", 1, (const char *[]){"a"});
	r.sidecar->files[0].gid = 0x22;
	r.sidecar->files[0].has_size = true;
	r.sidecar->files[0].size = 5;
	for (int i = 0; i < 2; i++) {
		struct ctm_event event = world_event(CTM_EVENT_ERROR, 0x22, 1, "");

		event.wall_ms += 1 + i;
		world_fold(&event, 1);
		world_update(hashed_body, &r.job);
		world_update(again_body, &r);
		expect_bad(r.job, true);
		if (i == 0)
			r.sidecar->files[0].size = 6;
		else
			r.sidecar->files[0].has_sha256 = true;
		world_update(again_body, &r);
		expect_bad(r.job, false);
	}
}

/* One of ours is given back where the sidecar names its own, and taken again where it does not. */
Test(register_files, gids)
{
	static const struct world_file files[] = {{"a", 0, 0}};
	struct registering r = {.job = world_add_listed(1, files, 1), .assign = true};
	const uint64_t ours = ctm_register_gid(world_id(1), "a");

	r.sidecar = sides_listed(1, "one", 1, (const char *[]){"a"});
	world_update(again_body, &r);
	cr_expect(world_file(r.job, 1).gid == ours && world_file(r.job, 1).gid_is_ours);
	r.assign = false;
	world_update(again_body, &r);
	cr_expect(world_file(r.job, 1).gid == ours && world_file(r.job, 1).gid_is_ours);
	r.sidecar->files[0].gid = 0x77;
	world_update(again_body, &r);
	cr_expect(world_file(r.job, 1).gid == 0x77 && !world_file(r.job, 1).gid_is_ours);
	r.sidecar->files[0].gid = 0;
	world_update(again_body, &r);
	cr_expect(world_file(r.job, 1).gid == 0 && !world_file(r.job, 1).gid_is_ours);
}

#define LONG 1500u

/* A list that is stored as a whole: `from` is the number of the first name. */
static struct ctm_sidecar *long_list(uint32_t from)
{
	static char names[LONG][16];
	static const char *paths[LONG];

	for (uint32_t i = 0; i < LONG; i++) {
		snprintf(names[i], sizeof names[i], "%u/f%u", (from + i) / 100, from + i);
		paths[i] = names[i];
	}
	return sides_listed(1, "one", LONG, paths);
}

/* Events find its files, and what they said stays when the sidecar changes. */
Test(register_files, long_list)
{
	struct registering r = {.sidecar = long_list(0)};
	const uint64_t ours = ctm_register_gid(world_id(1), "2/f200");

	r.sidecar->files[7].has_size = true;
	r.sidecar->files[7].size = 5;
	r.sidecar->files[8].gid = 0x88;
	r.job = sides_register(r.sidecar, true).job;
	cr_expect_eq(world_job(r.job).files_listed, LONG);
	cr_expect_eq(world_job(r.job).bytes_sized, 5);
	cr_expect_str_eq(sides_path(r.job, 201), world_path("2/f200"));
	cr_expect(world_file(r.job, 201).gid == ours && world_file(r.job, 201).gid_is_ours);
	cr_expect(world_file(r.job, 9).gid == 0x88 && !world_file(r.job, 9).gid_is_ours);
	world_fold_one(CTM_EVENT_COMPLETE, ours, 1, "2/f200");
	world_fold_one(CTM_EVENT_COMPLETE, 7, 1, "2/f201");
	world_fold_one(CTM_EVENT_COMPLETE, 0x88, 1, "0/f8");
	cr_expect(world_file(r.job, 201).evident);
	cr_expect_not(world_file(r.job, 202).evident, "it listens to its own gid alone");
	cr_expect_eq(world_job(r.job).files_evident, 2);
	r.sidecar = long_list(100);
	world_update(again_body, &r);
	cr_expect_null(sides_path(r.job, 9), "f8 is dropped");
	cr_expect(world_file(r.job, 201).evident);
	cr_expect_str_eq(sides_path(r.job, LONG + 100), world_path("15/f1599"));
	cr_expect_eq(world_job(r.job).files_listed, LONG);
	cr_expect_eq(world_job(r.job).files_evident, 1);
	world_update(count_body, &r.job);
	cr_expect_eq(count, LONG);
}
