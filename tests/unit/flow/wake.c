/* SPDX-License-Identifier: MIT */
#include "wake.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "files.h"
#include "world.h"

TestSuite(wake, .init = world_init, .fini = world_done, .timeout = 20);

static bool is_awake(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, 0) == 1 && p.revents == POLLIN;
}

/* Nobody to wake: no FIFO, or nobody who reads it. */
Test(wake, without_a_reader)
{
	ctm_wake_poke(world.state);
	cr_expect_eq(access(scratch_path("state/" CTM_DELIVER_FIFO), F_OK), -1, "it makes none");
	close(ctm_wake_open(world.state));
	ctm_wake_poke(world.state);
}

Test(wake, with_a_reader)
{
	CTM_CLEANUP_FD int fd = ctm_wake_open(world.state);
	struct stat st;

	cr_assert_geq(fd, 0);
	cr_assert_eq(fstat(fd, &st), 0);
	cr_expect(S_ISFIFO(st.st_mode));
	cr_expect_eq(st.st_mode & 07777, 0600);
	cr_expect(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	cr_expect_not(is_awake(fd));
	ctm_wake_poke(world.state);
	cr_expect(is_awake(fd));
	ctm_wake_poke(world.state);
	ctm_wake_drain(fd);
	cr_expect_not(is_awake(fd), "no end, though the last writer has gone");
}

/* Full: it has been woken often enough, and nobody waits. */
Test(wake, full)
{
	CTM_CLEANUP_FD int fd = ctm_wake_open(world.state);

	for (int i = 0; i < 100000; i++)
		ctm_wake_poke(world.state);
	cr_expect(is_awake(fd));
	ctm_wake_drain(fd);
	cr_expect_not(is_awake(fd));
}

/* Deliverers come and go all the time; a host that does not ignore SIGPIPE lives on. */
Test(wake, readers_that_go)
{
	const char *fifo = scratch_path("state/" CTM_DELIVER_FIFO);
	pid_t child;

	close(ctm_wake_open(world.state));
	signal(SIGPIPE, SIG_DFL);
	child = fork();
	if (child == 0) {
		for (;;)
			close(open(fifo, O_RDONLY | O_NONBLOCK));
	}
	for (int i = 0; i < 100000; i++)
		ctm_wake_poke(world.state);
	kill(child, SIGKILL);
	cr_assert_eq(waitpid(child, NULL, 0), child);
}

Test(wake, one_that_was_there)
{
	CTM_CLEANUP_FD int first = ctm_wake_open(world.state);
	CTM_CLEANUP_FD int second = ctm_wake_open(world.state);

	cr_expect_geq(first, 0);
	cr_expect_geq(second, 0, "left by one that was killed");
}

Test(wake, no_fifo)
{
	cr_assert_eq(symlink("/etc/passwd", scratch_path("state/" CTM_DELIVER_FIFO)), 0);
	cr_expect_eq(ctm_wake_open(world.state), -ELOOP);
	ctm_wake_poke(world.state);
}

/* There is no deliverer beside this test program. */
Test(wake, nothing_to_start)
{
	struct ctm_error e = CTM_ERROR_INIT;

	cr_expect_lt(ctm_wake_exec(world.state, &e), 0);
	cr_expect_not_null(strstr(e.text, "deliver"), "%s", e.text);
	e.text[0] = '\0';
	cr_expect_lt(ctm_wake_spawn(world.state, &e), 0);
	cr_expect_not_null(strstr(e.text, "deliver"), "%s", e.text);
}
