/* SPDX-License-Identifier: MIT */
#include "store_paths.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "pack.h"
#include "store_records.h"

#define ITEM 10          /* bytes: 48 bits of hash, the file's number */
#define TOPS 65536u      /* values of a hash's first 16 bits */
#define ALONE_LEN 17     /* of a key: letter, hash, job, file */
#define TOGETHER_LEN 7   /* letter, 16 bits of hash, job */
#define TOGETHER_START 3 /* what the records of a hash have in common */

static struct ctm_key alone_key(uint64_t hash, uint32_t job, uint32_t file)
{
	struct ctm_key key = ctm_key(CTM_TABLE_PATH);

	ctm_key_u64(&key, hash);
	ctm_key_u32(&key, job);
	ctm_key_u32(&key, file);
	return key;
}

static struct ctm_key together_key(unsigned top, uint32_t job)
{
	struct ctm_key key = ctm_key(CTM_TABLE_PATHS);

	ctm_key_u16(&key, (uint16_t)top);
	ctm_key_u32(&key, job);
	return key;
}

static unsigned top_of(uint64_t hash)
{
	return (unsigned)(hash >> 48);
}

static void put_item(unsigned char *to, uint64_t hash, uint32_t file)
{
	unsigned char whole[8];

	ctm_put_u64(whole, hash);
	memcpy(to, whole + 2, 6);
	ctm_put_u32(to + 6, file);
}

int ctm_paths_put(struct ctm_txn *txn, uint64_t hash, uint32_t job, uint32_t file)
{
	struct ctm_key key = alone_key(hash, job, file);

	return ctm_txn_put(txn, &key, "", 0);
}

/* The record without its n-th item; one without items goes. */
static int put_without(
	struct ctm_txn *txn, const struct ctm_key *key, const MDB_val *record, size_t n)
{
	struct ctm_buf b = CTM_BUF_INIT(record->mv_size);
	const unsigned char *data = record->mv_data;

	if (record->mv_size == ITEM)
		return ctm_txn_delete(txn, key);
	/* Not from where it is: LMDB's memory moves while it is written to. */
	ctm_buf_add(&b, data, n * ITEM);
	ctm_buf_add(&b, data + (n + 1) * ITEM, record->mv_size - (n + 1) * ITEM);
	return ctm_txn_put_buf(txn, key, &b);
}

static int delete_together(struct ctm_txn *txn, uint64_t hash, uint32_t job, uint32_t file)
{
	struct ctm_key key = together_key(top_of(hash), job);
	unsigned char item[ITEM];
	MDB_val v;
	int r = ctm_txn_get(txn, &key, &v);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (!v.mv_size || v.mv_size % ITEM)
		return -EBADMSG;
	put_item(item, hash, file);
	for (size_t i = 0; i < v.mv_size / ITEM; i++)
		if (memcmp((const unsigned char *)v.mv_data + i * ITEM, item, ITEM) == 0)
			return put_without(txn, &key, &v, i);
	return 0;
}

int ctm_paths_delete(struct ctm_txn *txn, uint64_t hash, uint32_t job, uint32_t file)
{
	struct ctm_key key = alone_key(hash, job, file);
	int r = ctm_txn_delete(txn, &key);

	return r < 0 ? r : delete_together(txn, hash, job, file);
}

static unsigned top_of_item(const struct ctm_paths_item *item)
{
	return item->top >> 16;
}

/*
 * Brings items of the same first bits together, in place; `ends` becomes where those of each end.
 * Each swap brings one to where it belongs.
 */
static void gather(struct ctm_paths_item *items, uint32_t n, uint32_t *next, uint32_t *ends)
{
	uint32_t at = 0;

	for (uint32_t i = 0; i < n; i++)
		ends[top_of_item(&items[i])]++;
	for (size_t top = 0; top < TOPS; top++) {
		next[top] = at;
		at += ends[top];
		ends[top] = at;
	}
	for (size_t top = 0; top < TOPS; top++) {
		while (next[top] < ends[top]) {
			struct ctm_paths_item *item = &items[next[top]];
			const unsigned its = top_of_item(item);
			struct ctm_paths_item *place = &items[next[its]++];
			const struct ctm_paths_item moved = *item;

			*item = *place;
			*place = moved;
		}
	}
}

