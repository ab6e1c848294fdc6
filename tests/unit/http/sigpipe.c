/* SPDX-License-Identifier: MIT */
#include "sigpipe.h"

#include <errno.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(sigpipe, .fini = ctm_test_check_leaks);

static void write_to_nobody(void)
{
	int ends[2];

	cr_assert_eq(pipe(ends), 0);
	close(ends[0]);
	cr_assert_eq(write(ends[1], "x", 1), -1);
	close(ends[1]);
}

static bool is_blocked(void)
{
	sigset_t mask;

	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	return sigismember(&mask, SIGPIPE) == 1;
}

Test(sigpipe, does_not_kill)
{
	struct ctm_sigpipe s;

	signal(SIGPIPE, SIG_DFL);
	ctm_sigpipe_hold(&s);
	cr_assert(is_blocked());
	write_to_nobody();
	errno = ERANGE;
	ctm_sigpipe_release(&s);
	cr_assert_eq(errno, ERANGE);
	cr_assert_not(is_blocked());
}

Test(sigpipe, leaves_one_that_was_there_before)
{
	struct ctm_sigpipe outer;
	struct ctm_sigpipe inner;
	sigset_t pending;

	ctm_sigpipe_hold(&outer);
	write_to_nobody();
	ctm_sigpipe_hold(&inner);
	ctm_sigpipe_release(&inner);
	cr_assert(is_blocked());
	sigpending(&pending);
	cr_assert_eq(sigismember(&pending, SIGPIPE), 1);
	ctm_sigpipe_release(&outer);
}
