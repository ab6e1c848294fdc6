/* SPDX-License-Identifier: MIT */
/* Files that were added all at once are like those that were added one by one. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "hash.h"
#include "same.h"
#include "shelf.h"
#include "store_paths.h"

TestSuite(store_files_all, .init = shelf_init, .fini = shelf_done);

#define N 300u

struct source {
	char path[64];
	uint32_t fail_at;
};

static struct ctm_file file_at(struct source *s, uint32_t i)
{
	struct ctm_file file = {.count = 1, .path = s->path, .generation = 3};

	snprintf(s->path, sizeof s->path, "/srv/1/%u/name-%u", i / 100, i);
	file.has_size = i % 3;
	file.size = i % 3 ? i * 1000 : 0;
	file.has_sha256 = i % 50 == 0;
	file.sha256[3] = file.has_sha256;
	file.gid = i % 7 ? 0 : 0x100 + i;
	file.gid_is_ours = i % 14 == 7;
	file.n_uris = i % 10 == 0;
	file.uris[0] = i % 10 ? 0 : ctm_store_uri_hash("https://dp.example/");
	return file;
}

static int next(void *context, uint32_t i, struct ctm_file *file)
{
	struct source *s = context;

	cr_expect_eq(file->count, 1);
	*file = file_at(s, i);
	return s->fail_at && i == s->fail_at ? -EDOM : 0;
}

static struct ctm_job add(struct ctm_txn *txn)
{
	struct ctm_job job = shelf_job(txn, 1);
	struct source source = {.fail_at = 0};

	cr_assert_eq(ctm_store_file_add_all(txn, &job, N, next, &source), 0);
	return job;
}

struct seen {
	uint32_t n;
	uint32_t sum;
	uint32_t last;
	uint32_t events;
	uint32_t stop_at;
};

static int see(struct ctm_txn *txn, const struct ctm_file *file, void *context)
{
	struct seen *seen = context;

	(void)txn;
	cr_expect_gt(file->number, seen->last, "in order");
	seen->last = file->number;
	seen->n++;
	seen->sum += file->number;
	seen->events += file->events;
	return seen->n == seen->stop_at ? 9 : 0;
}

static struct seen see_all(struct ctm_txn *txn, uint32_t job)
{
	struct seen seen = {.n = 0};

	cr_expect_eq(ctm_store_file_each(txn, job, see, &seen), 0);
	return seen;
}

/* In one walk of an index, numbers come in no order. */
static int count(struct ctm_txn *txn, const struct ctm_file *file, void *context)
{
	(void)txn;
	(void)file;
	++*(uint32_t *)context;
	return 0;
}

static uint32_t by_path(struct ctm_txn *txn, const char *path)
{
	uint32_t n = 0;

	cr_expect_eq(ctm_store_file_by_path(txn, path, count, &n), 0);
	return n;
}

static uint32_t by_gid(struct ctm_txn *txn, uint64_t gid)
{
	uint32_t n = 0;

	cr_expect_eq(ctm_store_file_by_gid(txn, gid, count, &n), 0);
	return n;
}

static uint32_t by_uri(struct ctm_txn *txn)
{
	uint32_t n = 0;

	cr_expect_eq(ctm_store_file_by_uri(txn, "https://dp.example/", count, &n), 0);
	return n;
}

/* Whether the index still leads somewhere. */
static bool is_indexed(struct ctm_txn *txn, const char *path, uint32_t job)
{
	struct ctm_paths_walk walk = {.hash = ctm_hash(path, strlen(path)), .only = job};

	return ctm_paths_next(txn, &walk) == 0;
}

static int find_all(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct ctm_job job = *(const struct ctm_job *)context;
	struct source s;

	(void)e;
	for (uint32_t i = 0; i < N; i++) {
		struct ctm_file want = file_at(&s, i);
		struct ctm_file found;

		want.job = job.number;
		want.number = i + 1;
		cr_assert_eq(ctm_store_file_get(txn, job.number, i + 1, &found), 0, "%u", i);
		cr_expect(same_file(&found, &want), "%u: %s", i, found.path);
		ctm_file_done(&found);
		cr_assert_eq(ctm_store_file_find(txn, job.number, want.path, &found), 0);
		cr_expect(same_file(&found, &want), "%u: %s", i, found.path);
		ctm_file_done(&found);
		cr_expect_eq(by_path(txn, want.path), 1);
		cr_expect_eq(want.gid && by_gid(txn, want.gid) != 1, 0);
	}
	cr_expect_eq(by_uri(txn), N / 10);
	cr_expect_eq(ctm_store_file_get(txn, job.number, N + 1, &(struct ctm_file){0}), -ENOENT);
	cr_expect_eq(ctm_store_file_get(txn, job.number, 0, &(struct ctm_file){0}), -ENOENT);
	cr_expect_eq(ctm_store_file_get(txn, job.number + 1, 1, &(struct ctm_file){0}), -ENOENT);
	cr_expect_eq(by_path(txn, "/srv/1/0/name-300"), 0);
	cr_expect_eq(see_all(txn, job.number).n, N);
	return 0;
}

