/* SPDX-License-Identifier: MIT */
/*
 * runner - starts programs and says what each cost
 *
 *	runner turn < PLAN       one after another; a line each: LABEL CPU_US WALL_US FAULTS STATUS
 *	runner whole < PLAN      the same, of a program and all that it leaves behind
 *	runner first < PLAN      one after another; a line each: LABEL FIRST_LINE_US WALL_US STATUS
 *	runner peak < PLAN       one after another; a line each: LABEL PEAK_KIB STATUS
 *	runner storm N [NAME] < PLAN
 *	                         N at a time; one line: storm CPU_US WALL_US FAILED
 *
 * A line of PLAN is a label and a command, its parts separated by tabs. "=NAME<tab>VALUE" sets an
 * environment variable for the lines below it, "=NAME" removes it. Programs have /dev/null for
 * standard input and output.
 *
 * The CPU time is what wait4() says of that child: user and system, of the process and of what it
 * waited for itself, from the moment it was made. The runner is small, spawns with vfork, and is
 * written in C, because a child's first moments are its parent's memory. FAULTS are page faults.
 * The peak is VmHWM at the moment of exit, read while ptrace holds the child there; getrusage would
 * count the parent's memory too. Processes that children leave behind become the runner's: "whole"
 * adds them to who left them, the others wait for them outside of what they measure, and end with a
 * line "left N" if there were any.
 *
 * A hook that has something to send becomes the deliverer, which is not to be waited for: given its
 * NAME, a storm is over when all that still runs has become that program. Those are then asked to
 * end (SIGTERM) and belong to what was left.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner.h"

/* Waits for all that a program left behind, and adds it. */
static void add_the_rest(struct cost *cost, long long start_us)
{
	struct rusage usage;
	int status;
	pid_t pid;

	while ((pid = wait4(-1, &status, 0, &usage)) > 0 || errno == EINTR) {
		struct cost more;

		if (pid < 0)
			continue;
		more = runner_cost(&usage, start_us, status);
		cost->cpu_us += more.cpu_us;
		cost->faults += more.faults;
		cost->wall_us = more.wall_us;
	}
}

static void run_in_turn(struct plan *plan, bool whole)
{
	for (size_t i = 0; i < plan->n; i++) {
		struct line *line = &plan->lines[i];
		struct rusage usage;
		struct cost cost;
		int status;

		if (runner_set_environment(line))
			continue;
		runner_start(line);
		if (wait4(line->pid, &status, 0, &usage) < 0)
			runner_die("wait4");
		cost = runner_cost(&usage, line->start_us, status);
		if (whole)
			add_the_rest(&cost, line->start_us);
		fprintf(runner_rows, "%s\t%lld\t%lld\t%ld\t%d\n", line->label, cost.cpu_us,
			cost.wall_us, cost.faults, cost.status);
	}
}

/* Reads all that comes; when the first line was whole, or 0. */
static long long read_to_end(int fd)
{
	long long first_us = 0;
	char text[65536];
	ssize_t n;

	while ((n = read(fd, text, sizeof text)) > 0 || (n < 0 && errno == EINTR))
		if (n > 0 && !first_us && memchr(text, '\n', (size_t)n))
			first_us = runner_now_us();
	return first_us;
}

static void run_for_first_line(struct line *line)
{
	const int null = dup(STDOUT_FILENO);
	long long first_us;
	int ends[2];
	int status;

	if (null < 0 || pipe2(ends, O_CLOEXEC) < 0 || dup2(ends[1], STDOUT_FILENO) < 0)
		runner_die("pipe");
	close(ends[1]);
	runner_start(line);
	if (dup2(null, STDOUT_FILENO) < 0)
		runner_die("dup2");
	close(null);
	first_us = read_to_end(ends[0]);
	close(ends[0]);
	if (waitpid(line->pid, &status, 0) < 0)
		runner_die("waitpid");
	fprintf(runner_rows, "%s\t%lld\t%lld\t%d\n", line->label,
		first_us ? first_us - line->start_us : -1, runner_now_us() - line->start_us,
		WIFEXITED(status) ? WEXITSTATUS(status) : 128);
}

static void wait_for_the_rest(void)
{
	while (wait(NULL) > 0 || errno == EINTR)
		runner_left++;
	if (runner_left)
		fprintf(runner_rows, "left\t%d\n", runner_left);
}

/* What programs print is not to stand between the rows. */
static void keep_rows_apart(void)
{
	const int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	runner_rows = fd < 0 ? NULL : fdopen(fd, "w");
	if (!runner_rows || null < 0 || dup2(null, STDIN_FILENO) < 0 ||
		dup2(null, STDOUT_FILENO) < 0)
		runner_die("standard output");
	close(null);
}

static void run_each(struct plan *plan, void (*run)(struct line *))
{
	for (size_t i = 0; i < plan->n; i++)
		if (!runner_set_environment(&plan->lines[i]))
			run(&plan->lines[i]);
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	struct plan plan;

	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		runner_die("subreaper");
	plan = runner_read_plan();
	keep_rows_apart();
	if (strcmp(mode, "turn") == 0 || strcmp(mode, "whole") == 0) {
		run_in_turn(&plan, strcmp(mode, "whole") == 0);
	} else if (strcmp(mode, "first") == 0) {
		run_each(&plan, run_for_first_line);
	} else if (strcmp(mode, "peak") == 0) {
		run_each(&plan, runner_peak);
	} else if (strcmp(mode, "storm") == 0 && (argc == 3 || argc == 4)) {
		runner_storm(&plan, (size_t)strtoul(argv[2], NULL, 10), argv[3]);
	} else {
		fputs("usage: runner turn|whole|first|peak|storm N [NAME] < PLAN\n", stderr);
		return 2;
	}
	wait_for_the_rest();
	return fclose(runner_rows) ? 1 : 0;
}
