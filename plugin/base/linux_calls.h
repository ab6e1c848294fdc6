/* SPDX-License-Identifier: MIT */
/*
 * Linux's calls that a C library may not have yet: musl has statx since 1.2.5, and renameat2 later.
 * Include it instead of relying on <sys/stat.h> and <stdio.h> for these two.
 */
#ifndef CTM_LINUX_CALLS_H
#define CTM_LINUX_CALLS_H

#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef STATX_BTIME
#include <linux/stat.h>

static inline int statx(int dir_fd, const char *path, int flags, unsigned mask, struct statx *ret)
{
	return (int)syscall(SYS_statx, dir_fd, path, flags, mask, ret);
}
#endif

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE (1U << 0)
#define RENAME_EXCHANGE (1U << 1)

static inline int renameat2(
	int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
	return (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
}
#endif

#endif
