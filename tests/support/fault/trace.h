/* SPDX-License-Identifier: MIT */
/*
 * trace.h - a program and all that it starts, from one system call to the next
 *
 * fault_trace() starts the plan's program, follows its forks, threads and execs, counts, strikes,
 * and returns when the last of them has ended. It is called once.
 */
#ifndef FAULT_TRACE_H
#define FAULT_TRACE_H

#include "options.h"

/* Exit statuses of our own. */
#define FAULT_HANG 124
#define FAULT_NOT_RUN 125

/* Returns the exit status. */
int fault_trace(const struct fault_plan *plan);

#endif
