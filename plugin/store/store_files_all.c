/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "pack.h"
#include "store_files.h"
#include "store_list.h"
#include "store_paths.h"
#include "store_records.h"

#define KEY_LEN 9 /* of a file's record and of a block: letter, job, file */
#define JOB_LEN 5 /* what those of a job have in common */

static struct ctm_key key_of(enum ctm_table table, uint32_t job, uint32_t number)
{
	struct ctm_key key = ctm_key(table);

	ctm_key_u32(&key, job);
	ctm_key_u32(&key, number);
	return key;
}

static uint32_t number_of(const struct ctm_key *key)
{
	return ctm_get_u32(key->data + JOB_LEN);
}

/* The block that can hold the file, with its first number. */
static int find_block(
	struct ctm_txn *txn, uint32_t job, uint32_t number, MDB_val *ret_block, uint32_t *ret_first)
{
	struct ctm_key key = key_of(CTM_TABLE_LIST, job, number);
	int r = ctm_txn_floor(txn, &key, JOB_LEN, ret_block);

	if (r == 0 && key.len != KEY_LEN)
		r = -EBADMSG;
	if (r == 0)
		*ret_first = number_of(&key);
	return r;
}

int ctm_file_get_listed(
	struct ctm_txn *txn, uint32_t job, uint32_t number, struct ctm_file *ret_file)
{
	struct ctm_list_reading l;
	uint32_t first = 0;
	MDB_val block;
	int r = find_block(txn, job, number, &block, &first);

	if (r < 0)
		return r;
	ctm_list_read(&l, &block, job, first);
	do
		r = ctm_list_next(&l);
	while (r > 0 && l.file.number < number);
	if (r > 0 && l.file.number == number)
		r = ctm_file_copy(&l.file, ret_file);
	else if (r >= 0)
		r = -ENOENT;
	ctm_list_reading_done(&l);
	return r;
}

/* The block is written again without the file; an empty one goes. */
static int repack(struct ctm_txn *txn, struct ctm_list_reading *l, uint32_t first, uint32_t without)
{
	struct ctm_key key = key_of(CTM_TABLE_LIST, l->file.job, first);
	struct ctm_list_packing p = {.first = first, .block = CTM_BUF_INIT(CTM_RECORD_LIMIT)};
	bool found = false;
	int r;

	while (r = ctm_list_next(l), r > 0) {
		if (l->file.number == without)
			found = true;
		else
			ctm_list_pack(&p, &l->file);
	}
	if (r == 0 && found)
		r = p.n ? ctm_txn_put_buf(txn, &key, &p.block) : ctm_txn_delete(txn, &key);
	ctm_list_packing_done(&p);
	return r;
}

int ctm_file_delete_listed(struct ctm_txn *txn, uint32_t job, uint32_t number)
{
	struct ctm_list_reading l;
	uint32_t first = 0;
	MDB_val block;
	int r = find_block(txn, job, number, &block, &first);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	ctm_list_read(&l, &block, job, first);
	r = repack(txn, &l, first, number);
	ctm_list_reading_done(&l);
	return r;
}

/* A hash of paths that mostly begin like the one before: it goes on where that one's name began. */
struct hashing {
	struct ctm_buf directory; /* of the last path, with its last "/" */
	uint64_t hash;            /* of that */
};

static uint64_t hash_path(struct hashing *h, const char *path)
{
	const char *slash = strrchr(path, '/');
	const size_t len = slash ? (size_t)(slash - path) + 1 : 0;

	if (len != h->directory.len || (len && memcmp(h->directory.data, path, len) != 0)) {
		ctm_buf_reset(&h->directory);
		ctm_buf_add(&h->directory, path, len);
		h->hash = ctm_hash(path, len);
	}
	return ctm_hash_add(h->hash, path + len, strlen(path + len));
}

struct adding {
	struct ctm_txn *txn;
	struct ctm_job *job;
	struct ctm_list_packing packing;
	struct hashing hashing;
	struct ctm_paths_item *paths;
	uint32_t n;
};

