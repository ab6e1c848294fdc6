/* SPDX-License-Identifier: MIT */
#include "register_files.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "guid.h"
#include "hash.h"
#include "numbers.h"
#include "path.h"

uint64_t ctm_register_gid(const char *id, const char *path)
{
	char key[CTM_GUID_KEY] = "";
	uint64_t gid;

	(void)ctm_guid_key(id, key);
	gid = ctm_hash_add(ctm_hash(key, sizeof key), path, strlen(path));
	return gid ? gid : 1;
}

static bool is_same(const struct ctm_file *file, const struct ctm_sidecar_file *from)
{
	return file->has_size == from->has_size && file->size == from->size &&
	       file->has_sha256 == from->has_sha256 &&
	       (!from->has_sha256 || memcmp(file->sha256, from->sha256, sizeof file->sha256) == 0);
}

/* What the sidecar says of the file; its gid is the index's business. */
static void describe(
	struct ctm_file *file, const struct ctm_sidecar_file *from, const struct ctm_job *job)
{
	/* What was wrong by the old words may be right by the new ones. */
	if (!is_same(file, from)) {
		file->given_up = false;
		file->hashed = (struct ctm_sight){0};
	}
	file->has_size = from->has_size;
	file->size = from->size;
	file->has_sha256 = from->has_sha256;
	if (from->has_sha256)
		memcpy(file->sha256, from->sha256, sizeof file->sha256);
	else
		memset(file->sha256, 0, sizeof file->sha256);
	file->generation = job->generation;
}

/* The gid that it is to have; one of ours stays while the sidecar names none. */
static uint64_t gid_for(const struct ctm_file *file, const struct ctm_sidecar_file *from,
	const char *id, bool assign, bool *ret_ours)
{
	*ret_ours = !from->gid && (assign || file->gid_is_ours);
	if (from->gid)
		return from->gid;
	return *ret_ours ? ctm_register_gid(id, from->path) : 0;
}

/* The first ones: nobody has more mirrors in earnest. */
static uint8_t hash_uris(const struct ctm_sidecar_file *from, uint64_t hashes[CTM_FILE_URIS])
{
	uint8_t n = 0;

	while (n < CTM_FILE_URIS && n < from->n_uris) {
		hashes[n] = ctm_store_uri_hash(from->uris[n]);
		n++;
	}
	return n;
}

static int change_file(struct ctm_txn *txn, struct ctm_job *job, struct ctm_file *file,
	const struct ctm_sidecar_file *from, const char *id, bool assign)
{
	uint64_t gid = gid_for(file, from, id, assign, &file->gid_is_ours);
	uint64_t hashes[CTM_FILE_URIS] = {0};
	const uint8_t n_uris = hash_uris(from, hashes);
	int r;

	/* One of which nothing new is said makes no look stale that is under way. */
	if (is_same(file, from)) {
		file->generation = job->generation;
	} else {
		ctm_job_remove_file(job, file);
		describe(file, from, job);
		ctm_job_add_file(job, file);
	}
	r = ctm_store_file_set_uris(txn, file, hashes, n_uris);
	if (r < 0)
		return r;
	if (gid != file->gid)
		return ctm_store_file_set_gid(txn, file, gid);
	return ctm_store_file_put(txn, file);
}

static int add_file(struct ctm_txn *txn, struct ctm_job *job, const char *path,
	const struct ctm_sidecar_file *from, const char *id, bool assign)
{
	struct ctm_file file = {.count = 1, .path = (char *)(uintptr_t)path};

	file.gid = gid_for(&file, from, id, assign, &file.gid_is_ours);
	file.n_uris = hash_uris(from, file.uris);
	describe(&file, from, job);
	return ctm_store_file_add(txn, job, &file);
}

/* A list so long is stored as a whole: of a shorter one it would save nothing. */
#define LONG_LIST 1024u

struct listing {
	const struct ctm_job *job;
	const struct ctm_sidecar *sidecar;
	bool assign_gids;
	struct ctm_buf path; /* local_path with "/", then what is below */
	size_t local_len;
};

static int list_one(void *context, uint32_t i, struct ctm_file *file)
{
	struct listing *l = context;
	const struct ctm_sidecar_file *from = &l->sidecar->files[i];

	l->path.len = l->local_len;
	ctm_buf_add_str(&l->path, from->path);
	file->path = l->path.data;
	file->gid = gid_for(file, from, l->sidecar->id, l->assign_gids, &file->gid_is_ours);
	file->n_uris = hash_uris(from, file->uris);
	describe(file, from, l->job);
	return l->path.error;
}

static int add_list(struct ctm_txn *txn, struct ctm_job *job, const struct ctm_sidecar *sidecar,
	bool assign_gids)
{
	struct listing l = {
		.job = job,
		.sidecar = sidecar,
		.assign_gids = assign_gids,
		.path = CTM_BUF_INIT(2 * CTM_PATH_LIMIT),
	};
	int r;

	ctm_buf_add_str(&l.path, sidecar->local_path);
	if (l.path.len && l.path.data[l.path.len - 1] != '/')
		ctm_buf_add_char(&l.path, '/');
	l.local_len = l.path.len;
	r = ctm_store_file_add_all(txn, job, sidecar->n_files, list_one, &l);
	ctm_buf_done(&l.path);
	return r;
}

int ctm_register_files(struct ctm_txn *txn, struct ctm_job *job, const struct ctm_sidecar *sidecar,
	bool assign_gids)
{
	const bool fresh = job->files_listed == 0;
	int r = 0;

	if (fresh && job->next_file == 1 && sidecar->n_files >= LONG_LIST)
		return add_list(txn, job, sidecar, assign_gids);
	for (uint32_t i = 0; r == 0 && i < sidecar->n_files; i++) {
		const struct ctm_sidecar_file *from = &sidecar->files[i];
		CTM_CLEANUP_FREE char *path = ctm_path_join(sidecar->local_path, from->path);
		struct ctm_file file;

		if (!path)
			return -ENOMEM;
		r = fresh ? -ENOENT : ctm_store_file_find(txn, job->number, path, &file);
		if (r == -ENOENT) {
			r = add_file(txn, job, path, from, sidecar->id, assign_gids);
		} else if (r == 0) {
			r = change_file(txn, job, &file, from, sidecar->id, assign_gids);
			ctm_file_done(&file);
		}
	}
	return r;
}

struct dropping {
	const struct ctm_job *job;
	struct ctm_numbers files;
};

static int collect_old(struct ctm_txn *txn, const struct ctm_file *file, void *context)
{
	struct dropping *d = context;

	(void)txn;
	if (file->generation == d->job->generation)
		return 0;
	return ctm_numbers_add(&d->files, file->number);
}

int ctm_register_drop_files(struct ctm_txn *txn, struct ctm_job *job)
{
	struct dropping d = {.job = job};
	int r;

	/* What totals and single jobs have counted is not in their sidecar. */
	if (job->kind != CTM_KIND_LISTED)
		return 0;
	r = ctm_store_file_each(txn, job->number, collect_old, &d);
	for (size_t i = 0; r == 0 && i < d.files.n; i++) {
		struct ctm_file file;

		r = ctm_store_file_get(txn, job->number, d.files.items[i], &file);
		if (r < 0)
			break;
		ctm_job_remove_file(job, &file);
		r = ctm_store_file_delete(txn, &file);
		ctm_file_done(&file);
	}
	ctm_numbers_done(&d.files);
	return r;
}
