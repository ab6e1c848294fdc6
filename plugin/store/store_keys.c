/* SPDX-License-Identifier: MIT */
#include "store_keys.h"

#include <errno.h>
#include <string.h>

#include "pack.h"

struct ctm_key ctm_key(enum ctm_table table)
{
	struct ctm_key key = {.len = 1};

	key.data[0] = (unsigned char)table;
	return key;
}

void ctm_key_u16(struct ctm_key *key, uint16_t v)
{
	key->data[key->len++] = (unsigned char)(v >> 8);
	key->data[key->len++] = (unsigned char)v;
}

void ctm_key_u32(struct ctm_key *key, uint32_t v)
{
	ctm_put_u32(key->data + key->len, v);
	key->len += 4;
}

void ctm_key_u64(struct ctm_key *key, uint64_t v)
{
	ctm_put_u64(key->data + key->len, v);
	key->len += 8;
}

void ctm_key_text(struct ctm_key *key, const char *text)
{
	size_t room = sizeof key->data - key->len;
	size_t len = strnlen(text, room);

	memcpy(key->data + key->len, text, len);
	key->len += len;
}

int ctm_txn_error(struct ctm_txn *txn, int rc)
{
	switch (rc) {
	case MDB_SUCCESS:
		return 0;
	case MDB_NOTFOUND:
		return -ENOENT;
	case MDB_MAP_FULL:
		if (txn)
			txn->map_full = true;
		return -ENOSPC;
	case MDB_CORRUPTED:
	case MDB_PAGE_NOTFOUND:
	case MDB_PANIC:
	case MDB_INVALID:
	case MDB_VERSION_MISMATCH:
	case MDB_INCOMPATIBLE:
		return -EBADMSG;
	default:
		return rc > 0 ? -rc : -EIO;
	}
}

static MDB_val value_of_key(const struct ctm_key *key)
{
	/* LMDB does not write through a key that is only looked up. */
	return (MDB_val){.mv_size = key->len, .mv_data = (void *)(uintptr_t)key->data};
}

void ctm_txn_close_cursors(struct ctm_txn *txn)
{
	for (size_t i = 0; i < CTM_TABLES; i++)
		if (txn->cursors[i])
			mdb_cursor_close(txn->cursors[i]);
}

/* The cursor of the key's table, or one that is used for this alone. */
static int open_cursor(struct ctm_txn *txn, const struct ctm_key *key, MDB_cursor **ret_cursor)
{
	MDB_cursor **kept = txn->cursors ? &txn->cursors[key->data[0] - 'A'] : NULL;
	int rc = kept && *kept ? 0 : mdb_cursor_open(txn->txn, txn->dbi, kept ? kept : ret_cursor);

	if (rc == 0 && kept)
		*ret_cursor = *kept;
	return rc;
}

static void close_cursor(const struct ctm_txn *txn, MDB_cursor *cursor)
{
	if (!txn->cursors)
		mdb_cursor_close(cursor);
}

int ctm_txn_get(struct ctm_txn *txn, const struct ctm_key *key, MDB_val *ret_value)
{
	MDB_val k = value_of_key(key);
	MDB_cursor *cursor;

	if (txn->cursors) {
		int rc = open_cursor(txn, key, &cursor);

		return ctm_txn_error(txn, rc ? rc : mdb_cursor_get(cursor, &k, ret_value, MDB_SET));
	}
	return ctm_txn_error(txn, mdb_get(txn->txn, txn->dbi, &k, ret_value));
}

int ctm_txn_put(struct ctm_txn *txn, const struct ctm_key *key, const void *data, size_t len)
{
	MDB_val k = value_of_key(key);
	MDB_val v = {.mv_size = len, .mv_data = (void *)(uintptr_t)data};

	return ctm_txn_error(txn, mdb_put(txn->txn, txn->dbi, &k, &v, 0));
}

int ctm_txn_get_u64(struct ctm_txn *txn, const struct ctm_key *key, uint64_t *ret_value)
{
	MDB_val v;
	int r = ctm_txn_get(txn, key, &v);

	if (r == -ENOENT) {
		*ret_value = 0;
		return 0;
	}
	if (r < 0)
		return r;
	if (v.mv_size != 8)
		return -EBADMSG;
	*ret_value = ctm_get_u64(v.mv_data);
	return 0;
}