static int put_block(struct adding *a)
{
	struct ctm_list_packing *p = &a->packing;
	const struct ctm_key key = key_of(CTM_TABLE_LIST, a->job->number, p->first);
	int r = p->block.error;

	if (r == 0 && p->n)
		r = ctm_txn_put(a->txn, &key, p->block.data, p->block.len);
	ctm_buf_reset(&p->block);
	ctm_buf_reset(&p->path);
	p->first = p->last + 1;
	p->n = 0;
	return r;
}

static int add_one(struct adding *a, struct ctm_file *file)
{
	const uint64_t hash = hash_path(&a->hashing, file->path);
	int r = 0;

	file->job = a->job->number;
	file->number = a->job->next_file++;
	a->paths[a->n++] = (struct ctm_paths_item){
		.top = (uint32_t)(hash >> 32), .low = (uint32_t)hash, .file = file->number};
	ctm_job_add_file(a->job, file);
	ctm_list_pack(&a->packing, file);
	if (ctm_list_is_full(&a->packing))
		r = put_block(a);
	if (r == 0 && (file->gid || file->n_uris))
		r = ctm_file_put_ways(a->txn, file);
	return r < 0 ? r : a->hashing.directory.error;
}

int ctm_store_file_add_all(struct ctm_txn *txn, struct ctm_job *job, uint32_t n,
	ctm_store_file_source *next, void *context)
{
	struct adding a = {
		.txn = txn,
		.job = job,
		.packing = {.first = job->next_file, .block = CTM_BUF_INIT(CTM_RECORD_LIMIT)},
		.hashing = {.directory = CTM_BUF_INIT(CTM_RECORD_LIMIT), .hash = CTM_HASH_INIT},
		.paths = reallocarray(NULL, (size_t)n + 1, sizeof *a.paths),
	};
	int r = a.paths ? 0 : -ENOMEM;

	for (uint32_t i = 0; r == 0 && i < n; i++) {
		struct ctm_file file = {.count = 1};

		r = next(context, i, &file);
		if (r == 0)
			r = add_one(&a, &file);
	}
	if (r == 0)
		r = put_block(&a);
	ctm_list_packing_done(&a.packing);
	ctm_buf_done(&a.hashing.directory);
	if (r == 0)
		r = ctm_paths_put_all(txn, job->number, a.paths, n);
	free(a.paths);
	return r;
}

/* The files of a job's blocks, one after the other. Nothing is written meanwhile. */
struct listed {
	struct ctm_txn *txn;
	struct ctm_key key;
	struct ctm_list_reading l;
	bool begun; /* a block is being read */
	int r;      /* 1: l.file is the next one; 0: there is none; negative errno */
};

static void next_listed(struct listed *it)
{
	it->r = it->begun ? ctm_list_next(&it->l) : 0;
	while (it->r == 0) {
		MDB_val block;
		int r = ctm_txn_next(it->txn, &it->key, JOB_LEN, !it->begun, &block);

		if (r == 0 && it->key.len != KEY_LEN)
			r = -EBADMSG;
		if (r < 0) {
			it->r = r == -ENOENT ? 0 : r;
			return;
		}
		ctm_list_reading_done(&it->l);
		ctm_list_read(&it->l, &block, ctm_get_u32(it->key.data + 1), number_of(&it->key));
		it->begun = true;
		it->r = ctm_list_next(&it->l);
	}
}

struct visit {
	struct ctm_txn *txn;
	ctm_store_file_visitor *visit;
	void *context;
	uint32_t job;
	struct listed listed;
};

/* Those that are listed before that number, and have no record of their own. */
static int visit_listed(struct visit *v, uint64_t before)
{
	int r = 0;

	while (r == 0 && v->listed.r > 0 && v->listed.l.file.number < before) {
		r = v->visit(v->txn, &v->listed.l.file, v->context);
		if (r == 0)
			next_listed(&v->listed);
	}
	return r ? r : v->listed.r < 0 ? v->listed.r : 0;
}

