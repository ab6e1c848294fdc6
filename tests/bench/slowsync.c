/* SPDX-License-Identifier: MIT */
/*
 * slowsync - an LD_PRELOAD object that makes everything that syncs take longer
 *
 * fsync, fdatasync, msync, syncfs, sync_file_range, sync, and writes to descriptors that are open
 * with O_DSYNC or O_SYNC (so LMDB commits) first sleep $BENCH_SYNC_DELAY_US microseconds, and are
 * counted in the file $BENCH_SYNC_COUNT, if that is set: eight bytes, in the machine's order. It is
 * mapped when the program begins, because ours give up the right to open it soon after.
 * It calls the kernel directly and needs no library, so that loading it costs as little as can be.
 */
#undef _FILE_OFFSET_BITS /* both names of each function are to be had: pwrite and pwrite64 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define PUBLIC __attribute__((visibility("default")))

static uint64_t *counter;

__attribute__((constructor)) static void map_counter(void)
{
	const char *name = getenv("BENCH_SYNC_COUNT");
	int fd = name ? (int)syscall(SYS_openat, AT_FDCWD, name, O_RDWR | O_CREAT | O_CLOEXEC, 0600)
		      : -1;
	void *at;

	if (fd < 0)
		return;
	at = syscall(SYS_ftruncate, fd, (long)sizeof *counter) == 0
		     ? mmap(NULL, sizeof *counter, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0)
		     : MAP_FAILED;
	if (at != MAP_FAILED)
		counter = at;
	(void)syscall(SYS_close, fd);
}

static void count(void)
{
	if (counter)
		__atomic_add_fetch(counter, 1, __ATOMIC_RELAXED);
}

static void slow_down(void)
{
	const char *us = getenv("BENCH_SYNC_DELAY_US");
	const long delay = us ? strtol(us, NULL, 10) : 0;
	struct timespec left = {.tv_sec = delay / 1000000, .tv_nsec = delay % 1000000 * 1000};
	const int saved = errno;

	count();
	while (delay > 0 && nanosleep(&left, &left) < 0 && errno == EINTR)
		;
	errno = saved;
}

static void slow_down_if_synced(int fd)
{
	const int saved = errno;
	const long flags = syscall(SYS_fcntl, fd, F_GETFL);

	errno = saved;
	if (flags >= 0 && flags & O_DSYNC)
		slow_down();
}

PUBLIC int fsync(int fd)
{
	slow_down();
	return (int)syscall(SYS_fsync, fd);
}

PUBLIC int fdatasync(int fd)
{
	slow_down();
	return (int)syscall(SYS_fdatasync, fd);
}

PUBLIC int msync(void *address, size_t len, int flags)
{
	slow_down();
	return (int)syscall(SYS_msync, address, len, flags);
}

PUBLIC int syncfs(int fd)
{
	slow_down();
	return (int)syscall(SYS_syncfs, fd);
}

PUBLIC void sync(void)
{
	slow_down();
	(void)syscall(SYS_sync);
}

PUBLIC int sync_file_range(int fd, off64_t from, off64_t to, unsigned flags)
{
	slow_down();
	return (int)syscall(SYS_sync_file_range, fd, from, to, flags);
}

PUBLIC ssize_t write(int fd, const void *data, size_t len)
{
	slow_down_if_synced(fd);
	return syscall(SYS_write, fd, data, len);
}

PUBLIC ssize_t writev(int fd, const struct iovec *parts, int n)
{
	slow_down_if_synced(fd);
	return syscall(SYS_writev, fd, parts, n);
}

PUBLIC ssize_t pwrite(int fd, const void *data, size_t len, off_t at)
{
	slow_down_if_synced(fd);
	return syscall(SYS_pwrite64, fd, data, len, at);
}

PUBLIC ssize_t pwrite64(int fd, const void *data, size_t len, off64_t at)
{
	slow_down_if_synced(fd);
	return syscall(SYS_pwrite64, fd, data, len, at);
}

/* The kernel takes the position in two halves; where long has 64 bits the first is the whole. */
PUBLIC ssize_t pwritev(int fd, const struct iovec *parts, int n, off_t at)
{
	slow_down_if_synced(fd);
	return syscall(SYS_pwritev, fd, parts, n, (unsigned long)at,
		(unsigned long)((unsigned long long)at >> 32));
}

PUBLIC ssize_t pwritev64(int fd, const struct iovec *parts, int n, off64_t at)
{
	slow_down_if_synced(fd);
	return syscall(SYS_pwritev, fd, parts, n, (unsigned long)at,
		(unsigned long)((unsigned long long)at >> 32));
}
