/* SPDX-License-Identifier: MIT */
/*
 * runner - starts programs and says what each cost
 *
 *	runner turn < PLAN       one after another; a line each: LABEL CPU_US WALL_US STATUS
 *	runner storm N < PLAN    N at a time; one line: storm CPU_US WALL_US FAILED
 *	runner peak < PLAN       one after another; a line each: LABEL PEAK_KIB STATUS
 *
 * A line of PLAN is a label and a command, its parts separated by tabs. "=NAME<tab>VALUE" sets an
 * environment variable for the lines below it, "=NAME" removes it.
 *
 * The CPU time is what wait4() says of that child: user and system, of the process alone, from the
 * moment it was made. The runner is small, spawns with vfork, and is written in C, because a
 * child's first moments are its parent's memory. The peak is VmHWM at the moment of exit, read
 * while ptrace holds the child there; getrusage would count the parent's memory too. Processes
 * that children leave behind become the runner's: it waits for them outside of what it measures,
 * and ends with a line "left N" if there were any.
 */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

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
	int status;
};

__attribute__((noreturn)) static void die(const char *what)
{
	fprintf(stderr, "runner: %s: %s\n", what, strerror(errno));
	exit(2);
}

static long long now_us(void)
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

static struct plan read_plan(void)
{
	struct plan plan = {0};
	char *text = NULL;
	size_t room = 0;

	while (getline(&text, &room, stdin) > 0) {
		plan.lines = reallocarray(plan.lines, plan.n + 1, sizeof *plan.lines);
		if (!plan.lines)
			die("memory");
		split(text, &plan.lines[plan.n++]);
		text = NULL;
		room = 0;
	}
	return plan;
}

/* Whether the line was one about the environment. */
static int set_environment(const struct line *line)
{
	if (line->label[0] != '=')
		return 0;
	if (line->argv[0] ? setenv(line->label + 1, line->argv[0], 1) : unsetenv(line->label + 1))
		die("environment");
	return 1;
}

static void start(struct line *line)
{
	int r;

	line->start_us = now_us();
	r = posix_spawn(&line->pid, line->argv[0], NULL, NULL, line->argv, environ);
	if (r) {
		errno = r;
		die(line->argv[0] ? line->argv[0] : "a line without a command");
	}
}

static struct cost cost_of(const struct rusage *usage, long long start_us, int status)
{
	return (struct cost){
		.cpu_us = (usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * 1000000LL +
			  usage->ru_utime.tv_usec + usage->ru_stime.tv_usec,
		.wall_us = now_us() - start_us,
		.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status),
	};
}

static void run_in_turn(struct plan *plan)
{
	for (size_t i = 0; i < plan->n; i++) {
		struct line *line = &plan->lines[i];
		struct rusage usage;
		struct cost cost;
		int status;

		if (set_environment(line))
			continue;
		start(line);
		if (wait4(line->pid, &status, 0, &usage) < 0)
			die("wait4");
		cost = cost_of(&usage, line->start_us, status);
		printf("%s\t%lld\t%lld\t%d\n", line->label, cost.cpu_us, cost.wall_us, cost.status);
	}
}

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

		if (set_environment(line))
			continue;
		start(line);
		return line->pid;
	}
	return 0;
}

static void run_storm(struct plan *plan, size_t at_once)
{
	const long long start_us = now_us();
	pid_t *running = calloc(at_once, sizeof *running);
	struct cost sum = {0};
	size_t next = 0;
	size_t n = 0;

	if (!running)
		die("memory");
	for (;;) {
		struct rusage usage;
		struct cost cost;
		int status;
		size_t i;

		while (n < at_once && (running[n] = start_next(plan, &next)))
			n++;
		if (!n)
			break;
		i = find(running, n, wait4(-1, &status, 0, &usage));
		if (i == n)
			continue;
		running[i] = running[--n];
		cost = cost_of(&usage, start_us, status);
		sum.cpu_us += cost.cpu_us;
		sum.status += cost.status != 0;
	}
	printf("storm\t%lld\t%lld\t%d\n", sum.cpu_us, now_us() - start_us, sum.status);
	free(running);
}

static long peak_kib(pid_t pid)
{
	char text[256];
	long kib = -1;
	FILE *f;

	snprintf(text, sizeof text, "/proc/%ld/status", (long)pid);
	f = fopen(text, "re");
	while (f && fgets(text, sizeof text, f))
		if (sscanf(text, "VmHWM: %ld", &kib) == 1)
			break;
	if (f)
		fclose(f);
	return kib;
}

static void run_for_peak(struct line *line)
{
	long kib = -1;
	int status;

	line->pid = fork();
	if (line->pid < 0)
		die("fork");
	if (line->pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		execv(line->argv[0], line->argv);
		_exit(127);
	}
	if (waitpid(line->pid, &status, 0) < 0 || !WIFSTOPPED(status) ||
		ptrace(PTRACE_SETOPTIONS, line->pid, NULL,
			(void *)(PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL)) < 0)
		die("ptrace");
	for (int signal = 0;;) {
		if (ptrace(PTRACE_CONT, line->pid, NULL, (void *)(long)signal) < 0 ||
			waitpid(line->pid, &status, 0) < 0)
			die("ptrace");
		if (!WIFSTOPPED(status))
			break;
		signal = 0;
		if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8))
			kib = peak_kib(line->pid);
		else if (WSTOPSIG(status) != SIGTRAP)
			signal = WSTOPSIG(status);
	}
	printf("%s\t%ld\t%d\n", line->label, kib, WIFEXITED(status) ? WEXITSTATUS(status) : 128);
}

static void wait_for_the_rest(void)
{
	int left = 0;

	while (wait(NULL) > 0 || errno == EINTR)
		left++;
	if (left)
		printf("left\t%d\n", left);
}

int main(int argc, char **argv)
{
	struct plan plan;

	if (argc < 2 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0) {
		fputs("usage: runner turn|peak|storm N < PLAN\n", stderr);
		return 2;
	}
	plan = read_plan();
	if (strcmp(argv[1], "turn") == 0)
		run_in_turn(&plan);
	else if (strcmp(argv[1], "storm") == 0 && argc == 3)
		run_storm(&plan, (size_t)strtoul(argv[2], NULL, 10));
	else
		for (size_t i = 0; i < plan.n; i++)
			if (!set_environment(&plan.lines[i]))
				run_for_peak(&plan.lines[i]);
	wait_for_the_rest();
	return 0;
}
