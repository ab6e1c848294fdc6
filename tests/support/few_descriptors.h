/* SPDX-License-Identifier: MIT */
/*
 * few_descriptors.h - a process that can open few more of them
 */
#ifndef CTM_TEST_FEW_DESCRIPTORS_H
#define CTM_TEST_FEW_DESCRIPTORS_H

#include <sys/resource.h>
#include <unistd.h>

/*
 * From now on so many more descriptors can be open, if none below those that are open now is free.
 * The limit that was, for setrlimit(RLIMIT_NOFILE).
 */
static inline struct rlimit few_descriptors(unsigned more)
{
	const int next = dup(STDERR_FILENO);
	struct rlimit before;
	struct rlimit limit;

	close(next);
	getrlimit(RLIMIT_NOFILE, &before);
	limit = before;
	limit.rlim_cur = (rlim_t)next + more;
	setrlimit(RLIMIT_NOFILE, &limit);
	return before;
}

#endif
