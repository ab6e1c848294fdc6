/* SPDX-License-Identifier: MIT */
/*
 * aria2 syncs a file it has finished (not at bt-complete), and never a directory: after a loss of
 * power the file's name could be gone though CTM was told that it is there.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "hresult.h"
#include "look_internal.h"

/* The kernel reports such an error once: to ask again would hear that all is well. */
static bool fail(struct ctm_looking *l, int error)
{
	ctm_look_all_wrong(l, CTM_E_WRITE_FAULT, "cannot sync below \"%s\": %s",
		l->request->local_path, strerror(error));
	return false;
}

/* The directory of the first len bytes of the path below local_path. */
static bool sync_directory(struct ctm_looking *l, const char *path, size_t len)
{
	CTM_CLEANUP_FREE char *dir = strndup(path, len);
	CTM_CLEANUP_FD int fd = -1;

	fd = dir ? ctm_look_open_beneath(l->root_fd, dir, O_RDONLY | O_DIRECTORY) : -ENOMEM;
	if (fd < 0) {
		ctm_look_cannot_tell(l, CTM_E_IO_DEVICE, "cannot open \"%.*s\" below \"%s\": %s",
			(int)len, path, l->request->local_path, strerror(-fd));
		return false;
	}
	return ctm_look_sync(fd) == 0 || fail(l, errno);
}

/*
 * The directories of a path, innermost first. A list is mostly in order, so what it shares with the
 * path before it was synced with that one.
 */
static bool sync_up(struct ctm_looking *l, const char *path, const char *before)
{
	size_t shared = 0;
	bool done = true;

	for (size_t i = 0; path[i] && path[i] == before[i]; i++)
		if (path[i] == '/')
			shared = i;
	for (size_t len = strlen(path); done && len > shared; len--)
		if (path[len] == '/')
			done = sync_directory(l, path, len);
	return done;
}

bool ctm_look_sync_directories(struct ctm_looking *l)
{
	const struct ctm_look_request *request = l->request;
	const size_t skip = strlen(request->local_path) + 1;
	const char *before = "";

	if (!l->sync_each)
		return syncfs(l->root_fd) == 0 || fail(l, errno);
	for (size_t i = 0; i < request->n_files; i++) {
		const char *path = request->files[i].path + skip;

		if (!sync_up(l, path, before))
			return false;
		before = path;
	}
	return ctm_look_sync(l->root_fd) == 0 || fail(l, errno);
}
