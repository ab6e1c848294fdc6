/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "sidecar_read.h"

#define SETTLED_S 2 /* seconds without a change, where no lease is to be had */

/* 0: nobody has it open for writing; -EAGAIN: somebody has; else no lease is to be had. */
static int try_lease(int fd)
{
	const struct f_owner_ex me = {.type = F_OWNER_TID, .pid = (pid_t)syscall(SYS_gettid)};

	if (fcntl(fd, F_SETOWN_EX, &me) < 0)
		return -errno;
	if (fcntl(fd, F_SETLEASE, F_RDLCK) < 0)
		return -errno;
	fcntl(fd, F_SETLEASE, F_UNLCK);
	return 0;
}

/*
 * Who opens the file for writing while we hold the lease makes the kernel send SIGIO, whose default
 * is death. It is sent to this thread alone, which holds it back and takes it away again.
 */
static int ask_lease(int fd)
{
	const struct timespec at_once = {0};
	sigset_t sigio;
	sigset_t before;
	sigset_t pending;
	int r;

	sigemptyset(&sigio);
	sigaddset(&sigio, SIGIO);
	if (pthread_sigmask(SIG_BLOCK, &sigio, &before) != 0)
		return -ENOTSUP;
	sigemptyset(&pending);
	sigpending(&pending);
	r = try_lease(fd);
	if (!sigismember(&pending, SIGIO))
		while (sigtimedwait(&sigio, NULL, &at_once) < 0 && errno == EINTR)
			;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r;
}

bool ctm_sidecar_is_settled(int fd, const struct stat *st)
{
	const int r = ask_lease(fd);
	struct timespec now;

	if (r == 0 || r == -EAGAIN)
		return r == 0;
	clock_gettime(CLOCK_REALTIME, &now);
	now.tv_sec -= SETTLED_S;
	return st->st_mtim.tv_sec < now.tv_sec ||
	       (st->st_mtim.tv_sec == now.tv_sec && st->st_mtim.tv_nsec <= now.tv_nsec);
}
