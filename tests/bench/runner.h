/* SPDX-License-Identifier: MIT */
/* runner.h - what the parts of the runner share; runner.c says what it does */
#ifndef BENCH_RUNNER_H
#define BENCH_RUNNER_H

#include <stddef.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/types.h>

#define MAX_ARGS 32

struct line {
	char *label;
	char *argv[MAX_ARGS + 1];
	pid_t pid;
	long long start_us;
};

struct plan {
	struct line *lines;
	size_t n;
};

struct cost {
	long long cpu_us;
	long long wall_us;
	long faults;
	int status;
};

extern FILE *runner_rows; /* where results go */
extern int runner_left;   /* processes that were left behind so far */

/* Says what failed, with errno, and ends. */
__attribute__((noreturn)) void runner_die(const char *what);

long long runner_now_us(void);

/* From standard input; it lives until the end. */
struct plan runner_read_plan(void);

/* Whether the line was one about the environment, and was done. */
int runner_set_environment(const struct line *line);

/* Starts it and notes when. */
void runner_start(struct line *line);

/* Of a process that wait4() has told of. */
struct cost runner_cost(const struct rusage *usage, long long start_us, int status);

/*
 * runner_storm.c: all of the plan, so many at a time, until nothing of it runs any more but what
 * has become the program of the name `stays`; NULL: nothing at all.
 */
void runner_storm(struct plan *plan, size_t at_once, const char *stays);

/* runner_peak.c: one program, under ptrace. */
void runner_peak(struct line *line);

#endif
