/* SPDX-License-Identifier: MIT */
/* Many at a time. */
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runner.h"

/* Which of the running ones it is; `n` if it is one that was left behind. */
static size_t find(const pid_t *running, size_t n, pid_t pid)
{
	size_t i = 0;

	while (i < n && running[i] != pid)
		i++;
	return i;
}

/* Starts the next program of the plan, passing over the lines about the environment. */
static pid_t start_next(struct plan *plan, size_t *next)
{
	while (*next < plan->n) {
		struct line *line = &plan->lines[(*next)++];

		if (runner_set_environment(line))
			continue;
		runner_start(line);
		return line->pid;
	}
	return 0;
}

/* Whether it has become that program. */
static bool has_become(pid_t pid, const char *name)
{
	char link[64];
	char is[4096];
	const char *is_name;
	ssize_t n;

	snprintf(link, sizeof link, "/proc/%ld/exe", (long)pid);
	n = readlink(link, is, sizeof is - 1);
	if (n <= 0)
		return false;
	is[n] = '\0';
	is_name = strrchr(is, '/');
	return is_name && strcmp(is_name + 1, name) == 0;
}

/* Whether nothing runs any more but what has become `stays`. */
static bool is_over(const pid_t *running, size_t n, const char *stays)
{
	for (size_t i = 0; i < n; i++)
		if (!has_become(running[i], stays))
			return false;
	return true;
}

/* The next that ends; 0 if the storm is over before one does. */
static pid_t next_end(
	const pid_t *running, size_t n, const char *stays, int *status, struct rusage *usage)
{
	if (!stays)
		return wait4(-1, status, 0, usage);
	for (;;) {
		const struct timespec pause = {.tv_nsec = 500000};
		const pid_t pid = wait4(-1, status, WNOHANG, usage);

		if (pid || is_over(running, n, stays))
			return pid;
		nanosleep(&pause, NULL);
	}
}

void runner_storm(struct plan *plan, size_t at_once, const char *stays)
{
	const long long start_us = runner_now_us();
	pid_t *running = calloc(at_once, sizeof *running);
	struct cost sum = {0};
	size_t next = 0;
	size_t n = 0;

	if (!running)
		runner_die("memory");
	for (;;) {
		struct rusage usage;
		struct cost cost;
		int status;
		size_t i;
		pid_t pid;

		while (n < at_once && (running[n] = start_next(plan, &next)))
			n++;
		if (!n)
			break;
		pid = next_end(running, n, next == plan->n ? stays : NULL, &status, &usage);
		if (!pid)
			break;
		i = find(running, n, pid);
		if (i == n) {
			runner_left++;
			continue;
		}
		running[i] = running[--n];
		cost = runner_cost(&usage, start_us, status);
		sum.cpu_us += cost.cpu_us;
		sum.status += cost.status != 0;
	}
	fprintf(runner_rows, "storm\t%lld\t%lld\t%d\n", sum.cpu_us, runner_now_us() - start_us,
		sum.status);
	for (size_t i = 0; i < n; i++)
		kill(running[i], SIGTERM);
	free(running);
}
