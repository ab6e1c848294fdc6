/* SPDX-License-Identifier: MIT */
/*
 * fakeclock - an LD_PRELOAD object that sets the wall clock of one program
 *
 * CLOCK_REALTIME, as clock_gettime, gettimeofday and time tell it, is $CTM_TEST_CLOCK_SHIFT_S
 * seconds ahead of the machine's (behind it, if negative). Other clocks, and what file systems
 * write down, stay as they are: so it looks as if somebody had set the clock.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define PUBLIC __attribute__((visibility("default")))

static long shift_s(void)
{
	const char *text = getenv("CTM_TEST_CLOCK_SHIFT_S");

	return text ? strtol(text, NULL, 10) : 0;
}

PUBLIC int clock_gettime(clockid_t id, struct timespec *t)
{
	const int r = (int)syscall(SYS_clock_gettime, id, t);

	if (r == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
		t->tv_sec += shift_s();
	return r;
}

PUBLIC int gettimeofday(struct timeval *restrict t, void *restrict zone)
{
	struct timespec now;

	(void)zone;
	clock_gettime(CLOCK_REALTIME, &now);
	*t = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
	return 0;
}

PUBLIC time_t time(time_t *ret_t)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	if (ret_t)
		*ret_t = now.tv_sec;
	return now.tv_sec;
}
