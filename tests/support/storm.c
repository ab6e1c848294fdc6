/* SPDX-License-Identifier: MIT */
/*
 * ctm-storm - starts programs all at once, and says how many processes waited for one another
 *
 *	ctm-storm PROGRAMS MARK SECONDS < PLAN
 *
 * A line of PLAN is a command, its parts separated by tabs. Each gets a process at once, which
 * stands at a gate; then the gate opens for all of them. A process is over when it has ended, or
 * when it is no longer the program that it was started as: a hook becomes `deliver`. Says, in one
 * line of JSON:
 *
 *	{"over": N, "failed": N, "late": N, "deliverers": N, "waiting": N, "hooks": N, "samples": N}
 *
 * failed: ended with another status than 0; late: not over after SECONDS; deliverers: became one.
 * While they run, the processes are looked at whose program is in the directory PROGRAMS and whose
 * environment holds MARK. Those that sleep in the kernel until something happens (a lock, a clock,
 * a descriptor, a child) are waiting: at most so many at any moment, and so many of them as what
 * they were started as. Work of the disk is no such waiting, nor is want of a processor.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_ARGS 16
#define SAMPLE_MS 20
#define ENVIRON_MAX 65536

struct child {
	char *argv[MAX_ARGS + 1];
	pid_t pid; /* 0: over */
};

struct storm {
	const char *programs;
	const char *mark;
	struct child *children;
	size_t n;
	size_t over, failed, deliverers;
	int gate;
	size_t most_waiting, most_hooks, samples;
};

__attribute__((noreturn)) static void die(const char *what)
{
	fprintf(stderr, "ctm-storm: %s: %s\n", what, strerror(errno));
	exit(2);
}

static long long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void read_plan(struct storm *storm)
{
	char *text = NULL;
	size_t room = 0;

	while (getline(&text, &room, stdin) > 0) {
		struct child *child;
		char *rest = text;

		storm->children =
			reallocarray(storm->children, storm->n + 1, sizeof *storm->children);
		if (!storm->children)
			die("memory");
		child = &storm->children[storm->n++];
		*child = (struct child){0};
		text[strcspn(text, "\n")] = '\0';
		for (size_t i = 0; rest && i < MAX_ARGS; i++)
			child->argv[i] = strsep(&rest, "\t");
		text = NULL;
		room = 0;
	}
}

/* Each child reads from the gate until that is closed. */
static void start_all(struct storm *storm)
{
	int gate[2];
	char byte;

	if (pipe2(gate, O_CLOEXEC) < 0)
		die("pipe");
	for (size_t i = 0; i < storm->n; i++) {
		struct child *child = &storm->children[i];

		child->pid = fork();
		if (child->pid < 0)
			die("fork");
		if (child->pid)
			continue;
		close(gate[1]);
		if (read(gate[0], &byte, 1) == 0)
			execv(child->argv[0], child->argv);
		_exit(127);
	}
	close(gate[0]);
	storm->gate = gate[1];
}

static void open_gate(struct storm *storm)
{
	close(storm->gate);
}

/* What a file of /proc says, cut at size - 1; "" if it can't be read. Returns its length. */
static size_t slurp(long pid, const char *name, char *buf, size_t size)
{
	char path[64];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof path, "/proc/%ld/%s", pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		n = read(fd, buf, size - 1);
		close(fd);
	}
	buf[n > 0 ? n : 0] = '\0';
	return n > 0 ? (size_t)n : 0;
}

/* The program's name if it is one of those looked at, else "". */
static const char *program_of(const struct storm *storm, long pid, char *buf, size_t size)
{
	const size_t len = strlen(storm->programs);
	char path[64];
	ssize_t n;

	snprintf(path, sizeof path, "/proc/%ld/exe", pid);
	n = readlink(path, buf, size - 1);
	buf[n > 0 ? n : 0] = '\0';
	if (n <= (ssize_t)len || strncmp(buf, storm->programs, len) != 0 || buf[len] != '/')
		return "";
	return buf + len + 1;
}

