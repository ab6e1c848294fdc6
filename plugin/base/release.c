/* SPDX-License-Identifier: MIT */
/* Descriptors and locks are let go; a program that leaves that to its end has its own (hook.c). */
#include <errno.h>
#include <sys/file.h>
#include <unistd.h>

#include "files.h"
#include "lock.h"

void ctm_close_fd(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = saved;
}

void ctm_lock_release(int *fd)
{
	const int saved = errno;

	if (*fd >= 0)
		flock(*fd, LOCK_UN);
	ctm_close_fd(fd);
	errno = saved;
}
