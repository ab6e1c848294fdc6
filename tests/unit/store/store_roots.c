/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "shelf.h"

TestSuite(store_roots, .init = shelf_init, .fini = shelf_done);

static int collect(struct ctm_txn *txn, const struct ctm_job *job, void *context)
{
	(void)txn;
	*(uint32_t *)context |= 1u << job->number;
	return 0;
}

static uint32_t roots_of(struct ctm_txn *txn, const char *path)
{
	uint32_t jobs = 0;

	cr_assert_eq(ctm_store_root_each(txn, path, collect, &jobs), 0);
	return jobs;
}

SHELF_TEST(store_roots, ancestors)
{
	static const char *const roots[] = {
		"/", "/srv", "/srv/content", "/srv/content", "/srv/cont"};

	cr_expect_eq(roots_of(txn, "/srv/content/a"), 0);
	for (unsigned i = 0; i < 5; i++) {
		struct ctm_job job = shelf_job(txn, i);

		cr_assert_eq(ctm_store_root_add(txn, job.number, roots[i]), 0);
	}
	cr_expect_eq(roots_of(txn, "/srv/content/a"), 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4);
	cr_expect_eq(roots_of(txn, "/srv/content/deep/er/a"), 1 << 1 | 1 << 2 | 1 << 3 | 1 << 4);
	cr_expect_eq(roots_of(txn, "/srv/content"), 1 << 1 | 1 << 2, "nothing lies below itself");
	cr_expect_eq(roots_of(txn, "/srv/cont/a"), 1 << 1 | 1 << 2 | 1 << 5);
	cr_expect_eq(roots_of(txn, "/a"), 1 << 1);
	cr_expect_eq(ctm_store_root_delete(txn, 3, "/srv/content"), 0);
	cr_expect_eq(roots_of(txn, "/srv/content/a"), 1 << 1 | 1 << 2 | 1 << 4);
	cr_expect_eq(ctm_store_root_delete(txn, 3, "/srv/content"), 0, "it need not be there");
}

static int stop(struct ctm_txn *txn, const struct ctm_job *job, void *context)
{
	(void)txn;
	(void)job;
	++*(int *)context;
	return 4;
}

SHELF_TEST(store_roots, visitor_ends_it)
{
	struct ctm_job job = shelf_job(txn, 1);
	int calls = 0;

	cr_assert_eq(ctm_store_root_add(txn, job.number, "/srv"), 0);
	cr_assert_eq(ctm_store_root_add(txn, job.number, "/srv/a"), 0);
	cr_expect_eq(ctm_store_root_each(txn, "/srv/a/b", stop, &calls), 4);
	cr_expect_eq(calls, 1);
}

/* Hashes can collide: the caller compares. */
SHELF_TEST(store_roots, twins)
{
	struct ctm_job job = shelf_job(txn, 1);

	cr_assert_eq(ctm_store_root_add(txn, job.number, SHELF_TWIN_1), 0);
	cr_expect_eq(roots_of(txn, SHELF_TWIN_2 "/a"), 1 << 1);
}

SHELF_TEST(store_roots, ended)
{
	int64_t ended_ms = 77;

	cr_assert_eq(ctm_store_ended_get(txn, "/srv/a", 6, &ended_ms), 0);
	cr_expect_eq(ended_ms, 0, "no job ended there");
	cr_assert_eq(ctm_store_ended_put(txn, "/srv", 1000), 0);
	cr_assert_eq(ctm_store_ended_put(txn, "/srv/a", 2000), 0);
	cr_assert_eq(ctm_store_ended_put(txn, "/srv/a", 3000), 0);
	cr_assert_eq(ctm_store_ended_get(txn, "/srv/a/file", 6, &ended_ms), 0);
	cr_expect_eq(ended_ms, 3000, "of the first bytes of a path");
	cr_assert_eq(ctm_store_ended_get(txn, "/srv/a/file", 4, &ended_ms), 0);
	cr_expect_eq(ended_ms, 1000);
	cr_assert_eq(ctm_store_ended_get(txn, "/srv/a/file", 11, &ended_ms), 0);
	cr_expect_eq(ended_ms, 0);
}
