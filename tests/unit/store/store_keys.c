/* SPDX-License-Identifier: MIT */
#include "store_keys.h"

#include <errno.h>
#include <string.h>

#include "pack.h"
#include "shelf.h"

TestSuite(store_keys, .init = shelf_init, .fini = shelf_done);

static struct ctm_key key_of(uint32_t a, uint32_t b)
{
	struct ctm_key key = ctm_key(CTM_TABLE_WORK);

	ctm_key_u32(&key, a);
	ctm_key_u32(&key, b);
	return key;
}

Test(store_keys, bytes)
{
	struct ctm_key key = ctm_key(CTM_TABLE_PATH);

	ctm_key_u64(&key, UINT64_C(0x0102030405060708));
	ctm_key_u32(&key, 0x0a0b0c0d);
	ctm_key_text(&key, "hi");
	cr_assert_eq(key.len, 15);
	cr_expect_arr_eq(key.data, "P\1\2\3\4\5\6\7\10\x0a\x0b\x0c\x0dhi", 15);
}

/* No text is longer than a key has room for. */
Test(store_keys, bounded)
{
	struct ctm_key key = ctm_key(CTM_TABLE_SIDECAR);
	char text[200];

	memset(text, 'x', sizeof text);
	text[199] = '\0';
	ctm_key_text(&key, text);
	cr_expect_eq(key.len, sizeof key.data);
	ctm_key_text(&key, text);
	cr_expect_eq(key.len, sizeof key.data);
}

Test(store_keys, errors)
{
	static const struct {
		int rc;
		int r;
	} table[] = {
		{MDB_SUCCESS, 0},
		{MDB_NOTFOUND, -ENOENT},
		{MDB_MAP_FULL, -ENOSPC},
		{MDB_CORRUPTED, -EBADMSG},
		{MDB_PAGE_NOTFOUND, -EBADMSG},
		{MDB_PANIC, -EBADMSG},
		{MDB_INVALID, -EBADMSG},
		{MDB_VERSION_MISMATCH, -EBADMSG},
		{MDB_BAD_TXN, -EIO},
		{ENOSPC, -ENOSPC},
		{EIO, -EIO},
		{ENOMEM, -ENOMEM},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct ctm_txn txn = {0};

		cr_expect_eq(ctm_txn_error(&txn, table[i].rc), table[i].r, "%d", table[i].rc);
		cr_expect_eq(
			txn.map_full, table[i].rc == MDB_MAP_FULL, "a full disk is no full map");
		cr_expect_eq(ctm_txn_error(NULL, table[i].rc), table[i].r);
	}
}

SHELF_TEST(store_keys, get_put_delete)
{
	struct ctm_key key = key_of(1, 2);
	MDB_val v;

	cr_expect_eq(ctm_txn_get(txn, &key, &v), -ENOENT);
	cr_expect_eq(ctm_txn_delete(txn, &key), 0, "it need not be there");
	cr_expect_eq(ctm_txn_put(txn, &key, "abc", 3), 0);
	cr_expect_eq(ctm_txn_put(txn, &key, "abcd", 4), 0, "replaced");
	cr_assert_eq(ctm_txn_get(txn, &key, &v), 0);
	cr_expect_eq(v.mv_size, 4);
	cr_expect_arr_eq(v.mv_data, "abcd", 4);
	cr_expect_eq(ctm_txn_delete(txn, &key), 0);
	cr_expect_eq(ctm_txn_get(txn, &key, &v), -ENOENT);
}

SHELF_TEST(store_keys, put_buf)
{
	struct ctm_key key = key_of(1, 2);
	struct ctm_buf b = CTM_BUF_INIT(3);
	MDB_val v;

	ctm_buf_add_str(&b, "four");
	cr_expect_eq(ctm_txn_put_buf(txn, &key, &b), -ENOBUFS, "the buffer's error");
	cr_expect_eq(ctm_txn_get(txn, &key, &v), -ENOENT);
	b = (struct ctm_buf)CTM_BUF_INIT(4);
	ctm_buf_add_str(&b, "four");
	cr_expect_eq(ctm_txn_put_buf(txn, &key, &b), 0);
	cr_expect_null(b.data);
	cr_expect_eq(ctm_txn_get(txn, &key, &v), 0);
}

static int collect(const MDB_val *key, const MDB_val *value, void *context)
{
	uint32_t **to = context;

	(void)value;
	*(*to)++ = ctm_get_u32((const unsigned char *)key->mv_data + 5);
	return **to ? 5 : 0;
}

