/* SPDX-License-Identifier: MIT */
#include "wake.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "files.h"
#include "place.h"

#define DELIVER "deliver"

void ctm_wake_poke(const struct ctm_state *state)
{
	/*
	 * Reading and writing: a reader that goes between open and write would have the process
	 * killed by SIGPIPE, and a host's signals are not ours to block. Where nobody else reads,
	 * the byte goes with the descriptor.
	 */
	CTM_CLEANUP_FD int fd = openat(
		state->dir_fd, CTM_DELIVER_FIFO, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);

	if (fd >= 0 && write(fd, "", 1) < 0)
		return; /* full: it has been woken a thousand times */
}

int ctm_wake_open(const struct ctm_state *state)
{
	struct stat st;
	int fd;

	if (mkfifoat(state->dir_fd, CTM_DELIVER_FIFO, 0600) < 0 && errno != EEXIST)
		return -errno;
	/* Reading and writing: it never sees an end when the last writer goes. */
	fd = openat(state->dir_fd, CTM_DELIVER_FIFO, O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return -errno;
	/* A file of that name would be readable for ever. */
	if (fstat(fd, &st) < 0 || !S_ISFIFO(st.st_mode)) {
		close(fd);
		return -EEXIST;
	}
	return fd;
}

void ctm_wake_drain(int fd)
{
	char bytes[256];

	while (read(fd, bytes, sizeof bytes) > 0)
		;
}

static int find(char **ret_path, struct ctm_error *e)
{
	int r = ctm_place_find(CTM_PLACE_LIBEXEC, DELIVER, ret_path);

	return r < 0 ? ctm_error_set(e, r, "cannot tell where \"" DELIVER "\" is installed: %s",
			       strerror(-r))
		     : 0;
}

int ctm_wake_exec(const struct ctm_state *state, struct ctm_error *e)
{
	CTM_CLEANUP_FREE char *path = NULL;
	char name[] = DELIVER;
	char *argv[] = {name, NULL};
	int r = find(&path, e);

	if (r < 0)
		return r;
	ctm_wake_poke(state);
	execv(path, argv);
	return ctm_error_set(e, -errno, "cannot start \"%s\": %s", path, strerror(errno));
}

/* A child of a process that we do not own: its signal mask and handlers are not ours to use. */
static int spawn(const char *path, char *const argv[], pid_t *ret_pid)
{
	posix_spawnattr_t attributes;
	sigset_t none;
	sigset_t defaults;
	int r = posix_spawnattr_init(&attributes);

	if (r)
		return -r;
	sigemptyset(&none);
	sigfillset(&defaults);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &defaults);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	r = posix_spawn(ret_pid, path, NULL, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	return -r;
}

int ctm_wake_spawn(const struct ctm_state *state, struct ctm_error *e)
{
	CTM_CLEANUP_FREE char *path = NULL;
	char name[] = DELIVER;
	char detach[] = "--detach";
	char *argv[] = {name, detach, NULL};
	pid_t pid;
	int r = find(&path, e);

	if (r < 0)
		return r;
	ctm_wake_poke(state);
	r = spawn(path, argv, &pid);
	if (r < 0)
		return ctm_error_set(e, r, "cannot start \"%s\": %s", path, strerror(-r));
	/* It forks and ends at once. Where SIGCHLD is ignored there is nothing to reap: ECHILD. */
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return 0;
}
