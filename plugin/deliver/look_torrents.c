/* SPDX-License-Identifier: MIT */
/*
 * Counted jobs: of a torrent aria2 names one file, whose sight is known. The others are known to be
 * as they were when none of them is younger than aria2's word, and nothing is under way in place of
 * them.
 */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "hresult.h"
#include "look_internal.h"
#include "path.h"

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

bool ctm_look_torrents(struct ctm_looking *l)
{
	const char *local_path = l->request->local_path;
	CTM_CLEANUP_BUF struct ctm_buf control = CTM_BUF_INIT(CTM_PATH_LIMIT + 16);
	struct stat st;

	l->torrent = latest_torrent(l->request);
	if (!l->torrent)
		return true;
	ctm_buf_printf(&control, "%s.aria2", local_path);
	if (control.error || stat(control.data, &st) < 0) {
		const int r = control.error ? control.error : -errno;

		if (r == -ENOENT || r == -ENAMETOOLONG)
			return true;
		ctm_look_cannot_tell(l, CTM_E_IO_DEVICE, r, "cannot look beside \"%s\": %s",
			local_path, strerror(-r));
		return false;
	}
	/* Where only some files are wanted, or with force-save, it stays as it was. */
	if (!ctm_look_is_after(l->torrent, &st.st_mtim))
		return true;
	ctm_look_cannot_tell(l, CTM_E_BUSY, 0,
		"aria2 is at work again on \"%s\": \"%s\" is younger than its word", local_path,
		control.data);
	return false;
}

/* Whether it is one that an event named: what became of that is known. */
static bool is_named(const struct ctm_looking *l, const struct stat *st)
{
	for (size_t i = 0; i < l->request->n_files; i++)
		if (l->result->seen[i].inode == (uint64_t)st->st_ino)
			return true;
	return false;
}

bool ctm_look_at_other(struct ctm_looking *l, const char *name, const struct stat *st)
{
	if (!l->torrent || !ctm_look_is_after(l->torrent, &st->st_mtim) ||
		!ctm_look_is_after(l->torrent, &st->st_ctim) || is_named(l, st))
		return true;
	ctm_look_wrong(l, l->torrent, CTM_E_FILE_CORRUPT,
		"\"%s\" has changed since aria2 reported the torrent of \"%s\" complete", name,
		l->torrent->path);
	return false;
}