static int visit_record(const MDB_val *key, const MDB_val *value, void *context)
{
	struct visit *v = context;
	const unsigned char *k = key->mv_data;
	struct ctm_file file;
	int r;

	if (key->mv_size != KEY_LEN)
		return -EBADMSG;
	r = visit_listed(v, ctm_get_u32(k + JOB_LEN));
	if (r == 0)
		r = ctm_record_unpack_file(value, v->job, ctm_get_u32(k + JOB_LEN), &file);
	if (r)
		return r;
	if (v->listed.r > 0 && v->listed.l.file.number == file.number)
		next_listed(&v->listed);
	r = v->visit(v->txn, &file, v->context);
	ctm_file_done(&file);
	return r;
}

int ctm_store_file_each(
	struct ctm_txn *txn, uint32_t job, ctm_store_file_visitor *visit, void *context)
{
	struct visit v = {
		.txn = txn,
		.visit = visit,
		.context = context,
		.job = job,
		.listed = {.txn = txn, .key = key_of(CTM_TABLE_LIST, job, 0)},
	};
	struct ctm_key prefix = ctm_key(CTM_TABLE_FILE);
	int r;

	ctm_key_u32(&prefix, job);
	next_listed(&v.listed);
	r = v.listed.r < 0 ? v.listed.r : ctm_txn_each(txn, &prefix, visit_record, &v);
	if (r == 0)
		r = visit_listed(&v, UINT64_MAX);
	ctm_list_reading_done(&v.listed.l);
	return r;
}

/* A block, and what leads to its files; their hashes are noted. */
static int delete_block(struct ctm_txn *txn, const struct ctm_key *key, const MDB_val *block,
	struct ctm_paths_set *set)
{
	CTM_CLEANUP_BUF struct ctm_buf copy = CTM_BUF_INIT(CTM_RECORD_LIMIT);
	struct ctm_list_reading l;
	int r;

	/* LMDB's memory dies with the first write. */
	ctm_buf_add(&copy, block->mv_data, block->mv_size);
	if (copy.error)
		return copy.error == -ENOMEM ? -ENOMEM : -EBADMSG;
	ctm_list_read(&l, &(MDB_val){.mv_data = copy.data, .mv_size = copy.len},
		ctm_get_u32(key->data + 1), number_of(key));
	while (r = ctm_list_next(&l), r > 0) {
		ctm_paths_note(set, ctm_hash(l.file.path, strlen(l.file.path)));
		r = ctm_file_delete_ways(txn, &l.file);
		if (r < 0)
			break;
	}
	ctm_list_reading_done(&l);
	return r < 0 ? r : ctm_txn_delete(txn, key);
}

static int delete_list(struct ctm_txn *txn, uint32_t job)
{
	CTM_CLEANUP_FREE struct ctm_paths_set *set = NULL;

	for (;;) {
		struct ctm_key key = key_of(CTM_TABLE_LIST, job, 0);
		MDB_val block;
		int r = ctm_txn_next(txn, &key, JOB_LEN, true, &block);

		if (r == -ENOENT)
			return set ? ctm_paths_delete_all(txn, job, set) : 0;
		if (r == 0 && key.len != KEY_LEN)
			r = -EBADMSG;
		if (r == 0 && !set && !(set = calloc(1, sizeof *set)))
			r = -ENOMEM;
		if (r == 0)
			r = delete_block(txn, &key, &block, set);
		if (r < 0)
			return r;
	}
}

int ctm_store_file_delete_all(struct ctm_txn *txn, uint32_t job)
{
	/* First, so that nobody takes its blocks apart file by file. */
	int r = delete_list(txn, job);

	while (r == 0) {
		struct ctm_key key = key_of(CTM_TABLE_FILE, job, 0);
		struct ctm_file file;
		MDB_val v;

		r = ctm_txn_next(txn, &key, JOB_LEN, true, &v);
		if (r == 0 && key.len != KEY_LEN)
			r = -EBADMSG;
		if (r == 0)
			r = ctm_record_unpack_file(&v, job, number_of(&key), &file);
		if (r < 0)
			return r == -ENOENT ? 0 : r;
		r = ctm_store_file_delete(txn, &file);
		ctm_file_done(&file);
	}
	return r;
}
