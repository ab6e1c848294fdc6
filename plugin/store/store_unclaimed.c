/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "hash.h"
#include "store_keys.h"
#include "store_records.h"

/* Oldest first: a wall clock before 1970 is as good as none. */
static struct ctm_key unclaimed_key(const struct ctm_unclaimed *unclaimed)
{
	struct ctm_key key = ctm_key(CTM_TABLE_UNCLAIMED);
	int64_t wall_ms = unclaimed->event.wall_ms;

	ctm_key_u64(&key, wall_ms > 0 ? (uint64_t)wall_ms : 0);
	ctm_key_u64(&key, unclaimed->hash);
	return key;
}

static int count_by(struct ctm_txn *txn, enum ctm_setting setting, int64_t by)
{
	uint64_t count;
	int r = ctm_store_setting_get(txn, setting, &count);

	return r < 0 ? r : ctm_store_setting_put(txn, setting, count + (uint64_t)by);
}

int ctm_store_unclaimed_count(struct ctm_txn *txn, uint32_t *ret_count)
{
	uint64_t count;
	int r = ctm_store_setting_get(txn, CTM_SETTING_UNCLAIMED_COUNT, &count);

	if (r == 0)
		*ret_count = (uint32_t)count;
	return r;
}

static int delete_key(struct ctm_txn *txn, const struct ctm_key *key)
{
	MDB_val v;
	int r = ctm_txn_get(txn, key, &v);

	if (r == 0)
		r = ctm_txn_delete(txn, key);
	if (r == 0)
		r = count_by(txn, CTM_SETTING_UNCLAIMED_COUNT, -1);
	return r == -ENOENT ? 0 : r;
}

int ctm_store_unclaimed_delete(struct ctm_txn *txn, const struct ctm_unclaimed *unclaimed)
{
	struct ctm_key key = unclaimed_key(unclaimed);

	return delete_key(txn, &key);
}

static int delete_oldest(struct ctm_txn *txn)
{
	struct ctm_key key = ctm_key(CTM_TABLE_UNCLAIMED);
	int r = ctm_txn_next(txn, &key, 1, false, NULL);

	return r == 0 ? delete_key(txn, &key) : r == -ENOENT ? 0 : r;
}

/* The event's own bytes: what makes it the same event when it is read again. */
static int hash_of(const struct ctm_event *event, uint64_t *ret_hash)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(CTM_RECORD_LIMIT);

	ctm_event_pack(&b, event);
	if (b.error)
		return b.error;
	*ret_hash = ctm_hash(b.data, b.len);
	return 0;
}

int ctm_store_unclaimed_add(
	struct ctm_txn *txn, const struct ctm_event *event, const struct ctm_stamp *now)
{
	struct ctm_unclaimed unclaimed = {.event = *event, .since = *now};
	struct ctm_buf b = CTM_BUF_INIT(CTM_RECORD_LIMIT);
	struct ctm_key key;
	uint32_t count;
	bool full = false;
	MDB_val v;
	int r = hash_of(event, &unclaimed.hash);

	if (r < 0)
		return r;
	key = unclaimed_key(&unclaimed);
	r = ctm_txn_get(txn, &key, &v);
	if (r != -ENOENT)
		return r;
	r = ctm_store_unclaimed_count(txn, &count);
	if (r == 0)
		full = count >= CTM_UNCLAIMED_LIMIT;
	if (full)
		r = delete_oldest(txn);
	if (r < 0)
		return r;
	ctm_record_pack_unclaimed(&b, &unclaimed);
	r = ctm_txn_put_buf(txn, &key, &b);
	if (r == 0)
		r = count_by(txn, CTM_SETTING_UNCLAIMED_ADDED, 1);
	if (r == 0)
		r = count_by(txn, CTM_SETTING_UNCLAIMED_COUNT, 1);
	return r < 0 ? r : full;
}

int ctm_store_unclaimed_each(struct ctm_txn *txn, ctm_store_unclaimed_visitor *visit, void *context)
{
	struct ctm_key key = ctm_key(CTM_TABLE_UNCLAIMED);
	int r = 0;

	while (r == 0) {
		struct ctm_unclaimed unclaimed;
		MDB_val v;

		r = ctm_txn_next(txn, &key, 1, false, &v);
		if (r == 0)
			r = ctm_record_unpack_unclaimed(&v, &unclaimed);
		if (r < 0)
			return r == -ENOENT ? 0 : r;
		r = visit(txn, &unclaimed, context);
		ctm_event_done(&unclaimed.event);
	}
	return r;
}
