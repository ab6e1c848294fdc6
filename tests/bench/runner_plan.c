/* SPDX-License-Identifier: MIT */
/* The plan, and what each line of it needs. */
#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runner.h"

FILE *runner_rows;
int runner_left;

void runner_die(const char *what)
{
	fprintf(stderr, "runner: %s: %s\n", what, strerror(errno));
	exit(2);
}

long long runner_now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static void split(char *text, struct line *line)
{
	char *rest = text;
	size_t n = 0;

	text[strcspn(text, "\n")] = '\0';
	line->label = strsep(&rest, "\t");
	while (rest && n < MAX_ARGS)
		line->argv[n++] = strsep(&rest, "\t");
	line->argv[n] = NULL;
}

struct plan runner_read_plan(void)
{
	struct plan plan = {0};
	char *text = NULL;
	size_t room = 0;

	while (getline(&text, &room, stdin) > 0) {
		plan.lines = reallocarray(plan.lines, plan.n + 1, sizeof *plan.lines);
		if (!plan.lines)
			runner_die("memory");
		split(text, &plan.lines[plan.n++]);
		text = NULL;
		room = 0;
	}
	return plan;
}

/* Whether the line was one about the environment. */
int runner_set_environment(const struct line *line)
{
	if (line->label[0] != '=')
		return 0;
	if (line->argv[0] ? setenv(line->label + 1, line->argv[0], 1) : unsetenv(line->label + 1))
		runner_die("environment");
	return 1;
}

void runner_start(struct line *line)
{
	int r;

	line->start_us = runner_now_us();
	r = posix_spawn(&line->pid, line->argv[0], NULL, NULL, line->argv, environ);
	if (r) {
		errno = r;
		runner_die(line->argv[0] ? line->argv[0] : "a line without a command");
	}
}

struct cost runner_cost(const struct rusage *usage, long long start_us, int status)
{
	return (struct cost){
		.cpu_us = (usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000000LL +
			  usage->ru_utime.tv_usec + usage->ru_stime.tv_usec,
		.wall_us = runner_now_us() - start_us,
		.faults = usage->ru_minflt + usage->ru_majflt,
		.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
	};
}