static struct ctm_job added;

SHELF_TEST(store_files_all, get_and_find)
{
	added = add(txn);
	cr_expect_eq(added.next_file, N + 1);
	cr_expect_eq(added.files_listed, N);
	cr_expect_eq(added.files_sized, 200);
	cr_expect_eq(added.files_hashed, 6);
	find_all(txn, &added, NULL);
}

static void add_only(struct ctm_txn *txn)
{
	added = add(txn);
}

/* The same by who only reads. */
Test(store_files_all, read)
{
	shelf_run(add_only);
	cr_expect_eq(ctm_store_read(shelf, find_all, &added, NULL), 0);
}

/* What became of a file takes the place of what the list says, and of nothing else. */
SHELF_TEST(store_files_all, put)
{
	static const uint32_t numbers[] = {1, 2, 64, 65, 130, N};
	struct ctm_job job = add(txn);
	struct ctm_job other = shelf_job(txn, 2);
	struct ctm_file file;
	struct seen seen;

	shelf_file(txn, &other, "/srv/1/0/name-1", 0);
	for (size_t i = 0; i < 6; i++) {
		cr_assert_eq(ctm_store_file_get(txn, job.number, numbers[i], &file), 0);
		file.events = 2;
		cr_assert_eq(ctm_store_file_put(txn, &file), 0);
		ctm_file_done(&file);
	}
	cr_expect_eq(by_path(txn, "/srv/1/0/name-1"), 2);
	shelf_file(txn, &job, "/srv/1/one more", 0);
	seen = see_all(txn, job.number);
	cr_expect_eq(seen.n, N + 1);
	cr_expect_eq(seen.sum, (N + 1) * (N + 2) / 2);
	cr_expect_eq(seen.events, 12);
	cr_assert_eq(ctm_store_file_get(txn, job.number, 64, &file), 0);
	cr_expect_eq(file.events, 2);
	cr_expect_str_eq(file.path, "/srv/1/0/name-63");
	ctm_file_done(&file);
	for (uint32_t stop = 1; stop < 70; stop++) {
		seen = (struct seen){.stop_at = stop};
		cr_expect_eq(ctm_store_file_each(txn, job.number, see, &seen), 9);
		cr_expect_eq(seen.n, stop);
	}
}

SHELF_TEST(store_files_all, gid_and_uris_change)
{
	struct ctm_job job = add(txn);
	struct ctm_file file;

	cr_assert_eq(ctm_store_file_get(txn, job.number, 1, &file), 0);
	cr_expect_eq(by_gid(txn, 0x100), 1);
	cr_expect_eq(ctm_store_file_set_gid(txn, &file, 0x77), 0);
	cr_expect_eq(ctm_store_file_set_uris(txn, &file, NULL, 0), 0);
	ctm_file_done(&file);
	cr_expect_eq(by_gid(txn, 0x100), 0);
	cr_expect_eq(by_gid(txn, 0x77), 1);
	cr_expect_eq(by_uri(txn), N / 10 - 1);
	cr_expect_eq(ctm_store_file_delete_all(txn, job.number), 0);
	cr_expect_eq(by_gid(txn, 0x77), 0, "also the new one");
}

/* One by one, from both ends and the middle, until none is left. */
SHELF_TEST(store_files_all, delete)
{
	struct ctm_job job = add(txn);
	struct ctm_job other = shelf_job(txn, 2);
	uint32_t left = N;

	shelf_file(txn, &other, "/srv/1/0/name-1", 0);
	for (uint32_t i = 0; i < N; i++) {
		const uint32_t number = 1 + i * 7 % N;
		char path[64];
		struct ctm_file file;

		cr_assert_eq(ctm_store_file_get(txn, job.number, number, &file), 0, "%u", number);
		snprintf(path, sizeof path, "%s", file.path);
		if (i % 2)
			cr_assert_eq(ctm_store_file_put(txn, &file), 0);
		cr_assert_eq(ctm_store_file_delete(txn, &file), 0);
		cr_expect(!file.gid || !by_gid(txn, file.gid));
		ctm_file_done(&file);
		cr_expect_eq(ctm_store_file_get(txn, job.number, number, &file), -ENOENT);
		cr_expect_eq(by_path(txn, path), number == 2, "%s", path);
		cr_expect_not(is_indexed(txn, path, job.number));
		cr_assert_eq(see_all(txn, job.number).n, --left);
	}
	cr_expect_eq(by_uri(txn), 0);
}

