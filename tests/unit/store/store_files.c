/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "same.h"
#include "shelf.h"

TestSuite(store_files, .init = shelf_init, .fini = shelf_done);

struct found {
	struct {
		uint32_t job;
		uint32_t number;
	} items[16];
	size_t n;
	size_t stop_at;
};

static int collect(struct ctm_txn *txn, const struct ctm_file *file, void *context)
{
	struct found *found = context;

	(void)txn;
	cr_assert_lt(found->n, 16);
	found->items[found->n].job = file->job;
	found->items[found->n++].number = file->number;
	return found->n == found->stop_at ? 9 : 0;
}

static struct found by_path(struct ctm_txn *txn, const char *path)
{
	struct found found = {.n = 0};

	cr_assert_eq(ctm_store_file_by_path(txn, path, collect, &found), 0);
	return found;
}

static struct found by_gid(struct ctm_txn *txn, uint64_t gid)
{
	struct found found = {.n = 0};

	cr_assert_eq(ctm_store_file_by_gid(txn, gid, collect, &found), 0);
	return found;
}

SHELF_TEST(store_files, add_get_put)
{
	struct ctm_job job = shelf_job(txn, 1);
	struct ctm_file file = shelf_file(txn, &job, "/srv/1/a", 0x11);
	struct ctm_file found;

	cr_expect_eq(file.job, job.number);
	cr_expect_eq(file.number, 1);
	cr_expect_eq(job.next_file, 2);
	cr_expect_eq(job.files_listed, 1, "it joins the list");
	cr_assert_eq(ctm_store_file_get(txn, job.number, 1, &found), 0);
	cr_expect(same_file(&found, &file));
	ctm_file_done(&found);
	file.evident = true;
	file.has_size = true;
	file.size = 5;
	cr_expect_eq(ctm_store_file_put(txn, &file), 0);
	cr_assert_eq(ctm_store_file_get(txn, job.number, 1, &found), 0);
	cr_expect(same_file(&found, &file));
	ctm_file_done(&found);
	cr_expect_eq(ctm_store_file_get(txn, job.number, 2, &found), -ENOENT);
}

SHELF_TEST(store_files, find)
{
	struct ctm_job job = shelf_job(txn, 1);
	struct ctm_job other = shelf_job(txn, 2);
	struct ctm_file found;

	shelf_file(txn, &job, "/srv/a", 0);
	shelf_file(txn, &other, "/srv/a", 0);
	shelf_file(txn, &other, "/srv/b", 0);
	cr_assert_eq(ctm_store_file_find(txn, other.number, "/srv/a", &found), 0);
	cr_expect_eq(found.job, other.number);
	cr_expect_eq(found.number, 1);
	ctm_file_done(&found);
	cr_expect_eq(ctm_store_file_find(txn, job.number, "/srv/b", &found), -ENOENT);
	cr_expect_eq(ctm_store_file_find(txn, other.number, "/srv/a/", &found), -ENOENT);
}

SHELF_TEST(store_files, by_path_and_gid)
{
	struct ctm_job first = shelf_job(txn, 1);
	struct ctm_job second = shelf_job(txn, 2);
	struct found found;

	shelf_file(txn, &first, "/srv/a", 0x11);
	shelf_file(txn, &first, "/srv/b", 0x22);
	shelf_file(txn, &second, "/srv/a", 0x22);
	shelf_file(txn, &second, "/srv/c", 0);
	found = by_path(txn, "/srv/a");
	cr_assert_eq(found.n, 2);
	cr_expect(found.items[0].job == 1 && found.items[1].job == 2);
	found = by_gid(txn, 0x22);
	cr_assert_eq(found.n, 2);
	cr_expect(found.items[0].job == 1 && found.items[0].number == 2 && found.items[1].job == 2);
	cr_expect_eq(by_gid(txn, 0x33).n, 0);
	cr_expect_eq(by_path(txn, "/srv").n, 0);
	found = (struct found){.stop_at = 1};
	cr_expect_eq(ctm_store_file_by_gid(txn, 0x22, collect, &found), 9, "the visitor ends it");
	cr_expect_eq(found.n, 1);
}

/* A path is found by its hash and compared whole. */
SHELF_TEST(store_files, hashes_collide)
{
	struct ctm_job job = shelf_job(txn, 1);
	struct ctm_file found;

	shelf_file(txn, &job, SHELF_TWIN_1, 0);
	cr_expect_eq(by_path(txn, SHELF_TWIN_2).n, 0);
	cr_expect_eq(ctm_store_file_find(txn, job.number, SHELF_TWIN_2, &found), -ENOENT);
	shelf_file(txn, &job, SHELF_TWIN_2, 0);
	cr_expect_eq(by_path(txn, SHELF_TWIN_1).n, 1);
	cr_expect_eq(by_path(txn, SHELF_TWIN_2).n, 1);
	cr_assert_eq(ctm_store_file_find(txn, job.number, SHELF_TWIN_2, &found), 0);
	cr_expect_eq(found.number, 2);
	cr_expect_eq(ctm_store_file_delete(txn, &found), 0);
	ctm_file_done(&found);
	cr_expect_eq(by_path(txn, SHELF_TWIN_1).n, 1, "its twin stays");
}