int ctm_txn_put_u64(struct ctm_txn *txn, const struct ctm_key *key, uint64_t value)
{
	unsigned char raw[8];

	ctm_put_u64(raw, value);
	return ctm_txn_put(txn, key, raw, sizeof raw);
}

int ctm_txn_put_buf(struct ctm_txn *txn, const struct ctm_key *key, struct ctm_buf *packed)
{
	int r = packed->error;

	if (r == 0)
		r = ctm_txn_put(txn, key, packed->data, packed->len);
	ctm_buf_done(packed);
	return r;
}

int ctm_txn_delete(struct ctm_txn *txn, const struct ctm_key *key)
{
	MDB_val k = value_of_key(key);
	int r = ctm_txn_error(txn, mdb_del(txn->txn, txn->dbi, &k, NULL));

	return r == -ENOENT ? 0 : r;
}

static bool begins_with(const MDB_val *key, const unsigned char *prefix, size_t len)
{
	return key->mv_size >= len && memcmp(key->mv_data, prefix, len) == 0;
}

/* What a cursor found becomes *key, if it is of those that begin so. */
static int take_found(struct ctm_txn *txn, int rc, const MDB_val *k, const MDB_val *v,
	struct ctm_key *key, size_t prefix, MDB_val *ret_value)
{
	if (rc == 0 && (!begins_with(k, key->data, prefix) || k->mv_size > sizeof key->data))
		rc = MDB_NOTFOUND;
	if (rc)
		return ctm_txn_error(txn, rc);
	memcpy(key->data, k->mv_data, k->mv_size);
	key->len = k->mv_size;
	if (ret_value)
		*ret_value = *v;
	return 0;
}

int ctm_txn_next(
	struct ctm_txn *txn, struct ctm_key *key, size_t prefix, bool at, MDB_val *ret_value)
{
	MDB_val k = value_of_key(key);
	MDB_val v;
	MDB_cursor *cursor;
	int rc = open_cursor(txn, key, &cursor);

	if (rc)
		return ctm_txn_error(txn, rc);
	rc = mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE);
	if (rc == 0 && !at && k.mv_size == key->len && memcmp(k.mv_data, key->data, key->len) == 0)
		rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT);
	close_cursor(txn, cursor);
	return take_found(txn, rc, &k, &v, key, prefix, ret_value);
}

int ctm_txn_floor(struct ctm_txn *txn, struct ctm_key *key, size_t prefix, MDB_val *ret_value)
{
	MDB_val k = value_of_key(key);
	MDB_val v;
	MDB_cursor *cursor;
	int rc = open_cursor(txn, key, &cursor);

	if (rc)
		return ctm_txn_error(txn, rc);
	rc = mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE);
	if (rc == MDB_NOTFOUND)
		rc = mdb_cursor_get(cursor, &k, &v, MDB_LAST);
	else if (rc == 0 && (k.mv_size != key->len || memcmp(k.mv_data, key->data, key->len) != 0))
		rc = mdb_cursor_get(cursor, &k, &v, MDB_PREV);
	close_cursor(txn, cursor);
	return take_found(txn, rc, &k, &v, key, prefix, ret_value);
}

int ctm_txn_each(
	struct ctm_txn *txn, const struct ctm_key *prefix, ctm_txn_visitor *visit, void *context)
{
	MDB_val k = value_of_key(prefix);
	MDB_val v;
	MDB_cursor *cursor;
	int rc = mdb_cursor_open(txn->txn, txn->dbi, &cursor);
	int r = 0;

	if (rc)
		return ctm_txn_error(txn, rc);
	rc = mdb_cursor_get(cursor, &k, &v, MDB_SET_RANGE);
	while (rc == 0 && r == 0 && begins_with(&k, prefix->data, prefix->len)) {
		r = visit(&k, &v, context);
		if (r == 0)
			rc = mdb_cursor_get(cursor, &k, &v, MDB_NEXT);
	}
	mdb_cursor_close(cursor);
	return r || rc == MDB_NOTFOUND ? r : ctm_txn_error(txn, rc);
}
