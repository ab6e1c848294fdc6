/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "hash.h"
#include "pack.h"
#include "store_keys.h"
#include "store_records.h"

/* Lengths of keys: letter, 64 bits, job, file; letter, job, file. */
#define INDEX_LEN 17
#define FILE_LEN 9

static struct ctm_key file_key(uint32_t job, uint32_t number)
{
	struct ctm_key key = ctm_key(CTM_TABLE_FILE);

	ctm_key_u32(&key, job);
	ctm_key_u32(&key, number);
	return key;
}

static struct ctm_key index_key(enum ctm_table table, uint64_t value, uint32_t job, uint32_t number)
{
	struct ctm_key key = ctm_key(table);

	ctm_key_u64(&key, value);
	ctm_key_u32(&key, job);
	ctm_key_u32(&key, number);
	return key;
}

static struct ctm_key path_key(const struct ctm_file *file)
{
	return index_key(
		CTM_TABLE_PATH, ctm_hash(file->path, strlen(file->path)), file->job, file->number);
}

static struct ctm_key gid_key(const struct ctm_file *file)
{
	return index_key(CTM_TABLE_GID, file->gid, file->job, file->number);
}

uint64_t ctm_store_uri_hash(const char *uri)
{
	return ctm_hash(uri, strlen(uri));
}

static struct ctm_key uri_key(const struct ctm_file *file, size_t i)
{
	return index_key(CTM_TABLE_URI, file->uris[i], file->job, file->number);
}

static int put_uris(struct ctm_txn *txn, const struct ctm_file *file)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < file->n_uris; i++) {
		struct ctm_key key = uri_key(file, i);

		r = ctm_txn_put(txn, &key, "", 0);
	}
	return r;
}

static int delete_uris(struct ctm_txn *txn, const struct ctm_file *file)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < file->n_uris; i++) {
		struct ctm_key key = uri_key(file, i);

		r = ctm_txn_delete(txn, &key);
	}
	return r;
}

int ctm_store_file_put(struct ctm_txn *txn, const struct ctm_file *file)
{
	struct ctm_key key = file_key(file->job, file->number);
	struct ctm_buf b = CTM_BUF_INIT(CTM_RECORD_LIMIT);

	ctm_record_pack_file(&b, file);
	return ctm_txn_put_buf(txn, &key, &b);
}

int ctm_store_file_add(struct ctm_txn *txn, struct ctm_job *job, struct ctm_file *file)
{
	struct ctm_key path;
	int r;

	file->job = job->number;
	file->number = job->next_file++;
	ctm_job_add_file(job, file);
	path = path_key(file);
	r = ctm_txn_put(txn, &path, "", 0);
	if (r == 0 && file->gid) {
		struct ctm_key gid = gid_key(file);

		r = ctm_txn_put(txn, &gid, "", 0);
	}
	if (r == 0)
		r = put_uris(txn, file);
	return r < 0 ? r : ctm_store_file_put(txn, file);
}

int ctm_store_file_set_uris(
	struct ctm_txn *txn, struct ctm_file *file, const uint64_t *hashes, uint8_t n)
{
	int r;

	if (n == file->n_uris && memcmp(hashes, file->uris, n * sizeof *hashes) == 0)
		return 0;
	r = delete_uris(txn, file);
	memcpy(file->uris, hashes, n * sizeof *hashes);
	file->n_uris = n;
	if (r == 0)
		r = put_uris(txn, file);
	return r < 0 ? r : ctm_store_file_put(txn, file);
}

int ctm_store_file_set_gid(struct ctm_txn *txn, struct ctm_file *file, uint64_t gid)
{
	struct ctm_key key;
	int r = 0;

	if (file->gid) {
		key = gid_key(file);
		r = ctm_txn_delete(txn, &key);
	}
	file->gid = gid;
	if (r == 0 && gid) {
		key = gid_key(file);
		r = ctm_txn_put(txn, &key, "", 0);
	}
	return r < 0 ? r : ctm_store_file_put(txn, file);
}

int ctm_store_file_get(
	struct ctm_txn *txn, uint32_t job, uint32_t number, struct ctm_file *ret_file)
{
	struct ctm_key key = file_key(job, number);
	MDB_val v;
	int r = ctm_txn_get(txn, &key, &v);

	return r < 0 ? r : ctm_record_unpack_file(&v, job, number, ret_file);
}

