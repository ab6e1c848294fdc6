/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "hresult.h"
#include "look_internal.h"
#include "names.h"

/* Deeper than any content is: a tree that was made to exhaust descriptors. */
#define DEPTH_LIMIT 128

static bool cannot_tell(struct ctm_looking *l, const char *name, int error)
{
	ctm_look_cannot_tell(l, error == EACCES ? CTM_E_ACCESSDENIED : CTM_E_IO_DEVICE, -error,
		"cannot look at \"%s\" below \"%s\": %s", name, l->request->local_path,
		strerror(error));
	return false;
}

/* The kernel reports such an error once: to ask again would hear that all is well. */
static bool sync_one(struct ctm_looking *l, const char *name, int fd)
{
	int r = ctm_look_sync(l, fd);

	if (r < 0)
		ctm_look_all_wrong(l, CTM_E_WRITE_FAULT, "cannot sync \"%s\" below \"%s\": %s",
			name, l->request->local_path, strerror(-r));
	return r == 0;
}

static bool walk(struct ctm_looking *l, int dir_fd, unsigned depth, struct ctm_totals *totals);

/* Opens what the name is now; a link is never followed. */
static bool visit(struct ctm_looking *l, int dir_fd, const char *name, unsigned depth,
	struct ctm_totals *totals)
{
	CTM_CLEANUP_FD int fd = -1;
	struct stat st;

	if (fstatat(dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return cannot_tell(l, name, errno);
	if (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode))
		return true;
	if (S_ISREG(st.st_mode) && ctm_name_is_control(name)) {
		ctm_look_cannot_tell(l, CTM_E_BUSY, 0,
			"aria2's control file \"%s\" is still below \"%s\"", name,
			l->request->local_path);
		return false;
	}
	fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return cannot_tell(l, name, errno);
	if (S_ISDIR(st.st_mode))
		return walk(l, fd, depth + 1, totals);
	/* The name can lead to another thing than when it was looked at. */
	if (!S_ISREG(st.st_mode))
		return true;
	ctm_look_at_other(l, name, &st);
	totals->files++;
	totals->bytes += (uint64_t)st.st_size;
	if (totals->files > CTM_LOOK_SYNC_EACH)
		ctm_look_leave_to_syncfs(l);
	return sync_one(l, name, fd);
}

static bool walk(struct ctm_looking *l, int dir_fd, unsigned depth, struct ctm_totals *totals)
{
	struct dirent *entry;
	bool told = true;
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = depth < DEPTH_LIMIT && fd >= 0 ? fdopendir(fd) : NULL;

	if (!dir) {
		int error = depth < DEPTH_LIMIT ? errno : ELOOP;

		ctm_close_fd(&fd);
		return cannot_tell(l, ".", error);
	}
	while (told && (errno = 0, entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			told = visit(l, fd, entry->d_name, depth, totals);
	if (told && errno)
		told = cannot_tell(l, ".", errno);
	if (told)
		told = sync_one(l, ".", fd);
	closedir(dir);
	return told;
}

bool ctm_look_walk(struct ctm_looking *l, struct ctm_totals *ret_totals)
{
	struct ctm_totals totals = {0};

	if (!ctm_look_torrents(l) || !walk(l, l->root_fd, 0, &totals))
		return false;
	*ret_totals = totals;
	return true;
}
