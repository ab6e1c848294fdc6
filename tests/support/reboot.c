/* SPDX-License-Identifier: MIT */
/*
 * reboot - an LD_PRELOAD object that makes a program believe that the machine was started again
 *
 * The kernel's boot_id is what is in the file $CTM_TEST_BOOT_ID. A file system keeps the inode and
 * the time of birth of a file over a loss of power, where a test that makes the files anew does
 * not: $CTM_TEST_INODES names a file of lines "inode old-inode old-birth-seconds old-birth-ns", and
 * statx() tells the old ones, but of files that were born after that file was written.
 */
/* These headers give other names to what is defined here. */
#undef _FORTIFY_SOURCE
#undef _FILE_OFFSET_BITS
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PUBLIC __attribute__((visibility("default")))
#define BOOT_ID "/proc/sys/kernel/random/boot_id"

static const char *replaced(const char *path)
{
	const char *other = getenv("CTM_TEST_BOOT_ID");

	return other && strcmp(path, BOOT_ID) == 0 ? other : path;
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
	return (int)syscall(SYS_openat, AT_FDCWD, replaced(path), flags, mode);
}

PUBLIC int open64(const char *path, int flags, ...) __attribute__((alias("open")));

static int raw_statx(int fd, const char *path, int flags, unsigned mask, struct statx *st)
{
	return (int)syscall(SYS_statx, fd, path, flags, mask, st);
}

static int is_older(const struct statx *st, const struct statx *map)
{
	if (st->stx_btime.tv_sec != map->stx_mtime.tv_sec)
		return st->stx_btime.tv_sec < map->stx_mtime.tv_sec;
	return st->stx_btime.tv_nsec <= map->stx_mtime.tv_nsec;
}

static void tell_old(struct statx *st, const char *map_path)
{
	unsigned long long inode;
	unsigned long long old;
	long long seconds;
	unsigned ns;
	struct statx map;
	FILE *file;

	if (raw_statx(AT_FDCWD, map_path, 0, STATX_MTIME, &map) < 0 || !is_older(st, &map))
		return;
	file = fopen(map_path, "re");
	while (file && fscanf(file, "%llu %llu %lld %u", &inode, &old, &seconds, &ns) == 4) {
		if (inode != st->stx_ino)
			continue;
		st->stx_ino = old;
		st->stx_btime.tv_sec = seconds;
		st->stx_btime.tv_nsec = ns;
		break;
	}
	if (file)
		fclose(file);
}

PUBLIC int statx(
	int fd, const char *restrict path, int flags, unsigned mask, struct statx *restrict ret_st)
{
	const char *map_path = getenv("CTM_TEST_INODES");
	const int r = raw_statx(fd, path, flags, mask, ret_st);

	if (r == 0 && map_path && (ret_st->stx_mask & STATX_BTIME))
		tell_old(ret_st, map_path);
	return r;
}
