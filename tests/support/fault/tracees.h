/* SPDX-License-Identifier: MIT */
/* tracees.h - the threads that ctm-fault has before it, and what /proc says of them */
#ifndef FAULT_TRACEES_H
#define FAULT_TRACEES_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "regs.h"

struct fault_tracee {
	pid_t tid; /* 0: the place is free */
	char program[64];
	uint64_t loader_from; /* where ld.so is mapped */
	uint64_t loader_to;
	bool starting; /* no call was made by anybody but the loader */
	bool met;      /* its first stop is behind it */
	bool struck;   /* the call that it is in is to fail, or was cut short */
	bool counts;   /* the call that it is in counts, with that number: */
	unsigned long number;
	struct fault_entry entry; /* of the call that it is in, or made last */
};

/* The thread's place; a new one is made. Ends the program where there are too many. */
struct fault_tracee *fault_tracee_of(pid_t tid);
void fault_tracee_gone(pid_t tid);

/* What it runs, from the start or by exec. */
void fault_tracee_learn(struct fault_tracee *tracee, bool starting);

/* The path that the call is about, "" where it has none. */
void fault_tracee_path(const struct fault_tracee *tracee, char ret_path[PATH_MAX * 2]);

#endif