SHELF_TEST(store_keys, ranges)
{
	static const uint32_t numbers[] = {7, 256, 1, 0xffffffff};
	struct ctm_key key = ctm_key(CTM_TABLE_WORK);
	struct ctm_key other = ctm_key('X');
	uint32_t found[5] = {0, 0, 0, 0, 0};
	uint32_t *to = found;

	ctm_key_u32(&key, 2);
	cr_expect_eq(ctm_txn_next(txn, &key, 5, true, NULL), -ENOENT);
	for (size_t i = 0; i < 4; i++) {
		struct ctm_key k = key_of(2, numbers[i]);

		cr_assert_eq(ctm_txn_put(txn, &k, "", 0), 0);
	}
	/* Neighbours in front and behind, which are not of that table or that work. */
	cr_assert_eq(ctm_txn_put(txn, &other, "", 0), 0);
	for (uint32_t work = 1; work <= 3; work += 2) {
		struct ctm_key k = key_of(work, 0xffffffff);

		cr_assert_eq(ctm_txn_put(txn, &k, "", 0), 0);
	}
	cr_expect_eq(ctm_txn_each(txn, &key, collect, &to), 0);
	cr_expect_eq(to - found, 4);
	cr_expect(found[0] == 1 && found[1] == 7 && found[2] == 256 && found[3] == 0xffffffff,
		"in the order of the numbers");
	found[2] = 1;
	to = found;
	cr_expect_eq(ctm_txn_each(txn, &key, collect, &to), 5, "the visitor ends it");

	cr_expect_eq(ctm_txn_next(txn, &key, 5, false, NULL), 0);
	cr_expect_eq(ctm_get_u32(key.data + 5), 1);
	cr_expect_eq(ctm_txn_next(txn, &key, 5, true, NULL), 0);
	cr_expect_eq(ctm_get_u32(key.data + 5), 1, "at the key itself");
	cr_expect_eq(ctm_txn_next(txn, &key, 5, false, NULL), 0);
	cr_expect_eq(ctm_get_u32(key.data + 5), 7);
	cr_expect_eq(ctm_txn_delete(txn, &key), 0);
	cr_expect_eq(ctm_txn_next(txn, &key, 5, false, NULL), 0);
	cr_expect_eq(ctm_get_u32(key.data + 5), 256, "though its own record is gone");
	key = key_of(2, 0xffffffff);
	cr_expect_eq(ctm_txn_next(txn, &key, 5, false, NULL), -ENOENT);
}

#define MANY 5000u

/* 3, 6, ... of two works, of more pages than one; the value is the number. */
static int fill(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	(void)context;
	(void)e;
	for (uint32_t n = 3; n <= MANY; n += 3) {
		for (uint32_t work = 1; work <= 2; work++) {
			struct ctm_key key = key_of(work, n);

			cr_assert_eq(ctm_txn_put_u64(txn, &key, n), 0);
		}
	}
	return 0;
}

static uint32_t floor_of(struct ctm_txn *txn, uint32_t work, uint32_t n)
{
	struct ctm_key key = key_of(work, n);
	MDB_val v;
	int r = ctm_txn_floor(txn, &key, 5, &v);

	if (r == -ENOENT)
		return 0;
	cr_assert_eq(r, 0);
	cr_expect_eq(ctm_get_u64(v.mv_data), ctm_get_u32(key.data + 5));
	return ctm_get_u32(key.data + 5);
}

static uint32_t next_of(struct ctm_txn *txn, uint32_t work, uint32_t n, bool at)
{
	struct ctm_key key = key_of(work, n);
	int r = ctm_txn_next(txn, &key, 5, at, NULL);

	cr_assert(r == 0 || r == -ENOENT);
	return r == 0 ? ctm_get_u32(key.data + 5) : 0;
}

/* Whatever was asked before, in whatever order. */
static int ask(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const uint32_t last = MANY / 3 * 3;

	(void)context;
	(void)e;
	for (uint32_t i = 1; i < 20000; i++) {
		const uint32_t n = i % 3 ? i * 7919 % (MANY + 10) : i % (MANY + 10);
		const uint32_t work = 1 + i / 5 % 2;
		struct ctm_key key = key_of(work, n);
		const uint32_t above = n / 3 * 3 + 3;
		uint32_t want;
		MDB_val v;

		cr_assert_eq(ctm_txn_get(txn, &key, &v), n && n % 3 == 0 && n <= last ? 0 : -ENOENT,
			"%u", n);
		cr_assert_eq(floor_of(txn, work, n), n > last ? last : n / 3 * 3, "%u", n);
		want = above > last ? 0 : above;
		cr_assert_eq(next_of(txn, work, n, false), want, "%u", n);
		if (n && n % 3 == 0 && n <= last)
			want = n;
		cr_assert_eq(next_of(txn, work, n, true), want, "%u", n);
	}
	cr_expect_eq(floor_of(txn, 3, 1), 0, "of another work");
	cr_expect_eq(next_of(txn, 3, 1, true), 0);
	return 0;
}

/* The same in an update, and where cursors stay. */
Test(store_keys, asked)
{
	cr_assert_eq(ctm_store_update(shelf, fill, NULL, NULL), 0);
	cr_expect_eq(ctm_store_read(shelf, ask, NULL, NULL), 0);
	cr_expect_eq(ctm_store_update(shelf, ask, NULL, NULL), 0);
	cr_expect_eq(ctm_store_read(shelf, ask, NULL, NULL), 0);
}

/* In an empty store there is nothing to begin from. */
static int ask_nothing(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct ctm_key key = key_of(1, 1);
	MDB_val v;

	(void)context;
	(void)e;
	for (int i = 0; i < 2; i++) {
		cr_expect_eq(ctm_txn_get(txn, &key, &v), -ENOENT);
		cr_expect_eq(floor_of(txn, 1, 1), 0);
		cr_expect_eq(next_of(txn, 1, 1, true), 0);
	}
	return 0;
}

Test(store_keys, asked_for_nothing)
{
	cr_expect_eq(ctm_store_read(shelf, ask_nothing, NULL, NULL), 0);
	cr_expect_eq(ctm_store_update(shelf, ask_nothing, NULL, NULL), 0);
}