int ctm_store_file_delete(struct ctm_txn *txn, const struct ctm_file *file)
{
	struct ctm_key keys[] = {file_key(file->job, file->number), path_key(file), gid_key(file)};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof keys / sizeof *keys; i++)
		r = ctm_txn_delete(txn, &keys[i]);
	return r < 0 ? r : delete_uris(txn, file);
}

int ctm_store_file_delete_all(struct ctm_txn *txn, uint32_t job)
{
	for (;;) {
		struct ctm_key key = file_key(job, 0);
		struct ctm_file file;
		MDB_val v;
		int r = ctm_txn_next(txn, &key, 5, true, &v);

		if (r == -ENOENT)
			return 0;
		if (r == 0)
			r = ctm_record_unpack_file(&v, job, ctm_get_u32(key.data + 5), &file);
		if (r < 0)
			return r;
		r = ctm_store_file_delete(txn, &file);
		ctm_file_done(&file);
		if (r < 0)
			return r;
	}
}

struct visit {
	struct ctm_txn *txn;
	ctm_store_file_visitor *visit;
	void *context;
	uint32_t job;
};

static int visit_record(const MDB_val *key, const MDB_val *value, void *context)
{
	const struct visit *v = context;
	const unsigned char *k = key->mv_data;
	struct ctm_file file;
	int r;

	if (key->mv_size != FILE_LEN)
		return -EBADMSG;
	r = ctm_record_unpack_file(value, v->job, ctm_get_u32(k + 5), &file);
	if (r < 0)
		return r;
	r = v->visit(v->txn, &file, v->context);
	ctm_file_done(&file);
	return r;
}

int ctm_store_file_each(
	struct ctm_txn *txn, uint32_t job, ctm_store_file_visitor *visit, void *context)
{
	struct visit v = {.txn = txn, .visit = visit, .context = context, .job = job};
	struct ctm_key prefix = ctm_key(CTM_TABLE_FILE);

	ctm_key_u32(&prefix, job);
	return ctm_txn_each(txn, &prefix, visit_record, &v);
}

/* Walks the index of a path or a gid; the visitor may write, so no cursor stays open. */
static int walk_index(struct ctm_txn *txn, enum ctm_table table, uint64_t value, const char *path,
	ctm_store_file_visitor *visit, void *context)
{
	struct ctm_key key = index_key(table, value, 0, 0);
	int r = 0;

	while (r == 0) {
		struct ctm_file file;

		r = ctm_txn_next(txn, &key, 9, false, NULL);
		if (r == 0 && key.len != INDEX_LEN)
			r = -EBADMSG;
		if (r == 0)
			r = ctm_store_file_get(
				txn, ctm_get_u32(key.data + 9), ctm_get_u32(key.data + 13), &file);
		if (r < 0)
			return r == -ENOENT ? 0 : r;
		if (!path || strcmp(path, file.path) == 0)
			r = visit(txn, &file, context);
		ctm_file_done(&file);
	}
	return r;
}

int ctm_store_file_by_path(
	struct ctm_txn *txn, const char *path, ctm_store_file_visitor *visit, void *context)
{
	return walk_index(txn, CTM_TABLE_PATH, ctm_hash(path, strlen(path)), path, visit, context);
}

int ctm_store_file_by_gid(
	struct ctm_txn *txn, uint64_t gid, ctm_store_file_visitor *visit, void *context)
{
	return walk_index(txn, CTM_TABLE_GID, gid, NULL, visit, context);
}

int ctm_store_file_by_uri(
	struct ctm_txn *txn, const char *uri, ctm_store_file_visitor *visit, void *context)
{
	return walk_index(txn, CTM_TABLE_URI, ctm_store_uri_hash(uri), NULL, visit, context);
}

int ctm_store_file_find(
	struct ctm_txn *txn, uint32_t job, const char *path, struct ctm_file *ret_file)
{
	struct ctm_key key = index_key(CTM_TABLE_PATH, ctm_hash(path, strlen(path)), job, 0);

	for (;;) {
		struct ctm_file file;
		int r = ctm_txn_next(txn, &key, 13, false, NULL);

		if (r == 0)
			r = ctm_store_file_get(txn, job, ctm_get_u32(key.data + 13), &file);
		if (r < 0)
			return r;
		if (strcmp(file.path, path) == 0) {
			*ret_file = file;
			return 0;
		}
		ctm_file_done(&file);
	}
}
