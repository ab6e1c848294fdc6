/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "files.h"
#include "look_internal.h"

/* An attacker who renames directories all the time gets so many tries. */
#define OPEN_TRIES 16

/* For kernels before 5.6: part by part, no link anywhere. */
static int open_step_by_step(int dir_fd, const char *path, int flags)
{
	CTM_CLEANUP_FREE char *copy = strdup(path);
	int fd = dup(dir_fd);
	char *rest = NULL;

	if (!copy || fd < 0) {
		ctm_close_fd(&fd);
		return -ENOMEM;
	}
	for (char *part = strtok_r(copy, "/", &rest); part; part = strtok_r(NULL, "/", &rest)) {
		int how = rest && *rest ? O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC : flags;
		int next = strcmp(part, "..") == 0 ? (errno = EXDEV, -1)
						   : openat(fd, part, how | O_NOFOLLOW);

		ctm_close_fd(&fd);
		if (next < 0)
			return errno == ENOTDIR ? -ELOOP : -errno;
		fd = next;
	}
	return fd;
}

int ctm_look_open_beneath(int dir_fd, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned)(flags | O_NOFOLLOW | O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};

	for (int i = 0; i < OPEN_TRIES; i++) {
		long fd = syscall(SYS_openat2, dir_fd, path, &how, sizeof how);

		if (fd >= 0)
			return (int)fd;
		if (errno == ENOSYS || errno == EPERM)
			return open_step_by_step(dir_fd, path, flags | O_CLOEXEC);
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
	}
	return -EAGAIN;
}
