/* SPDX-License-Identifier: MIT */
#include "store_paths.h"

#include <errno.h>
#include <stdlib.h>

#include "shelf.h"

TestSuite(store_paths, .init = shelf_init, .fini = shelf_done);

#define HASH(top, rest) ((uint64_t)(top) << 48 | (rest))

static struct ctm_paths_item item(uint64_t hash, uint32_t file)
{
	return (struct ctm_paths_item){
		.top = (uint32_t)(hash >> 32), .low = (uint32_t)hash, .file = file};
}

/* What a walk finds, as a number: job and file, a digit each. */
static unsigned long walk(struct ctm_txn *txn, uint64_t hash, uint32_t only)
{
	struct ctm_paths_walk w = {.hash = hash, .only = only};
	unsigned long found = 0;
	int r;

	while (r = ctm_paths_next(txn, &w), r == 0)
		found = found * 100 + w.job * 10 + w.file;
	cr_expect_eq(r, -ENOENT);
	return found;
}

/* Alone and together, of several jobs; neighbours in a record and in the order of keys. */
SHELF_TEST(store_paths, walks)
{
	const uint64_t a = HASH(0x1234, 7);
	const uint64_t b = HASH(0x1234, 8);
	struct ctm_paths_item first[] = {
		item(b, 3), item(a, 1), item(HASH(0xffff, 1), 4), item(a, 5), item(HASH(0, 0), 6)};
	struct ctm_paths_item second[] = {item(a, 2)};

	cr_assert_eq(ctm_paths_put_all(txn, 1, first, 5), 0);
	cr_assert_eq(ctm_paths_put_all(txn, 2, second, 1), 0);
	cr_assert_eq(ctm_paths_put(txn, a, 3, 9), 0);
	cr_assert_eq(ctm_paths_put(txn, a, 1, 8), 0);
	cr_expect_eq(walk(txn, a, 0), 1839111522, "those alone, then those together");
	cr_expect_eq(walk(txn, a, 1), 181115);
	cr_expect_eq(walk(txn, a, 2), 22);
	cr_expect_eq(walk(txn, a, 3), 39);
	cr_expect_eq(walk(txn, a, 4), 0);
	cr_expect_eq(walk(txn, b, 0), 13);
	cr_expect_eq(walk(txn, HASH(0xffff, 1), 0), 14);
	cr_expect_eq(walk(txn, HASH(0, 0), 0), 16);
	cr_expect_eq(walk(txn, HASH(0x1234, 9), 0), 0);
	cr_expect_eq(walk(txn, HASH(0x1235, 7), 0), 0);
}

SHELF_TEST(store_paths, delete)
{
	const uint64_t a = HASH(5, 7);
	const uint64_t b = HASH(5, 8);
	struct ctm_paths_item items[] = {item(a, 1), item(b, 2), item(a, 3)};

	cr_assert_eq(ctm_paths_put_all(txn, 1, items, 3), 0);
	cr_assert_eq(ctm_paths_put(txn, a, 1, 4), 0);
	cr_expect_eq(ctm_paths_delete(txn, a, 1, 9), 0, "it is not there");
	cr_expect_eq(ctm_paths_delete(txn, a, 2, 1), 0);
	cr_expect_eq(walk(txn, a, 0), 141113);
	cr_expect_eq(ctm_paths_delete(txn, a, 1, 1), 0);
	cr_expect_eq(walk(txn, a, 0), 1413);
	cr_expect_eq(walk(txn, b, 0), 12);
	cr_expect_eq(ctm_paths_delete(txn, a, 1, 4), 0);
	cr_expect_eq(ctm_paths_delete(txn, b, 1, 2), 0);
	cr_expect_eq(walk(txn, b, 0), 0);
	cr_expect_eq(ctm_paths_delete(txn, a, 1, 3), 0);
	cr_expect_eq(walk(txn, a, 0), 0, "an empty record goes");
}

/* Only records of that job go. */
SHELF_TEST(store_paths, delete_all)
{
	static struct ctm_paths_set set;
	struct ctm_paths_item first[] = {item(HASH(5, 1), 1), item(HASH(0xffff, 2), 2)};
	struct ctm_paths_item second[] = {item(HASH(5, 1), 1)};

	ctm_paths_note(&set, HASH(5, 1));
	ctm_paths_note(&set, HASH(0xffff, 2));
	ctm_paths_note(&set, HASH(77, 2));
	cr_assert_eq(ctm_paths_put_all(txn, 1, first, 2), 0);
	cr_assert_eq(ctm_paths_put_all(txn, 2, second, 1), 0);
	cr_expect_eq(ctm_paths_delete_all(txn, 1, &set), 0);
	cr_expect_eq(walk(txn, HASH(5, 1), 0), 21);
	cr_expect_eq(walk(txn, HASH(0xffff, 2), 0), 0);
}

/* A record of another length is damage. */
SHELF_TEST(store_paths, damaged)
{
	struct ctm_paths_walk w = {.hash = HASH(5, 1)};
	struct ctm_key key = ctm_key(CTM_TABLE_PATHS);

	ctm_key_u16(&key, 5);
	ctm_key_u32(&key, 1);
	cr_assert_eq(ctm_txn_put(txn, &key, "0123456789a", 11), 0);
	cr_expect_eq(ctm_paths_next(txn, &w), -EBADMSG);
	cr_expect_eq(ctm_paths_delete(txn, HASH(5, 1), 1, 1), -EBADMSG);
}

/* As many as there are hashes; each is found again, among those that share its record. */
SHELF_TEST(store_paths, many)
{
	enum {
		N = 200000
	};
	struct ctm_paths_item *items = malloc(N * sizeof *items);
	uint64_t hash = 1;

	cr_assert_not_null(items);
	for (uint32_t i = 0; i < N; i++, hash *= UINT64_C(6364136223846793005))
		items[i] = item(hash, i + 1);
	cr_assert_eq(ctm_paths_put_all(txn, 7, items, N), 0);
	hash = 1;
	for (uint32_t i = 0; i < N; i++, hash *= UINT64_C(6364136223846793005)) {
		struct ctm_paths_walk w = {.hash = hash, .only = i % 2 ? 7 : 0};

		cr_assert_eq(ctm_paths_next(txn, &w), 0, "%u", i);
		cr_assert(w.job == 7 && w.file == i + 1, "%u: %u", i, w.file);
	}
	free(items);
}
