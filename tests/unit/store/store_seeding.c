/* SPDX-License-Identifier: MIT */
#include "shelf.h"

TestSuite(store_seeding, .init = shelf_init, .fini = shelf_done);

static void put(struct ctm_txn *txn, uint64_t gid, int64_t since_ms)
{
	const struct ctm_seeding seeding = {
		.since_ms = since_ms, .sight = {.known = true, .inode = gid, .size = 5}};

	cr_assert_eq(ctm_store_seeding_put(txn, gid, &seeding), 0);
}

static struct ctm_seeding get(struct ctm_txn *txn, uint64_t gid)
{
	struct ctm_seeding seeding = {.since_ms = 99};

	cr_assert_eq(ctm_store_seeding_get(txn, gid, &seeding), 0);
	return seeding;
}

SHELF_TEST(store_seeding, one_for_each_gid)
{
	cr_expect_eq(get(txn, 7).since_ms, 0);
	put(txn, 7, 1000);
	put(txn, UINT64_MAX, 2000);
	put(txn, 7, 3000);
	cr_expect_eq(get(txn, 7).since_ms, 3000, "the last one put");
	cr_expect(get(txn, 7).sight.known && get(txn, 7).sight.inode == 7);
	cr_expect_eq(get(txn, UINT64_MAX).since_ms, 2000);
	cr_expect_eq(get(txn, 8).since_ms, 0);
}

SHELF_TEST(store_seeding, forget)
{
	cr_expect_eq(ctm_store_seeding_forget(txn, INT64_MAX), 0);
	for (int i = 1; i <= 100; i++)
		put(txn, (uint64_t)i, i * 10);
	cr_expect_eq(ctm_store_seeding_forget(txn, 500), 0);
	for (int i = 1; i <= 100; i++)
		cr_expect_eq(get(txn, (uint64_t)i).since_ms, i < 50 ? 0 : i * 10, "%d", i);
}
