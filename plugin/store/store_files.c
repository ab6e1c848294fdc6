/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "hash.h"
#include "pack.h"
#include "store_files.h"
#include "store_paths.h"
#include "store_records.h"

#define INDEX_LEN 17 /* of a key: letter, 64 bits, job, file */

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

static uint64_t path_hash(const char *path)
{
	return ctm_hash(path, strlen(path));
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

int ctm_file_put_ways(struct ctm_txn *txn, const struct ctm_file *file)
{
	int r = 0;

	if (file->gid) {
		struct ctm_key gid = gid_key(file);

		r = ctm_txn_put(txn, &gid, "", 0);
	}
	return r < 0 ? r : put_uris(txn, file);
}

int ctm_file_delete_ways(struct ctm_txn *txn, const struct ctm_file *file)
{
	struct ctm_key gid = gid_key(file);
	int r = file->gid ? ctm_txn_delete(txn, &gid) : 0;

	return r < 0 ? r : delete_uris(txn, file);
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
	int r;

	file->job = job->number;
	file->number = job->next_file++;
	ctm_job_add_file(job, file);
	r = ctm_paths_put(txn, path_hash(file->path), file->job, file->number);
	if (r == 0)
		r = ctm_file_put_ways(txn, file);
	return r < 0 ? r : ctm_store_file_put(txn, file);
}

int ctm_store_file_set_uris(
	struct ctm_txn *txn, struct ctm_file *file, const uint64_t *hashes, uint8_t n)
{
	int r;

	if (n == file->n_uris && (!n || memcmp(hashes, file->uris, n * sizeof *hashes) == 0))
		return 0;
	r = delete_uris(txn, file);
	if (n)
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

	if (r == -ENOENT)
		return ctm_file_get_listed(txn, job, number, ret_file);
	return r < 0 ? r : ctm_record_unpack_file(&v, job, number, ret_file);
}

int ctm_store_file_delete(struct ctm_txn *txn, const struct ctm_file *file)
{
	struct ctm_key key = file_key(file->job, file->number);
	int r = ctm_txn_delete(txn, &key);

	if (r == 0)
		r = ctm_file_delete_listed(txn, file->job, file->number);
	if (r == 0)
		r = ctm_paths_delete(txn, path_hash(file->path), file->job, file->number);
	return r < 0 ? r : ctm_file_delete_ways(txn, file);
}

/* Walks the index of a gid or a URI; the visitor may write, so no cursor stays open. */
static int walk_index(struct ctm_txn *txn, enum ctm_table table, uint64_t value,
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
		r = visit(txn, &file, context);
		ctm_file_done(&file);
	}
	return r;
}

/* The next file with that path. -ENOENT at the end. */
static int next_with_path(struct ctm_txn *txn, struct ctm_paths_walk *walk, const char *path,
	struct ctm_file *ret_file)
{
	for (;;) {
		struct ctm_file file;
		int r = ctm_paths_next(txn, walk);

		if (r == 0)
			r = ctm_store_file_get(txn, walk->job, walk->file, &file);
		if (r < 0)
			return r;
		if (strcmp(path, file.path) == 0) {
			*ret_file = file;
			return 0;
		}
		ctm_file_done(&file);
	}
}

int ctm_store_file_by_path(
	struct ctm_txn *txn, const char *path, ctm_store_file_visitor *visit, void *context)
{
	struct ctm_paths_walk walk = {.hash = path_hash(path)};
	int r = 0;

	while (r == 0) {
		struct ctm_file file;

		r = next_with_path(txn, &walk, path, &file);
		if (r < 0)
			return r == -ENOENT ? 0 : r;
		r = visit(txn, &file, context);
		ctm_file_done(&file);
	}
	return r;
}

int ctm_store_file_by_gid(
	struct ctm_txn *txn, uint64_t gid, ctm_store_file_visitor *visit, void *context)
{
	return walk_index(txn, CTM_TABLE_GID, gid, visit, context);
}

int ctm_store_file_by_uri(
	struct ctm_txn *txn, const char *uri, ctm_store_file_visitor *visit, void *context)
{
	return walk_index(txn, CTM_TABLE_URI, ctm_store_uri_hash(uri), visit, context);
}

int ctm_store_file_find(
	struct ctm_txn *txn, uint32_t job, const char *path, struct ctm_file *ret_file)
{
	struct ctm_paths_walk walk = {.hash = path_hash(path), .only = job};

	return next_with_path(txn, &walk, path, ret_file);
}
