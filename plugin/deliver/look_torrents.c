/* SPDX-License-Identifier: MIT */
/*
 * Counted jobs: of a torrent aria2 names one file, whose sight is known. The others are known to be
 * as they were when none of them is younger than aria2's word. A control file tells nothing: while
 * a torrent seeds it is written again and again, where there is one.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "hresult.h"
#include "look_internal.h"

/* The torrent of which aria2 spoke last. */
static const struct ctm_file *latest_torrent(const struct ctm_look_request *request)
{
	const struct ctm_file *latest = NULL;

	for (size_t i = 0; i < request->n_files; i++) {
		const struct ctm_file *file = &request->files[i];

		if (file->count > 1 && (!latest || file->since_ms > latest->since_ms))
			latest = file;
	}
	return latest;
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a;
	const uint64_t *y = b;

	return (*x > *y) - (*x < *y);
}

bool ctm_look_torrents(struct ctm_looking *l)
{
	const size_t n = l->request->n_files;

	l->torrent = latest_torrent(l->request);
	if (!l->torrent)
		return true;
	l->named = calloc(n, sizeof *l->named);
	if (!l->named) {
		ctm_look_cannot_tell(l, CTM_E_OUTOFMEMORY, -ENOMEM, "no memory");
		return false;
	}
	for (size_t i = 0; i < n; i++)
		l->named[i] = l->result->seen[i].inode;
	qsort(l->named, n, sizeof *l->named, compare);
	return true;
}

/* Whether it is one that an event named: what became of that is known. */
static bool is_named(const struct ctm_looking *l, const struct stat *st)
{
	const uint64_t inode = (uint64_t)st->st_ino;

	return bsearch(&inode, l->named, l->request->n_files, sizeof inode, compare);
}

void ctm_look_at_other(struct ctm_looking *l, const char *name, const struct stat *st)
{
	if (l->torrent && !l->changed[0] && ctm_look_is_after(l->torrent, &st->st_mtim) &&
		ctm_look_is_after(l->torrent, &st->st_ctim) && !is_named(l, st))
		snprintf(l->changed, sizeof l->changed, "%s", name);
}

void ctm_look_judge_others(struct ctm_looking *l)
{
	if (l->changed[0])
		ctm_look_wrong(l, l->torrent, CTM_E_FILE_CORRUPT,
			"\"%s\" has changed since aria2 reported the torrent of \"%s\" complete",
			l->changed, l->torrent->path);
}
