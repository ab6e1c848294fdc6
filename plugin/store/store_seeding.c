/* SPDX-License-Identifier: MIT */
/*
 * Torrents of which aria2 said that their data is there, and that it seeds them.
 */
#include <errno.h>

#include "pack.h"
#include "store_keys.h"
#include "store_records.h"

#define SEEDING_LEN 9 /* bytes of a key: letter, gid */

static struct ctm_key seeding_key(uint64_t gid)
{
	struct ctm_key key = ctm_key(CTM_TABLE_SEEDING);

	ctm_key_u64(&key, gid);
	return key;
}

int ctm_store_seeding_get(struct ctm_txn *txn, uint64_t gid, struct ctm_seeding *ret_seeding)
{
	struct ctm_key key = seeding_key(gid);
	MDB_val v;
	int r = ctm_txn_get(txn, &key, &v);

	if (r == -ENOENT) {
		*ret_seeding = (struct ctm_seeding){0};
		return 0;
	}
	return r < 0 ? r : ctm_record_unpack_seeding(&v, ret_seeding);
}

int ctm_store_seeding_put(struct ctm_txn *txn, uint64_t gid, const struct ctm_seeding *seeding)
{
	struct ctm_key key = seeding_key(gid);
	struct ctm_buf b = CTM_BUF_INIT(CTM_RECORD_LIMIT);

	ctm_record_pack_seeding(&b, seeding);
	return ctm_txn_put_buf(txn, &key, &b);
}

int ctm_store_seeding_forget(struct ctm_txn *txn, int64_t before_ms)
{
	struct ctm_key key = ctm_key(CTM_TABLE_SEEDING);
	int r = 0;

	while (r == 0) {
		struct ctm_seeding seeding;
		MDB_val v;

		r = ctm_txn_next(txn, &key, 1, false, &v);
		if (r == 0 && key.len != SEEDING_LEN)
			r = -EBADMSG;
		if (r == 0)
			r = ctm_record_unpack_seeding(&v, &seeding);
		if (r == 0 && seeding.since_ms < before_ms)
			r = ctm_txn_delete(txn, &key);
	}
	return r == -ENOENT ? 0 : r;
}
