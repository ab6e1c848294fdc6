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

struct ctm_sight ctm_sight_see(const char *path)
{
	struct stat st;

	if (fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return (struct ctm_sight){.absent = errno == ENOENT || errno == ENOTDIR};
	if (!S_ISREG(st.st_mode))
		return (struct ctm_sight){0};
	return ctm_sight_of(&st);
}
