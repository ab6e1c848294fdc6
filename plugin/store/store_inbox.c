/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "store_keys.h"

static struct ctm_key folded_key(const struct ctm_inbox_identity *file)
{
	struct ctm_key key = ctm_key(CTM_TABLE_FOLDED);

	ctm_key_u64(&key, file->inode);
	ctm_key_u64(&key, file->born_ns);
	return key;
}

int ctm_store_folded_put(struct ctm_txn *txn, const struct ctm_inbox_identity *file, uint64_t bytes)
{
	struct ctm_key key = folded_key(file);

	return file->born_ns ? ctm_txn_put_u64(txn, &key, bytes) : 0;
}

int ctm_store_folded_get(
	struct ctm_txn *txn, const struct ctm_inbox_identity *file, uint64_t *ret_bytes)
{
	struct ctm_key key = folded_key(file);

	*ret_bytes = 0;
	return file->born_ns ? ctm_txn_get_u64(txn, &key, ret_bytes) : 0;
}

static bool is_kept(const struct ctm_key *key, const struct ctm_inbox_identity *files, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct ctm_key kept = folded_key(&files[i]);

		if (kept.len == key->len && memcmp(kept.data, key->data, key->len) == 0)
			return true;
	}
	return false;
}

int ctm_store_folded_keep(struct ctm_txn *txn, const struct ctm_inbox_identity *files, size_t n)
{
	struct ctm_key key = ctm_key(CTM_TABLE_FOLDED);
	int r = 0;

	while (r == 0) {
		r = ctm_txn_next(txn, &key, 1, false, NULL);
		if (r == 0 && !is_kept(&key, files, n))
			r = ctm_txn_delete(txn, &key);
	}
	return r == -ENOENT ? 0 : r;
}
