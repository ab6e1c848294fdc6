/* SPDX-License-Identifier: MIT */
#include "sight.h"

#include <sys/stat.h>

struct ctm_sight ctm_sight_see(const char *path)
{
	struct stat st;

	if (lstat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return (struct ctm_sight){0};
	return (struct ctm_sight){
		.known = true,
		.inode = (uint64_t)st.st_ino,
		.size = (uint64_t)st.st_size,
		.mtime_ns = (int64_t)st.st_mtim.tv_sec * 1000000000 + st.st_mtim.tv_nsec,
		.ctime_ns = (int64_t)st.st_ctim.tv_sec * 1000000000 + st.st_ctim.tv_nsec,
	};
}
