/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "same.h"
#include "shelf.h"

TestSuite(store_unclaimed, .init = shelf_init, .fini = shelf_done, .timeout = 120);

static const struct ctm_stamp now = {.boot = 1, .boot_ms = 2, .wall_ms = 3};

/* Adds one; whether another was dropped for it. */
static int add(struct ctm_txn *txn, uint64_t gid, int64_t wall_ms)
{
	char path[] = "/srv/a";
	const struct ctm_event event = {.type = CTM_EVENT_COMPLETE,
		.gid = gid,
		.n_files = 1,
		.path = path,
		.wall_ms = wall_ms};

	const int r = ctm_store_unclaimed_add(txn, &event, &now);

	cr_assert_geq(r, 0);
	return r;
}

struct found {
	uint64_t gids[8];
	size_t n;
	bool deletes;
};

static int collect(struct ctm_txn *txn, const struct ctm_unclaimed *unclaimed, void *context)
{
	struct found *found = context;

	cr_expect_str_eq(unclaimed->event.path, "/srv/a");
	cr_expect(same_stamp(&unclaimed->since, &now));
	if (found->n < 8)
		found->gids[found->n] = unclaimed->event.gid;
	found->n++;
	return found->deletes ? ctm_store_unclaimed_delete(txn, unclaimed) : 0;
}

static struct found each(struct ctm_txn *txn, bool deletes)
{
	struct found found = {.deletes = deletes};

	cr_assert_eq(ctm_store_unclaimed_each(txn, collect, &found), 0);
	return found;
}

static uint32_t count(struct ctm_txn *txn)
{
	uint32_t n = 77;

	cr_assert_eq(ctm_store_unclaimed_count(txn, &n), 0);
	return n;
}

SHELF_TEST(store_unclaimed, oldest_first)
{
	struct found found;

	cr_expect_eq(count(txn), 0);
	add(txn, 1, 3000);
	add(txn, 2, 1000);
	add(txn, 3, -5); /* a clock that nobody has set */
	add(txn, 4, 2000);
	cr_expect_eq(count(txn), 4);
	found = each(txn, false);
	cr_assert_eq(found.n, 4);
	cr_expect(found.gids[0] == 3 && found.gids[1] == 2 && found.gids[2] == 4 &&
		  found.gids[3] == 1);
}

/* The same event is kept once, however often it is read again. */
SHELF_TEST(store_unclaimed, once)
{
	for (int i = 0; i < 3; i++) {
		add(txn, 1, 1000);
		add(txn, 2, 1000);
	}
	cr_expect_eq(count(txn), 2);
	cr_expect_eq(each(txn, false).n, 2);
}

SHELF_TEST(store_unclaimed, delete)
{
	struct found found;

	add(txn, 1, 1000);
	add(txn, 2, 2000);
	add(txn, 3, 0);
	found = each(txn, true);
	cr_expect_eq(found.n, 3, "the list may change");
	cr_expect_eq(count(txn), 0);
	cr_expect_eq(each(txn, false).n, 0);
	add(txn, 1, 1000);
	cr_expect_eq(count(txn), 1, "it can come again");
}

static int delete_twice(struct ctm_txn *txn, const struct ctm_unclaimed *unclaimed, void *context)
{
	(void)context;
	cr_expect_eq(ctm_store_unclaimed_delete(txn, unclaimed), 0);
	return ctm_store_unclaimed_delete(txn, unclaimed);
}

SHELF_TEST(store_unclaimed, counted_once)
{
	add(txn, 1, 1000);
	add(txn, 2, 1000);
	cr_expect_eq(ctm_store_unclaimed_each(txn, delete_twice, NULL), 0);
	cr_expect_eq(count(txn), 0);
}

SHELF_TEST(store_unclaimed, limit)
{
	struct found found;

	for (uint64_t i = 1; i <= CTM_UNCLAIMED_LIMIT; i++)
		cr_assert_eq(add(txn, i, (int64_t)(1000 + i)), 0);
	cr_expect_eq(count(txn), CTM_UNCLAIMED_LIMIT);
	cr_expect_eq(add(txn, 5, 1005), 0);
	cr_expect_eq(each(txn, false).gids[0], 1, "what is known needs no room");
	cr_expect_eq(add(txn, 20001, 50000), 1);
	cr_expect_eq(add(txn, 20002, 50001), 1);
	cr_expect_eq(count(txn), CTM_UNCLAIMED_LIMIT);
	found = each(txn, false);
	cr_expect_eq(found.n, CTM_UNCLAIMED_LIMIT);
	cr_expect_eq(found.gids[0], 3, "the oldest gave way");
}