static int put_together(struct ctm_txn *txn, uint32_t job, const struct ctm_paths_item *items,
	uint32_t n, struct ctm_buf *b)
{
	const struct ctm_key key = together_key(top_of_item(items), job);

	ctm_buf_reset(b);
	for (uint32_t i = 0; i < n; i++) {
		unsigned char item[ITEM];

		put_item(item, (uint64_t)items[i].top << 32 | items[i].low, items[i].file);
		ctm_buf_add(b, item, sizeof item);
	}
	return b->error ? b->error : ctm_txn_put(txn, &key, b->data, b->len);
}

int ctm_paths_put_all(struct ctm_txn *txn, uint32_t job, struct ctm_paths_item *items, uint32_t n)
{
	CTM_CLEANUP_FREE uint32_t *next = calloc(2 * (size_t)TOPS, sizeof *next);
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT((size_t)n * ITEM);
	uint32_t *ends = next + TOPS;
	uint32_t from = 0;
	int r = 0;

	if (!next)
		return -ENOMEM;
	gather(items, n, next, ends);
	for (size_t top = 0; r == 0 && top < TOPS; top++) {
		if (ends[top] > from)
			r = put_together(txn, job, items + from, ends[top] - from, &b);
		from = ends[top];
	}
	return r;
}

void ctm_paths_note(struct ctm_paths_set *set, uint64_t hash)
{
	set->bits[top_of(hash) / 8] |= (unsigned char)(1u << top_of(hash) % 8);
}

int ctm_paths_delete_all(struct ctm_txn *txn, uint32_t job, const struct ctm_paths_set *set)
{
	int r = 0;

	for (unsigned top = 0; r == 0 && top < TOPS; top++) {
		const struct ctm_key key = together_key(top, job);

		if (set->bits[top / 8] & 1u << top % 8)
			r = ctm_txn_delete(txn, &key);
	}
	return r;
}

static int next_alone(struct ctm_txn *txn, struct ctm_paths_walk *walk)
{
	struct ctm_key key = alone_key(walk->hash, walk->job ? walk->job : walk->only, walk->file);
	int r = ctm_txn_next(txn, &key, walk->only ? 13 : 9, false, NULL);

	if (r < 0)
		return r;
	if (key.len != ALONE_LEN)
		return -EBADMSG;
	walk->job = ctm_get_u32(key.data + 9);
	walk->file = ctm_get_u32(key.data + 13);
	return 0;
}

/* The least number of a file behind walk->file that has the hash; 0: there is none. */
static uint32_t least_in(const struct ctm_paths_walk *walk, const MDB_val *record)
{
	const unsigned char *data = record->mv_data;
	unsigned char item[ITEM];
	uint32_t least = 0;

	put_item(item, walk->hash, 0);
	for (size_t at = 0; at < record->mv_size; at += ITEM) {
		const uint32_t file = ctm_get_u32(data + at + 6);

		if (memcmp(data + at, item, 6) == 0 && file > walk->file &&
			(!least || file < least))
			least = file;
	}
	return least;
}

/* The record where the walk stands first, because it can have more of them. */
static int next_together(struct ctm_txn *txn, struct ctm_paths_walk *walk)
{
	struct ctm_key key = together_key(top_of(walk->hash), walk->job ? walk->job : walk->only);
	const size_t start = walk->only ? TOGETHER_LEN : TOGETHER_START;
	bool at = true;

	for (;;) {
		MDB_val v;
		int r = ctm_txn_next(txn, &key, start, at, &v);

		if (r < 0)
			return r;
		if (key.len != TOGETHER_LEN || !v.mv_size || v.mv_size % ITEM)
			return -EBADMSG;
		if (walk->job != ctm_get_u32(key.data + 3))
			walk->file = 0;
		walk->job = ctm_get_u32(key.data + 3);
		walk->file = least_in(walk, &v);
		if (walk->file)
			return 0;
		at = false;
	}
}

int ctm_paths_next(struct ctm_txn *txn, struct ctm_paths_walk *walk)
{
	int r = walk->together ? -ENOENT : next_alone(txn, walk);

	if (r != -ENOENT)
		return r;
	if (!walk->together) {
		walk->together = true;
		walk->job = walk->file = 0;
	}
	return next_together(txn, walk);
}
