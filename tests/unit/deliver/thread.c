/* SPDX-License-Identifier: MIT */
#include "thread.h"

#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "clock.h"
#include "leaks.h"

TestSuite(thread, .fini = ctm_test_check_leaks, .timeout = 60);

static atomic_bool may_end;
static sigset_t blocked;

static void *wait_for_word(void *context)
{
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	while (!may_end)
		usleep(1000);
	return context;
}

static pthread_t start(void)
{
	pthread_t thread;

	cr_assert_eq(ctm_thread_start(&thread, wait_for_word, NULL), 0);
	return thread;
}

Test(thread, ends)
{
	pthread_t thread = start();

	may_end = true;
	cr_expect(ctm_thread_join_by(thread, UINT64_MAX));
}

Test(thread, does_not_end)
{
	pthread_t thread = start();

	cr_expect_not(ctm_thread_join_by(thread, 0));
	cr_expect_not(ctm_thread_join_by(thread, ctm_clock_boot_ms() + 20));
	may_end = true;
	cr_expect(ctm_thread_join_by(thread, UINT64_MAX));
}

Test(thread, signals_are_the_main_threads)
{
	sigset_t before;
	sigset_t after;
	pthread_t thread;

	pthread_sigmask(SIG_SETMASK, NULL, &before);
	thread = start();
	pthread_sigmask(SIG_SETMASK, NULL, &after);
	may_end = true;
	cr_expect(ctm_thread_join_by(thread, UINT64_MAX));
	cr_expect(sigismember(&blocked, SIGTERM));
	cr_expect_eq(sigismember(&after, SIGTERM), sigismember(&before, SIGTERM));
}
