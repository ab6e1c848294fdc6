/* SPDX-License-Identifier: MIT */
/* strike.h - which calls count, and what the fault does to the one that it strikes */
#ifndef FAULT_STRIKE_H
#define FAULT_STRIKE_H

#include "options.h"
#include "tracees.h"

/* How far it is. */
struct fault_course {
	const struct fault_plan *plan;
	unsigned long counted;
	bool hit;
};

/* The thread is about to make a call; it goes on when these return. */
void fault_strike_entry(struct fault_course *course, struct fault_tracee *tracee);

/* It has made it. */
void fault_strike_exit(struct fault_course *course, struct fault_tracee *tracee);

#endif
