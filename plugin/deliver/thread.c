/* SPDX-License-Identifier: MIT */
#include "thread.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

#include "clock.h"

/* A thread that has heard ends in no time; one that hangs is looked at now and then. */
#define FIRST_PAUSE_NS 100000
#define LAST_PAUSE_NS 50000000

int ctm_thread_start(pthread_t *ret_thread, ctm_thread_body *body, void *context)
{
	sigset_t all;
	sigset_t before;
	int r;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	r = -pthread_create(ret_thread, NULL, body, context);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return r == -EAGAIN ? -ENOMEM : r;
}

/* pthread_timedjoin_np() waits by a clock that somebody can set. */
bool ctm_thread_join_by(pthread_t thread, uint64_t until_ms)
{
	struct timespec pause = {.tv_nsec = FIRST_PAUSE_NS};

	while (pthread_tryjoin_np(thread, NULL) != 0) {
		if (ctm_clock_boot_ms() >= until_ms)
			return false;
		nanosleep(&pause, NULL);
		if (pause.tv_nsec < LAST_PAUSE_NS)
			pause.tv_nsec *= 2;
	}
	return true;
}
