/* SPDX-License-Identifier: MIT */
#include "fold_torrent.h"

#include <errno.h>
#include <string.h>

#include "fold_evidence.h"
#include "path.h"

/* The files that could be the torrent's: below a root, or those with its gid. */
struct candidates {
	const struct ctm_event *event;
	size_t root_len; /* of the event's path; 0: by gid */
	bool has_named;  /* the file that the event names is one of them */
	struct ctm_numbers files;
};

static bool is_candidate(const struct candidates *c, const struct ctm_file *file)
{
	if (!c->root_len)
		return file->gid == c->event->gid;
	return strncmp(file->path, c->event->path, c->root_len) == 0 &&
	       file->path[c->root_len] == '/' && ctm_file_listens_to(file, c->event->gid);
}

static int collect(struct ctm_txn *txn, const struct ctm_file *file, void *context)
{
	struct candidates *c = context;

	(void)txn;
	if (!is_candidate(c, file))
		return 0;
	c->has_named |= strcmp(file->path, c->event->path) == 0;
	return ctm_numbers_add(&c->files, file->number);
}

static int note_all(struct ctm_txn *txn, const struct ctm_event *event, struct ctm_job *job,
	const struct ctm_numbers *files, struct ctm_fold *fold)
{
	int claimed = 0;

	for (size_t i = 0; i < files->n; i++) {
		struct ctm_file file;
		int r = ctm_store_file_get(txn, job->number, files->items[i], &file);

		if (r < 0)
			return r;
		r = ctm_fold_evidence(
			txn, event, job, &file, strcmp(file.path, event->path) != 0, fold);
		ctm_file_done(&file);
		if (r < 0)
			return r;
		claimed |= r;
	}
	return claimed;
}

/* 1: they are exactly as many, and were noted; 0: they are not, but *ret_n; negative errno. */
static int try_candidates(struct ctm_txn *txn, const struct ctm_event *event, struct ctm_job *job,
	size_t root_len, struct ctm_fold *fold, size_t *ret_n)
{
	struct candidates c = {.event = event, .root_len = root_len};
	int r = ctm_store_file_each(txn, job->number, collect, &c);

	if (r == 0 && c.has_named && c.files.n == event->n_files)
		r = note_all(txn, event, job, &c.files, fold);
	*ret_n = c.files.n;
	ctm_numbers_done(&c.files);
	return r;
}

int ctm_fold_torrent(struct ctm_txn *txn, const struct ctm_event *event, struct ctm_job *job,
	struct ctm_fold *fold)
{
	const char *below = event->path + job->local_len;
	size_t part;
	size_t n;
	int r = try_candidates(txn, event, job, 0, fold, &n);

	if (r != 0 || below[0] != '/')
		return r;
	/*
	 * A directory of local_path is the root, or local_path itself: for a file directly in it,
	 * and where the directory has too few to be one.
	 */
	part = strcspn(below + 1, "/");
	if (below[1 + part] == '/') {
		r = try_candidates(txn, event, job, job->local_len + 1 + part, fold, &n);
		if (r != 0 || n >= event->n_files)
			return r;
	}
	return try_candidates(txn, event, job, job->local_len, fold, &n);
}