static bool sleeps(long pid)
{
	static const long calls[] = {
#ifdef SYS_poll
		SYS_poll,
		SYS_select,
		SYS_epoll_wait,
		SYS_pause,
#endif
		SYS_ppoll,
		SYS_pselect6,
		SYS_epoll_pwait,
		SYS_nanosleep,
		SYS_clock_nanosleep,
		SYS_futex,
		SYS_flock,
		SYS_fcntl,
		SYS_wait4,
		SYS_waitid,
		SYS_rt_sigtimedwait,
		SYS_rt_sigsuspend,
	};
	char text[256];
	char *end;
	long call;

	slurp(pid, "syscall", text, sizeof text);
	call = strtol(text, &end, 10);
	for (size_t i = 0; end != text && i < sizeof calls / sizeof *calls; i++)
		if (calls[i] == call)
			return true;
	return false;
}

static bool has_mark(const struct storm *storm, long pid)
{
	static char environment[ENVIRON_MAX];
	const size_t n = slurp(pid, "environ", environment, sizeof environment);

	return memmem(environment, n, storm->mark, strlen(storm->mark)) != NULL;
}

static void sample(struct storm *storm)
{
	DIR *dir = opendir("/proc");
	struct dirent *entry;
	size_t waiting = 0;
	size_t hooks = 0;
	char path[4096];

	if (!dir)
		die("/proc");
	while ((entry = readdir(dir))) {
		const long pid = strtol(entry->d_name, NULL, 10);
		const char *program = pid > 0 ? program_of(storm, pid, path, sizeof path) : "";

		if (!program[0] || !sleeps(pid) || !has_mark(storm, pid))
			continue;
		waiting++;
		hooks += strncmp(program, "on-", 3) == 0;
	}
	closedir(dir);
	storm->samples++;
	if (waiting > storm->most_waiting)
		storm->most_waiting = waiting;
	if (hooks > storm->most_hooks)
		storm->most_hooks = hooks;
}

static bool has_become_deliverer(const struct storm *storm, const struct child *child)
{
	char path[4096];

	return strcmp(program_of(storm, child->pid, path, sizeof path), "deliver") == 0 &&
	       strcmp(child->argv[0] + strlen(storm->programs) + 1, "deliver") != 0;
}

static void collect(struct storm *storm)
{
	for (size_t i = 0; i < storm->n; i++) {
		struct child *child = &storm->children[i];
		int status;

		if (!child->pid)
			continue;
		if (waitpid(child->pid, &status, WNOHANG) == child->pid) {
			if (status)
				fprintf(stderr, "status %x: %s %s\n", (unsigned)status,
					child->argv[0], child->argv[1] ? child->argv[1] : "");
			storm->failed += status != 0;
		} else if (has_become_deliverer(storm, child)) {
			storm->deliverers++;
		} else {
			continue;
		}
		child->pid = 0;
		storm->over++;
	}
}

int main(int argc, char **argv)
{
	struct storm storm = {0};
	long long until;

	if (argc != 4) {
		fputs("usage: ctm-storm PROGRAMS MARK SECONDS < PLAN\n", stderr);
		return 2;
	}
	storm.programs = argv[1];
	storm.mark = argv[2];
	read_plan(&storm);
	start_all(&storm);
	/* Where it may, it looks first: among thousands its turn would come when all is over. */
	(void)sched_setscheduler(0, SCHED_RR, &(struct sched_param){.sched_priority = 1});
	open_gate(&storm);
	until = now_ms() + strtoll(argv[3], NULL, 10) * 1000;
	do {
		nanosleep(&(struct timespec){.tv_nsec = SAMPLE_MS * 1000000L}, NULL);
		sample(&storm);
		collect(&storm);
	} while (storm.over < storm.n && now_ms() < until);
	printf("{\"over\": %zu, \"failed\": %zu, \"late\": %zu, \"deliverers\": %zu, "
	       "\"waiting\": %zu, \"hooks\": %zu, \"samples\": %zu}\n",
		storm.over, storm.failed, storm.n - storm.over, storm.deliverers,
		storm.most_waiting, storm.most_hooks, storm.samples);
	return 0;
}
