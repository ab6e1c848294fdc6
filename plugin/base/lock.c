/* SPDX-License-Identifier: MIT */
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "files.h"

int ctm_lock_try(int dir_fd, const char *name)
{
	int fd;
	int r;

	while ((fd = openat(dir_fd, name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)) < 0 &&
		errno == EINTR)
		;
	if (fd < 0)
		return -errno;
	while ((r = flock(fd, LOCK_EX | LOCK_NB)) < 0 && errno == EINTR)
		;
	if (r < 0) {
		r = -errno;
		ctm_close_fd(&fd);
		return r;
	}
	return fd;
}

/* The process that /proc/locks shows on the inode; 0: none. */
static int find_holder(const struct stat *st)
{
	char line[256];
	int holder = 0;
	FILE *f = fopen("/proc/locks", "re");

	if (!f)
		return 0;
	while (!holder && fgets(line, sizeof line, f)) {
		uint64_t inode;
		int pid;

		if (sscanf(line, "%*s FLOCK %*s WRITE %d %*x:%*x:%" SCNu64, &pid, &inode) == 2 &&
			inode == (uint64_t)st->st_ino)
			holder = pid;
	}
	fclose(f);
	return holder;
}

void ctm_lock_holder(int dir_fd, const char *name, char *buf, size_t size)
{
	char path[64];
	char comm[32] = "";
	struct stat st;
	FILE *f;
	int pid;

	buf[0] = '\0';
	if (fstatat(dir_fd, name, &st, 0) < 0 || (pid = find_holder(&st)) <= 0)
		return;
	snprintf(path, sizeof path, "/proc/%d/comm", pid);
	f = fopen(path, "re");
	if (f) {
		if (fgets(comm, sizeof comm, f))
			comm[strcspn(comm, "\n")] = '\0';
		fclose(f);
	}
	snprintf(buf, size, "%s (process %d)", comm[0] ? comm : "a process", pid);
}

int ctm_lock_wait(int dir_fd, const char *name, uint64_t wait_ms, struct ctm_error *e)
{
	const uint64_t start = ctm_clock_boot_ms();
	long pause_us = 200;
	char holder[96];
	int fd;

	while ((fd = ctm_lock_try(dir_fd, name)) == -EAGAIN) {
		if (ctm_clock_boot_ms() - start >= wait_ms) {
			ctm_lock_holder(dir_fd, name, holder, sizeof holder);
			return ctm_error_set(e, -EAGAIN,
				"lock \"%s\" is held by %s for more than %" PRIu64 " s", name,
				holder[0] ? holder : "another process", wait_ms / 1000);
		}
		nanosleep(&(struct timespec){.tv_nsec = pause_us * 1000}, NULL);
		pause_us = pause_us < 5000 ? pause_us * 2 : pause_us;
	}
	if (fd < 0)
		return ctm_error_set(e, fd, "cannot open lock \"%s\": %s", name, strerror(-fd));
	return fd;
}
