/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "store_keys.h"
#include "store_records.h"

#define TAIL 48

/*
 * The hash and the end of the path: two paths that share both are taken for one, which nobody but
 * the sidecars' owner could bring about.
 */
static struct ctm_key path_key(enum ctm_table table, const char *path)
{
	struct ctm_key key = ctm_key(table);
	size_t len = strlen(path);

	ctm_key_u64(&key, ctm_hash(path, len));
	ctm_key_text(&key, len > TAIL ? path + len - TAIL : path);
	return key;
}

void ctm_sidecar_record_done(struct ctm_sidecar_record *record)
{
	free(record->path);
	free(record->id);
	free(record->endpoint);
	free(record->complaint);
	*record = (struct ctm_sidecar_record){0};
}

int ctm_store_sidecar_get(
	struct ctm_txn *txn, const char *path, struct ctm_sidecar_record *ret_record)
{
	struct ctm_key key = path_key(CTM_TABLE_SIDECAR, path);
	MDB_val v;
	int r = ctm_txn_get(txn, &key, &v);

	return r < 0 ? r : ctm_record_unpack_sidecar(&v, ret_record);
}

int ctm_store_sidecar_put(struct ctm_txn *txn, const struct ctm_sidecar_record *record)
{
	struct ctm_key key = path_key(CTM_TABLE_SIDECAR, record->path);
	struct ctm_buf b = CTM_BUF_INIT(CTM_RECORD_LIMIT);

	ctm_record_pack_sidecar(&b, record);
	return ctm_txn_put_buf(txn, &key, &b);
}

int ctm_store_sidecar_delete(struct ctm_txn *txn, const char *path)
{
	struct ctm_key key = path_key(CTM_TABLE_SIDECAR, path);
	struct ctm_key volume = path_key(CTM_TABLE_VOLUME, path);
	int r = ctm_txn_delete(txn, &key);

	return r < 0 ? r : ctm_txn_delete(txn, &volume);
}

int ctm_store_volume_put(struct ctm_txn *txn, const char *sidecar, const struct ctm_volume *volume)
{
	struct ctm_key key = path_key(CTM_TABLE_VOLUME, sidecar);
	struct ctm_buf b = CTM_BUF_INIT(CTM_RECORD_LIMIT);

	ctm_record_pack_volume(&b, volume);
	return ctm_txn_put_buf(txn, &key, &b);
}

int ctm_store_volume_get(struct ctm_txn *txn, const char *sidecar, struct ctm_volume *ret_volume)
{
	struct ctm_key key = path_key(CTM_TABLE_VOLUME, sidecar);
	MDB_val v;
	int r = ctm_txn_get(txn, &key, &v);

	if (r == -ENOENT) {
		*ret_volume = (struct ctm_volume){0};
		return 0;
	}
	return r < 0 ? r : ctm_record_unpack_volume(&v, ret_volume);
}

/* The fate stands behind the version, in every version. */
static bool is_registered(const MDB_val *record)
{
	return record->mv_size > 1 &&
	       ((const unsigned char *)record->mv_data)[1] == CTM_FATE_REGISTERED;
}

static int each(struct ctm_txn *txn, bool only_bad, ctm_store_sidecar_visitor *visit, void *context)
{
	struct ctm_key key = ctm_key(CTM_TABLE_SIDECAR);
	int r = 0;

	while (r == 0) {
		struct ctm_sidecar_record record;
		MDB_val v;

		r = ctm_txn_next(txn, &key, 1, false, &v);
		if (r == 0 && only_bad && is_registered(&v))
			continue;
		if (r == 0)
			r = ctm_record_unpack_sidecar(&v, &record);
		if (r < 0)
			return r == -ENOENT ? 0 : r;
		r = visit(txn, &record, context);
		ctm_sidecar_record_done(&record);
	}
	return r;
}

int ctm_store_sidecar_each(struct ctm_txn *txn, ctm_store_sidecar_visitor *visit, void *context)
{
	return each(txn, false, visit, context);
}

int ctm_store_sidecar_each_bad(struct ctm_txn *txn, ctm_store_sidecar_visitor *visit, void *context)
{
	return each(txn, true, visit, context);
}
