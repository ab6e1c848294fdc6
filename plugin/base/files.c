/* SPDX-License-Identifier: MIT */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int ctm_files_read(int fd, struct ctm_buf *out)
{
	char chunk[16384];
	off_t offset = 0;

	for (;;) {
		ssize_t n = pread(fd, chunk, sizeof chunk, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		ctm_buf_add(out, chunk, (size_t)n);
		if (out->error)
			return out->error;
		offset += n;
	}
}

int ctm_files_write(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : -EIO;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static void cut_to_parent(char *path)
{
	char *slash = strrchr(path, '/');

	if (slash)
		slash[slash == path] = '\0';
	else
		strcpy(path, ".");
}

int ctm_files_sync_parent(const char *path)
{
	CTM_CLEANUP_FREE char *dir = strdup(*path ? path : "/");
	CTM_CLEANUP_FD int fd = -1;

	if (!dir)
		return -ENOMEM;
	do {
		cut_to_parent(dir);
		fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	} while (fd < 0 && (errno == ENOENT || errno == ENOTDIR) && strlen(dir) > 1);
	if (fd < 0)
		return errno == EACCES ? 0 : -errno;
	return fsync(fd) == 0 || errno == EINVAL ? 0 : -errno;
}

int ctm_files_replace(const char *path, const void *data, size_t len, mode_t mode)
{
	CTM_CLEANUP_BUF struct ctm_buf name = CTM_BUF_INIT(8192);
	CTM_CLEANUP_FD int fd = -1;
	int r;

	ctm_buf_printf(&name, "%s.XXXXXX", path);
	if (name.error)
		return name.error;
	fd = mkostemp(name.data, O_CLOEXEC);
	if (fd < 0)
		return -errno;
	r = ctm_files_write(fd, data, len);
	if (r == 0 && (fchmod(fd, mode) < 0 || fsync(fd) < 0 || rename(name.data, path) < 0))
		r = -errno;
	if (r < 0)
		unlink(name.data);
	return r < 0 ? r : ctm_files_sync_parent(path);
}

int ctm_files_make_dirs(const char *path, mode_t mode)
{
	CTM_CLEANUP_FREE char *copy = strdup(path);
	int r;

	if (!copy)
		return -ENOMEM;
	for (char *p = copy + 1; *copy; p++) {
		const char c = *p;

		if (c && c != '/')
			continue;
		*p = '\0';
		r = mkdir(copy, mode) < 0 ? -errno : ctm_files_sync_parent(copy);
		if (r < 0 && r != -EEXIST)
			return r;
		if (!c)
			break;
		*p = c;
	}
	return 0;
}

void ctm_files_null_stdio(bool all)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; null >= 0 && fd <= 2; fd++) {
		if (fd == null)
			continue;
		if (all || (fcntl(fd, F_GETFD) < 0 && errno == EBADF))
			dup2(null, fd);
	}
	if (null > 2)
		close(null);
	else if (null >= 0)
		fcntl(null, F_SETFD, 0);
}

/* Where the kernel does not know close_range (before 5.9), one by one up to the limit. */
void ctm_files_close_above(int last)
{
	long limit;

	if (syscall(SYS_close_range, (unsigned)last + 1, ~0u, 0u) == 0)
		return;
	limit = sysconf(_SC_OPEN_MAX);
	for (int fd = last + 1; fd < (limit > 0 && limit < 65536 ? limit : 65536); fd++)
		close(fd);
}

void ctm_files_close_above_stdio(void)
{
	ctm_files_close_above(2);
}

void ctm_files_allow_descriptors(void)
{
	const rlim_t enough = 1024;
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= enough)
		return;
	limit.rlim_cur = limit.rlim_max < enough ? limit.rlim_max : enough;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}
