/* SPDX-License-Identifier: MIT */
/*
 * threads.h - how many threads this process has
 */
#ifndef CTM_TEST_THREADS_H
#define CTM_TEST_THREADS_H

#include <sys/stat.h>
#include <unistd.h>

/* A directory has two links and one of each in it. */
static inline unsigned threads_count(void)
{
	struct stat st = {0};

	return stat("/proc/self/task", &st) == 0 ? (unsigned)st.st_nlink - 2 : 0;
}

static inline void threads_wait_for(unsigned n)
{
	while (threads_count() != n)
		usleep(1000);
}

#endif