static struct found by_uri(struct ctm_txn *txn, const char *uri)
{
	struct found found = {.n = 0};

	cr_assert_eq(ctm_store_file_by_uri(txn, uri, collect, &found), 0);
	return found;
}

#define URI_A "https://dp.example/a"
#define URI_B "https://dp.example/b?x=1"

static void set_uris(
	struct ctm_txn *txn, struct ctm_file *file, const char *first, const char *more)
{
	const uint64_t hashes[] = {
		ctm_store_uri_hash(first ? first : ""), ctm_store_uri_hash(more ? more : "")};

	cr_expect_eq(ctm_store_file_set_uris(
			     txn, file, hashes, (uint8_t)((first != NULL) + (more != NULL))),
		0);
}

/* Files of all jobs, by each of their URIs; the record keeps them. */
SHELF_TEST(store_files, by_uri)
{
	struct ctm_job first = shelf_job(txn, 1);
	struct ctm_job second = shelf_job(txn, 2);
	struct ctm_file a = shelf_file(txn, &first, "/srv/1/a", 0x11);
	struct ctm_file b = shelf_file(txn, &second, "/srv/2/b", 0);
	struct found found;
	struct ctm_file got;

	cr_expect_eq(by_uri(txn, URI_A).n, 0);
	set_uris(txn, &a, URI_A, URI_B);
	set_uris(txn, &b, URI_B, NULL);
	found = by_uri(txn, URI_A);
	cr_assert_eq(found.n, 1);
	cr_expect_eq(found.items[0].job, first.number);
	found = by_uri(txn, URI_B);
	cr_assert_eq(found.n, 2);
	cr_expect(found.items[0].job == first.number && found.items[1].job == second.number);
	cr_expect_eq(by_uri(txn, "https://dp.example/b").n, 0, "whole");
	cr_expect_eq(by_uri(txn, "").n, 0);
	cr_assert_eq(ctm_store_file_get(txn, first.number, 1, &got), 0);
	cr_expect(same_file(&got, &a));
	cr_expect_eq(got.n_uris, 2);
	ctm_file_done(&got);
	found = (struct found){.stop_at = 1};
	cr_expect_eq(ctm_store_file_by_uri(txn, URI_B, collect, &found), 9);
	cr_expect_eq(found.n, 1, "the visitor ends it");
}

/* The index follows the record, and goes with it. */
SHELF_TEST(store_files, uris_change)
{
	struct ctm_job job = shelf_job(txn, 1);
	struct ctm_file a = shelf_file(txn, &job, "/srv/1/a", 0);
	struct ctm_file b = shelf_file(txn, &job, "/srv/1/b", 0);

	set_uris(txn, &a, URI_A, URI_A);
	set_uris(txn, &b, URI_A, NULL);
	cr_expect_eq(by_uri(txn, URI_A).n, 2, "once each");
	set_uris(txn, &a, URI_B, NULL);
	cr_expect_eq(by_uri(txn, URI_A).n, 1);
	cr_expect_eq(by_uri(txn, URI_B).n, 1);
	set_uris(txn, &a, URI_B, NULL);
	cr_expect_eq(by_uri(txn, URI_B).n, 1);
	set_uris(txn, &a, NULL, NULL);
	cr_expect_eq(a.n_uris, 0);
	cr_expect_eq(by_uri(txn, URI_B).n, 0);
	set_uris(txn, &a, URI_B, URI_A);
	cr_expect_eq(ctm_store_file_delete(txn, &a), 0);
	cr_expect_eq(by_uri(txn, URI_B).n, 0);
	cr_expect_eq(by_uri(txn, URI_A).n, 1, "the other one's stays");
	cr_expect_eq(ctm_store_file_delete_all(txn, job.number), 0);
	cr_expect_eq(by_uri(txn, URI_A).n, 0);
}

