/* SPDX-License-Identifier: MIT */
/*
 * regs.h - the system call that a stopped thread is about to make, or has made
 *
 * The only part that differs between architectures: where it has no code, meson builds no
 * ctm-fault, and the tests that need it skip.
 */
#ifndef FAULT_REGS_H
#define FAULT_REGS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct fault_entry {
	uint64_t number;
	uint64_t args[6];
	uint64_t at; /* the address that it is made from */
};

/* At the entry of a call. 0, or -1: the thread is gone. */
int fault_regs_entry(pid_t tid, struct fault_entry *ret_entry);

/* At the exit of a call: what it returns, negative errno as the kernel has it. 0 or -1. */
int fault_regs_result(pid_t tid, int64_t *ret_result);

/* At the entry: nothing is done; what the call then returns is set at the exit. */
int fault_regs_skip(pid_t tid);
int fault_regs_set_result(pid_t tid, int64_t result);

/* At the entry: argument 2 becomes another. */
int fault_regs_set_count(pid_t tid, uint64_t count);

#endif
