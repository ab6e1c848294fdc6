/* SPDX-License-Identifier: MIT */
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "clock.h"
#include "files.h"
#include "leaks.h"

static char dir[] = "/tmp/ctm-lock-XXXXXX";
static int at;

static void enter(void)
{
	cr_assert_not_null(mkdtemp(dir));
	at = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	cr_assert_geq(at, 0);
}

static void leave(void)
{
	unlinkat(at, "lock", 0);
	unlinkat(at, "link", 0);
	close(at);
	cr_expect_eq(rmdir(dir), 0);
	ctm_test_check_leaks();
}

TestSuite(lock, .init = enter, .fini = leave);

Test(lock, one_holder)
{
	CTM_CLEANUP_FD int first = ctm_lock_try(at, "lock");

	cr_assert_geq(first, 0);
	cr_expect(fcntl(first, F_GETFD) & FD_CLOEXEC);
	cr_expect_eq(ctm_lock_try(at, "lock"), -EAGAIN);
	ctm_close_fd(&first);
	first = ctm_lock_try(at, "lock");
	cr_expect_geq(first, 0);
}

/* Another thread of the host forks meanwhile: that child has the descriptor, and not the lock. */
Test(lock, let_go_over_a_child)
{
	int fd = ctm_lock_try(at, "lock");
	pid_t child;

	cr_assert_geq(fd, 0);
	child = fork();
	if (child == 0) {
		pause();
		_exit(1);
	}
	ctm_lock_release(&fd);
	cr_expect_eq(fd, -1);
	fd = ctm_lock_try(at, "lock");
	cr_expect_geq(fd, 0);
	kill(child, SIGKILL);
	cr_assert_eq(waitpid(child, NULL, 0), child);
	ctm_lock_release(&fd);
	ctm_lock_release(&fd);
}

Test(lock, wait_names_the_holder)
{
	struct ctm_error e = CTM_ERROR_INIT;
	char pid[32];
	int ready[2];
	int fd;
	char byte;
	pid_t child;
	uint64_t start;

	cr_assert_eq(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		if (ctm_lock_try(at, "lock") >= 0 && write(ready[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	cr_assert_eq(read(ready[0], &byte, 1), 1);
	start = ctm_clock_boot_ms();
	cr_expect_eq(ctm_lock_wait(at, "lock", 50, &e), -EAGAIN);
	cr_expect(ctm_clock_boot_ms() - start >= 50);
	snprintf(pid, sizeof pid, "(process %d)", (int)child);
	cr_expect_not_null(strstr(e.text, pid), "%s", e.text);
	kill(child, SIGKILL);
	cr_assert_eq(waitpid(child, NULL, 0), child);
	fd = ctm_lock_wait(at, "lock", 1000, &e);
	cr_expect_geq(fd, 0);
	close(fd);
	close(ready[0]);
	close(ready[1]);
}

Test(lock, refuses_links)
{
	cr_assert_eq(symlinkat("elsewhere", at, "link"), 0);
	cr_expect_eq(ctm_lock_try(at, "link"), -ELOOP);
	cr_expect_eq(ctm_lock_wait(at, "link", 1000, NULL), -ELOOP);
	cr_expect_eq(ctm_lock_try(at, "none/lock"), -ENOENT);
}

Test(lock, nobody_holds)
{
	char text[64] = "x";
	int fd = ctm_lock_try(at, "lock");

	close(fd);
	ctm_lock_holder(at, "lock", text, sizeof text);
	cr_expect_str_eq(text, "");
	ctm_lock_holder(at, "none", text, sizeof text);
	cr_expect_str_eq(text, "");
}
