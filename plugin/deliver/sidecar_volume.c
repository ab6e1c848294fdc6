/* SPDX-License-Identifier: MIT */
#include "sidecar_volume.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "files.h"

/* Cuts the last part off an absolute path; false: there is none. */
static bool cut(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash || !path[1])
		return false;
	slash[slash == path] = '\0';
	return true;
}

/* Not only by name, which would leave what is mounted on demand as it is. */
static int open_directory(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK);

	return fd < 0 && errno == EACCES ? open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) : fd;
}

/* The directory of the path, or the nearest one above that there is; the path becomes its own. */
static int open_nearest(char *path)
{
	int fd = -1;

	while (fd < 0 && cut(path)) {
		fd = open_directory(path);
		if (fd < 0 && errno != ENOENT)
			return -1;
	}
	return fd;
}

/* How much of a directory's path leads to where its device is mounted; 0: that can't be told. */
static uint32_t mount_length(const char *dir, dev_t device)
{
	CTM_CLEANUP_FREE char *above = strdup(dir);
	size_t len = strlen(dir);

	while (above && cut(above)) {
		struct stat st;

		if (stat(above, &st) < 0)
			return 0;
		if (st.st_dev != device)
			break;
		len = strlen(above);
	}
	return above ? (uint32_t)len : 0;
}

static struct ctm_volume volume_of(int fd, const char *dir)
{
	struct ctm_volume volume = {0};
	struct statfs fs;
	struct stat st;

	if (fstat(fd, &st) < 0 || fstatfs(fd, &fs) < 0)
		return volume;
	volume.boot = ctm_clock_now().boot;
	volume.device = (uint64_t)st.st_dev;
	volume.type = (uint64_t)fs.f_type;
	volume.directory = (uint64_t)st.st_ino;
	volume.mount_len = mount_length(dir, st.st_dev);
	return volume;
}

struct ctm_volume ctm_sidecar_volume(const char *path, const struct stat *st)
{
	CTM_CLEANUP_FREE char *dir = strdup(path);
	CTM_CLEANUP_FD int fd = dir && cut(dir) ? open_directory(dir) : -1;
	const struct ctm_volume unknown = {0};
	struct stat there;

	if (fd < 0 || fstatat(fd, strrchr(path, '/') + 1, &there, AT_SYMLINK_NOFOLLOW) < 0)
		return unknown;
	/* What was read may have been on another volume, which has gone since, or has come. */
	return there.st_ino == st->st_ino && there.st_dev == st->st_dev ? volume_of(fd, dir)
									: unknown;
}

/* Devices get other numbers when the machine starts anew: only those of one boot are compared. */
static bool is_same(const struct ctm_volume *a, const struct ctm_volume *b)
{
	return a->mount_len == b->mount_len && a->type == b->type &&
	       (!a->boot || a->boot != b->boot || a->device == b->device);
}

/* What only waits for a volume to be mounted is empty. */
static bool has_something(int fd)
{
	const int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *stream = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry = NULL;

	if (copy >= 0 && !stream)
		close(copy);
	if (!stream)
		return false;
	do {
		entry = readdir(stream);
	} while (entry && (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")));
	closedir(stream);
	return entry;
}

bool ctm_sidecar_is_gone(const char *path, const struct ctm_volume *volume)
{
	CTM_CLEANUP_FREE char *dir = strdup(path);
	CTM_CLEANUP_FD int fd = dir ? open_nearest(dir) : -1;
	struct ctm_volume now;
	struct stat st;
	bool own;

	if (fd < 0)
		return false;
	/* What was opened stays as it is, whatever is mounted meanwhile. */
	if (fstatat(fd, path + strlen(dir) + (dir[1] != '\0'), &st, AT_SYMLINK_NOFOLLOW) == 0 ||
		errno != ENOENT)
		return false;
	own = strlen(dir) == (size_t)(strrchr(path, '/') - path) || !strchr(path + 1, '/');
	if (!volume->mount_len)
		return own && has_something(fd);
	now = volume_of(fd, dir);
	return is_same(volume, &now) &&
	       ((own && now.directory == volume->directory) || has_something(fd));
}