SHELF_TEST(store_files_all, delete_all)
{
	struct ctm_job job = add(txn);
	struct ctm_job other = shelf_job(txn, 2);
	struct source s = {.fail_at = 0};
	struct ctm_file file;

	cr_assert_eq(ctm_store_file_add_all(txn, &other, N, next, &s), 0);
	cr_assert_eq(ctm_store_file_get(txn, job.number, 5, &file), 0);
	cr_assert_eq(ctm_store_file_put(txn, &file), 0);
	ctm_file_done(&file);
	shelf_file(txn, &job, "/srv/1/one more", 0);
	cr_expect_eq(by_path(txn, "/srv/1/0/name-4"), 2);
	cr_expect_eq(ctm_store_file_delete_all(txn, job.number), 0);
	cr_expect_eq(see_all(txn, job.number).n, 0);
	cr_expect_eq(see_all(txn, other.number).n, N);
	for (uint32_t i = 0; i < N; i++) {
		const struct ctm_file gone = file_at(&s, i);

		cr_expect_not(is_indexed(txn, gone.path, job.number), "%u", i);
		cr_expect(is_indexed(txn, gone.path, other.number), "%u", i);
	}
	cr_expect_eq(by_path(txn, "/srv/1/0/name-4"), 1);
	cr_expect_eq(by_path(txn, "/srv/1/one more"), 0);
	cr_expect_eq(by_gid(txn, 0x100), 1);
	cr_expect_eq(by_uri(txn), N / 10);
	cr_expect_eq(ctm_store_job_delete(txn, other.number), 0);
	cr_expect_eq(by_path(txn, "/srv/1/0/name-4"), 0);
	cr_expect_eq(by_uri(txn), 0);
	cr_expect_eq(ctm_store_file_delete_all(txn, job.number), 0, "there are none");
}

/* Two paths of one hash are two files, of which each is found. */
static int next_twin(void *context, uint32_t i, struct ctm_file *file)
{
	(void)context;
	file->path = (char *)(uintptr_t)(i ? SHELF_TWIN_2 : SHELF_TWIN_1);
	return 0;
}

SHELF_TEST(store_files_all, hashes_collide)
{
	struct ctm_job job = shelf_job(txn, 1);
	struct ctm_file found;

	cr_assert_eq(ctm_store_file_add_all(txn, &job, 2, next_twin, NULL), 0);
	cr_expect_eq(by_path(txn, SHELF_TWIN_1), 1);
	cr_expect_eq(by_path(txn, SHELF_TWIN_2), 1);
	cr_assert_eq(ctm_store_file_find(txn, job.number, SHELF_TWIN_2, &found), 0);
	cr_expect_eq(found.number, 2);
	cr_expect_eq(ctm_store_file_delete(txn, &found), 0);
	ctm_file_done(&found);
	cr_expect_eq(by_path(txn, SHELF_TWIN_1), 1, "its twin stays");
	cr_expect_eq(by_path(txn, SHELF_TWIN_2), 0);
}

SHELF_TEST(store_files_all, fails)
{
	struct ctm_job job = shelf_job(txn, 1);
	struct source source = {.fail_at = 70};

	cr_expect_eq(ctm_store_file_add_all(txn, &job, N, next, &source), -EDOM);
}

/* Paths longer than a page of LMDB's. */
static int next_long(void *context, uint32_t i, struct ctm_file *file)
{
	char *path = context;

	path[7000] = (char)('a' + i);
	file->path = path;
	return 0;
}

SHELF_TEST(store_files_all, long_paths)
{
	struct ctm_job job = shelf_job(txn, 1);
	struct ctm_file found;
	char path[8000];

	memset(path, 'x', sizeof path);
	path[0] = '/';
	path[sizeof path - 1] = '\0';
	cr_assert_eq(ctm_store_file_add_all(txn, &job, 20, next_long, path), 0);
	for (uint32_t i = 0; i < 20; i++) {
		path[7000] = (char)('a' + i);
		cr_assert_eq(ctm_store_file_find(txn, job.number, path, &found), 0);
		cr_expect_eq(found.number, i + 1);
		cr_expect_str_eq(found.path, path);
		ctm_file_done(&found);
	}
}
