/* SPDX-License-Identifier: MIT */
#include "sight.h"

#include <errno.h>
#include <fcntl.h>

static int64_t ns(const struct timespec *t)
{
	return (int64_t)t->tv_sec * 1000000000 + t->tv_nsec;
}

struct ctm_sight ctm_sight_of(const struct stat *st)
{
	return (struct ctm_sight){
		.known = true,
		.inode = (uint64_t)st->st_ino,
		.size = (uint64_t)st->st_size,
		.mtime_ns = ns(&st->st_mtim),
		.ctime_ns = ns(&st->st_ctim),
	};
}

struct ctm_sight ctm_sight_see_in(int dir_fd, const char *name, struct stat *ret_st)
{
	if (fstatat(dir_fd, name, ret_st, AT_SYMLINK_NOFOLLOW) < 0)
		return (struct ctm_sight){.absent = errno == ENOENT || errno == ENOTDIR};
	if (!S_ISREG(ret_st->st_mode))
		return (struct ctm_sight){0};
	return ctm_sight_of(ret_st);
}

struct ctm_sight ctm_sight_see(const char *path)
{
	struct stat st;

	return ctm_sight_see_in(AT_FDCWD, path, &st);
}
