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

/* By its name, which is what CTM will open. 0, or negative errno: -ESTALE where it is another. */
static int compare(
	const struct ctm_looking *l, const struct ctm_file *file, const struct ctm_sight *seen)
{
	const char *path = ctm_path_below(file->path, l->request->local_path);
	CTM_CLEANUP_FD int fd = path ? ctm_look_open_beneath(l->root_fd, path, O_PATH) : -EXDEV;
	struct ctm_sight now;
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	now = ctm_sight_of(&st);
	/* Who sets modes or links has changed no content. */
	return now.inode == seen->inode && now.size == seen->size && now.mtime_ns == seen->mtime_ns
		       ? 0
		       : -ESTALE;
}

bool ctm_look_again(struct ctm_looking *l)
{
	const struct ctm_look_request *request = l->request;

	for (size_t i = 0; i < request->n_files; i++) {
		const struct ctm_file *file = &request->files[i];
		const int r = compare(l, file, &l->result->seen[i]);

		if (r == 0)
			continue;
		if (r == -ESTALE || r == -ENOENT)
			ctm_look_cannot_tell(l, CTM_E_FILE_CORRUPT, 0,
				"\"%s\" has changed while others were looked at", file->path);
		else
			ctm_look_cannot_tell(l, CTM_E_IO_DEVICE, r,
				"cannot look at \"%s\" once more: %s", file->path, strerror(-r));
		return false;
	}
	return true;
}
