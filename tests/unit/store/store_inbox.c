/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "shelf.h"

TestSuite(store_inbox, .init = shelf_init, .fini = shelf_done);

/* A file of that inode, born at a time of its own. */
static struct ctm_inbox_identity file_of(uint64_t inode)
{
	return (struct ctm_inbox_identity){.inode = inode, .born_ns = 1000 + inode};
}

static uint64_t folded(struct ctm_txn *txn, struct ctm_inbox_identity file)
{
	uint64_t bytes = 77;

	cr_assert_eq(ctm_store_folded_get(txn, &file, &bytes), 0);
	return bytes;
}

SHELF_TEST(store_inbox, folded)
{
	const struct ctm_inbox_identity kept[] = {file_of(2), file_of(4), file_of(9)};
	struct ctm_inbox_identity reborn = file_of(2);

	cr_expect_eq(folded(txn, file_of(1)), 0, "never folded");
	for (uint64_t i = 1; i <= 4; i++) {
		const struct ctm_inbox_identity file = file_of(i);

		cr_assert_eq(ctm_store_folded_put(txn, &file, i), 0);
		cr_assert_eq(ctm_store_folded_put(txn, &file, i * 1000), 0);
	}
	reborn.born_ns++;
	cr_expect_eq(folded(txn, reborn), 0, "an inode that is used again is another file");
	cr_expect_eq(ctm_store_folded_keep(txn, kept, 3), 0);
	cr_expect_eq(folded(txn, file_of(1)), 0);
	cr_expect_eq(folded(txn, file_of(2)), 2000);
	cr_expect_eq(folded(txn, file_of(3)), 0);
	cr_expect_eq(folded(txn, file_of(4)), 4000);
	cr_expect_eq(ctm_store_folded_keep(txn, NULL, 0), 0);
	cr_expect_eq(folded(txn, file_of(4)), 0);
}

/* Where the file system does not say when it was born, nothing is remembered. */
SHELF_TEST(store_inbox, unknown_birth)
{
	const struct ctm_inbox_identity file = {.inode = 5};

	cr_expect_eq(ctm_store_folded_put(txn, &file, 1000), 0);
	cr_expect_eq(folded(txn, file), 0);
}