/* A file that joins a job brings as many as there can be. */
SHELF_TEST(store_files, added_with_uris)
{
	char path[] = "/srv/1/a";
	struct ctm_job job = shelf_job(txn, 1);
	struct ctm_file file = {.path = path, .n_uris = CTM_FILE_URIS};
	char uri[8];

	for (unsigned i = 0; i < CTM_FILE_URIS; i++) {
		snprintf(uri, sizeof uri, "uri%u", i);
		file.uris[i] = ctm_store_uri_hash(uri);
	}
	cr_expect_eq(ctm_store_file_add(txn, &job, &file), 0);
	for (unsigned i = 0; i < CTM_FILE_URIS; i++) {
		snprintf(uri, sizeof uri, "uri%u", i);
		cr_expect_eq(by_uri(txn, uri).n, 1, "%u", i);
	}
	cr_expect_eq(ctm_store_job_delete(txn, job.number), 0);
	cr_expect_eq(by_uri(txn, "uri0").n, 0, "they go with the job");
}

SHELF_TEST(store_files, gid_changes)
{
	struct ctm_job job = shelf_job(txn, 1);
	struct ctm_file file = shelf_file(txn, &job, "/srv/a", 0x11);
	struct ctm_file found;

	cr_expect_eq(ctm_store_file_set_gid(txn, &file, 0x22), 0);
	cr_expect_eq(by_gid(txn, 0x11).n, 0);
	cr_expect_eq(by_gid(txn, 0x22).n, 1);
	cr_assert_eq(ctm_store_file_get(txn, job.number, 1, &found), 0);
	cr_expect_eq(found.gid, 0x22);
	ctm_file_done(&found);
	cr_expect_eq(ctm_store_file_set_gid(txn, &file, 0), 0);
	cr_expect_eq(by_gid(txn, 0x22).n, 0);
	cr_expect_eq(by_gid(txn, 0).n, 0, "no gid is no gid");
	cr_expect_eq(ctm_store_file_set_gid(txn, &file, 0x33), 0);
	cr_expect_eq(by_gid(txn, 0x33).n, 1);
}

static int put_each(struct ctm_txn *txn, const struct ctm_file *file, void *context)
{
	struct ctm_file copy = *file;

	++*(uint32_t *)context;
	copy.events |= 2;
	return ctm_store_file_put(txn, &copy);
}

SHELF_TEST(store_files, visitors_may_put)
{
	struct ctm_job job = shelf_job(txn, 1);
	struct ctm_file found;
	uint32_t n = 0;

	shelf_file(txn, &job, "/srv/a", 0x11);
	shelf_file(txn, &job, "/srv/b", 0x11);
	cr_expect_eq(ctm_store_file_by_gid(txn, 0x11, put_each, &n), 0);
	cr_expect_eq(ctm_store_file_by_path(txn, "/srv/a", put_each, &n), 0);
	cr_expect_eq(n, 3);
	cr_assert_eq(ctm_store_file_get(txn, job.number, 2, &found), 0);
	cr_expect_eq(found.events, 2);
	ctm_file_done(&found);
}

SHELF_TEST(store_files, each_and_delete)
{
	struct ctm_job job = shelf_job(txn, 1);
	struct ctm_job other = shelf_job(txn, 2);
	struct ctm_file first = shelf_file(txn, &job, "/srv/a", 0x11);
	struct found found = {.n = 0};

	shelf_file(txn, &job, "/srv/b", 0);
	shelf_file(txn, &job, "/srv/c", 0x11);
	shelf_file(txn, &other, "/srv/a", 0x11);
	cr_expect_eq(ctm_store_file_each(txn, job.number, collect, &found), 0);
	cr_expect_eq(found.n, 3);
	cr_expect_eq(ctm_store_file_delete(txn, &first), 0);
	cr_expect_eq(by_path(txn, "/srv/a").n, 1);
	cr_expect_eq(by_gid(txn, 0x11).n, 2);
	found = (struct found){.stop_at = 1};
	cr_expect_eq(ctm_store_file_each(txn, job.number, collect, &found), 9);
	cr_expect_eq(found.items[0].number, 2);

	cr_expect_eq(ctm_store_file_delete_all(txn, job.number), 0);
	found = (struct found){.n = 0};
	cr_expect_eq(ctm_store_file_each(txn, job.number, collect, &found), 0);
	cr_expect_eq(found.n, 0);
	cr_expect_eq(by_path(txn, "/srv/b").n, 0);
	found = by_gid(txn, 0x11);
	cr_assert_eq(found.n, 1);
	cr_expect_eq(found.items[0].job, other.number);
	cr_expect_eq(ctm_store_file_delete_all(txn, job.number), 0, "there are none");
}

/* A path longer than LMDB's keys. */
SHELF_TEST(store_files, long_path)
{
	struct ctm_job job = shelf_job(txn, 1);
	char path[8000];

	memset(path, 'x', sizeof path);
	path[0] = '/';
	path[sizeof path - 1] = '\0';
	shelf_file(txn, &job, path, 0);
	cr_expect_eq(by_path(txn, path).n, 1);
	path[sizeof path - 2] = 'y';
	cr_expect_eq(by_path(txn, path).n, 0);
}
