/* SPDX-License-Identifier: MIT */
#include "sigpipe.h"

#include <errno.h>
#include <time.h>

static sigset_t only_sigpipe(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	return set;
}

void ctm_sigpipe_hold(struct ctm_sigpipe *s)
{
	const sigset_t set = only_sigpipe();
	sigset_t pending;

	sigpending(&pending);
	s->was_pending = sigismember(&pending, SIGPIPE) == 1;
	pthread_sigmask(SIG_BLOCK, &set, &s->mask);
}

void ctm_sigpipe_release(const struct ctm_sigpipe *s)
{
	static const struct timespec at_once;
	const sigset_t set = only_sigpipe();
	const int saved = errno;

	while (!s->was_pending && sigtimedwait(&set, NULL, &at_once) < 0 && errno == EINTR)
		;
	pthread_sigmask(SIG_SETMASK, &s->mask, NULL);
	errno = saved;
}
