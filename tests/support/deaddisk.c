/* SPDX-License-Identifier: MIT */
/*
 * deaddisk - an LD_PRELOAD object that makes a disk hang, as an NFS does whose server has gone
 *
 * fsync() of a file with $CTM_TEST_DEAD in its path, and open() of such a path, do not come back as
 * long as there is a file $CTM_TEST_DEAD_WHILE. A file $CTM_TEST_DEAD_WHILE.hangs tells that one
 * does.
 */
/* These headers give other names to what is defined here. */
#undef _FORTIFY_SOURCE
#undef _FILE_OFFSET_BITS
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PUBLIC __attribute__((visibility("default")))

static int raw_open(const char *path, int flags, mode_t mode)
{
	return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

static void meet(const char *path)
{
	const char *dead = getenv("CTM_TEST_DEAD");
	const char *marker = getenv("CTM_TEST_DEAD_WHILE");
	char hangs[4096];
	int fd;

	if (!dead || !marker || !strstr(path, dead) || access(marker, F_OK) < 0)
		return;
	snprintf(hangs, sizeof hangs, "%s.hangs", marker);
	fd = raw_open(hangs, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd >= 0)
		close(fd);
	while (access(marker, F_OK) == 0)
		usleep(20000);
}

PUBLIC int fsync(int fd)
{
	char link[64];
	char path[4096];
	ssize_t n;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof path - 1);
	path[n > 0 ? n : 0] = '\0';
	meet(path);
	return (int)syscall(SYS_fsync, fd);
}

PUBLIC int open(const char *path, int flags, ...)
{
	mode_t mode = 0;
	va_list more;

	if (flags & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY))) {
		va_start(more, flags);
		mode = va_arg(more, mode_t);
		va_end(more);
	}
	meet(path);
	return raw_open(path, flags, mode);
}

PUBLIC int open64(const char *path, int flags, ...) __attribute__((alias("open")));
