/* SPDX-License-Identifier: MIT */
#include "courier_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "courier_wire.h"
#include "files.h"
#include "place.h"

#define PROGRAM "transport"

/* So long a process that was killed may take: its last system call can be a slow one. */
#define KILLED_MS 2000u

/* Its descriptors: nothing at 0 to 2, where a terminal or a log could be, and the socket at 3. */
static int describe_files(posix_spawn_file_actions_t *actions, int fd)
{
	int r = posix_spawn_file_actions_init(actions);

	for (int i = 0; r == 0 && i <= 2; i++)
		r = posix_spawn_file_actions_addopen(actions, i, "/dev/null", O_RDWR, 0);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(actions, fd, CTM_WIRE_FD);
	return -r;
}

/* Signals as a fresh program has them. */
static int describe_rest(posix_spawnattr_t *attributes)
{
	sigset_t none;
	sigset_t defaults;
	int r = posix_spawnattr_init(attributes);

	if (r)
		return -r;
	sigemptyset(&none);
	sigfillset(&defaults);
	posix_spawnattr_setsigmask(attributes, &none);
	posix_spawnattr_setsigdefault(attributes, &defaults);
	return -posix_spawnattr_setflags(
		attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
}

static int spawn(const char *path, int fd, pid_t *ret_pid)
{
	char name[] = PROGRAM;
	char *argv[] = {name, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int r = describe_files(&actions, fd);

	if (r < 0)
		return r;
	r = describe_rest(&attributes);
	if (r == 0) {
		r = -posix_spawn(ret_pid, path, &actions, &attributes, argv, environ);
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&actions);
	return r;
}

/* Both ends, the other one's where no descriptor of ours is in its way. */
static int make_sockets(int *ret_ours, int *ret_theirs)
{
	int fds[2];
	int theirs;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	theirs = fcntl(fds[1], F_DUPFD_CLOEXEC, CTM_WIRE_FD + 1);
	ctm_close_fd(&fds[1]);
	if (theirs < 0) {
		ctm_close_fd(&fds[0]);
		return -errno;
	}
	*ret_ours = fds[0];
	*ret_theirs = theirs;
	return 0;
}

int ctm_process_start(pid_t *ret_pid, int *ret_fd, struct ctm_error *e)
{
	CTM_CLEANUP_FREE char *path = NULL;
	CTM_CLEANUP_FD int theirs = -1;
	int ours = -1;
	int r = ctm_place_find(CTM_PLACE_LIBEXEC, PROGRAM, &path);

	if (r < 0)
		return ctm_error_set(
			e, r, "cannot tell where \"" PROGRAM "\" is installed: %s", strerror(-r));
	r = make_sockets(&ours, &theirs);
	if (r < 0)
		return ctm_error_set(e, r, "cannot make a socket: %s", strerror(-r));
	r = spawn(path, theirs, ret_pid);
	if (r < 0) {
		ctm_close_fd(&ours);
		return ctm_error_set(e, r, "cannot start \"%s\": %s", path, strerror(-r));
	}
	*ret_fd = ours;
	return 0;
}

/* 1: it has ended, by *ret_status. 0: not yet. Negative: it is not ours to reap any more. */
static int reap(pid_t pid, unsigned patience_ms, int *ret_status)
{
	const struct timespec pause = {.tv_nsec = 1000000};

	for (unsigned i = 0;; i++) {
		const pid_t r = waitpid(pid, ret_status, WNOHANG);

		if (r == pid)
			return 1;
		if (r < 0 && errno != EINTR)
			return -errno;
		if (i >= patience_ms)
			return 0;
		nanosleep(&pause, NULL);
	}
}

void ctm_process_end(pid_t pid, unsigned patience_ms, char text[CTM_PROCESS_TEXT])
{
	bool killed = false;
	int status = 0;
	int r = reap(pid, patience_ms, &status);

	/* It is our child still, so that its id is nobody else's. */
	if (r == 0) {
		kill(pid, SIGKILL);
		killed = true;
		r = reap(pid, KILLED_MS, &status);
	}
	if (r == 1 && WIFSIGNALED(status) && !killed)
		snprintf(text, CTM_PROCESS_TEXT, "the transport's process ended by signal %d (%s)",
			WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (r == 1 && WIFEXITED(status) && !killed)
		snprintf(text, CTM_PROCESS_TEXT, "the transport's process ended with status %d",
			WEXITSTATUS(status));
	else
		snprintf(text, CTM_PROCESS_TEXT, "the transport's process ended");
}
