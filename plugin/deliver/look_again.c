/* SPDX-License-Identifier: MIT */
/*
 * A look can take hours, and judges one file after the other: what was right in its turn may be
 * gone at the end, or be downloaded anew.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "files.h"
#include "hresult.h"
#include "look_internal.h"
#include "path.h"
#include "sight.h"

/* By its name, which is what CTM will open. Who sets modes or links has changed no content. */
static bool is_as_seen(
	const struct ctm_looking *l, const struct ctm_file *file, const struct ctm_sight *seen)
{
	const char *path = ctm_path_below(file->path, l->request->local_path);
	CTM_CLEANUP_FD int fd = path ? ctm_look_open_beneath(l->root_fd, path, O_PATH) : -EXDEV;
	struct ctm_sight now;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return false;
	now = ctm_sight_of(&st);
	return now.inode == seen->inode && now.size == seen->size && now.mtime_ns == seen->mtime_ns;
}

bool ctm_look_again(struct ctm_looking *l)
{
	const struct ctm_look_request *request = l->request;

	for (size_t i = 0; i < request->n_files; i++) {
		const struct ctm_file *file = &request->files[i];

		if (is_as_seen(l, file, &l->result->seen[i]))
			continue;
		ctm_look_cannot_tell(l, CTM_E_FILE_CORRUPT, 0,
			"\"%s\" has changed while others were looked at", file->path);
		return false;
	}
	return true;
}
