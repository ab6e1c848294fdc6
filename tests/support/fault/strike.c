/* SPDX-License-Identifier: MIT */
#include "strike.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calls.h"

static bool is_below(const char *path, const char *dir)
{
	const size_t len = strlen(dir);

	return strncmp(path, dir, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

static unsigned traits_of(const struct fault_tracee *tracee)
{
	const struct fault_call *call = fault_call_find(tracee->entry.number);

	return call ? call->traits : 0;
}

/* A disk that is full lets what is there be opened. */
static bool makes_a_file(const struct fault_tracee *tracee)
{
	const uint64_t *args = tracee->entry.args;
	const struct fault_call *call = fault_call_find(tracee->entry.number);
	char path[PATH_MAX * 2];

	if (!(args[call->where == FAULT_AT ? 2 : 1] & O_CREAT))
		return false;
	fault_tracee_path(tracee, path);
	return access(path, F_OK) < 0;
}

static bool fails_on_a_full_disk(const struct fault_tracee *tracee)
{
	const unsigned traits = traits_of(tracee);

	return traits & FAULT_WRITES || (traits & FAULT_OPENS && makes_a_file(tracee));
}

static bool counts(const struct fault_plan *plan, const struct fault_tracee *tracee)
{
	char path[PATH_MAX * 2];

	if (plan->calls && !fault_call_is_in(tracee->entry.number, plan->calls))
		return false;
	if (plan->full && !fails_on_a_full_disk(tracee))
		return false;
	if (!plan->under)
		return true;
	fault_tracee_path(tracee, path);
	return is_below(path, plan->under);
}

/* "NUMBER THREAD PROGRAM PHASE CALL [PATH]", the phase only in the list. */
static void describe(FILE *to, const struct fault_tracee *tracee, const char *phase)
{
	char path[PATH_MAX * 2];
	char name[32];

	fault_tracee_path(tracee, path);
	fprintf(to, "%lu %d %s %s%s%s%s\n", tracee->number, (int)tracee->tid, tracee->program,
		phase, fault_call_name(tracee->entry.number, name, sizeof name), path[0] ? " " : "",
		path);
}

static const char *phase_of(struct fault_tracee *tracee)
{
	const uint64_t at = tracee->entry.at;
	const bool loader = at >= tracee->loader_from && at < tracee->loader_to;

	tracee->starting = tracee->starting && loader;
	return tracee->starting ? "L " : loader ? "D " : "P ";
}

static void kill_it(const struct fault_tracee *tracee)
{
	syscall(SYS_tkill, tracee->tid, SIGKILL);
}

static void run_meanwhile(const struct fault_plan *plan)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		if (plan->as_aria2)
			signal(SIGCHLD, SIG_IGN);
		execl(plan->meanwhile, plan->meanwhile, (char *)NULL);
		_exit(127);
	}
	/* Only the alarm interrupts: the time is over. */
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		kill(pid, SIGKILL);
	fprintf(plan->report, "meanwhile %d\n",
		WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

/* Whether half as much is something else than all and than nothing. */
static bool make_short(struct fault_tracee *tracee)
{
	const uint64_t count = tracee->entry.args[2];

	return traits_of(tracee) & FAULT_HAS_COUNT && count > 1 &&
	       fault_regs_set_count(tracee->tid, count / 2) == 0;
}

/*
 * An eventfd that is not full takes what it is given, and one that is not empty gives what it has.
 * Who fails it all the same takes away the one word by which a thread says that it is done.
 */
static bool cannot_fail(const struct fault_tracee *tracee)
{
	char path[PATH_MAX * 2];

	if (tracee->entry.number != SYS_read && tracee->entry.number != SYS_write)
		return false;
	fault_tracee_path(tracee, path);
	return strcmp(path, "anon_inode:[eventfd]") == 0;
}

/* False: it could not be done to this call. */
static bool strike(const struct fault_plan *plan, struct fault_tracee *tracee)
{
	if (plan->meanwhile)
		run_meanwhile(plan);
	switch (plan->what) {
	case FAULT_NONE:
	case FAULT_KILL_AFTER: /* at the exit */
		return true;
	case FAULT_KILL_BEFORE:
		kill_it(tracee);
		return true;
	case FAULT_ERROR:
		tracee->struck = !cannot_fail(tracee) && fault_regs_skip(tracee->tid) == 0;
		return tracee->struck;
	case FAULT_SHORT:
		return !cannot_fail(tracee) && make_short(tracee);
	}
	return false;
}

static void report_hit(struct fault_course *course, const struct fault_tracee *tracee)
{
	if (course->hit)
		return;
	course->hit = true;
	fputs("hit ", course->plan->report);
	describe(course->plan->report, tracee, "");
}

void fault_strike_entry(struct fault_course *course, struct fault_tracee *tracee)
{
	const struct fault_plan *plan = course->plan;
	const char *phase;

	tracee->struck = tracee->counts = false;
	if (fault_regs_entry(tracee->tid, &tracee->entry) < 0)
		return;
	phase = phase_of(tracee);
	if (!counts(plan, tracee))
		return;
	tracee->counts = true;
	tracee->number = ++course->counted;
	if (plan->list)
		describe(plan->list, tracee, phase);
	if (!plan->at || (plan->on ? tracee->number < plan->at : tracee->number != plan->at))
		return;
	if (strike(plan, tracee) && plan->what != FAULT_KILL_AFTER)
		report_hit(course, tracee);
}

/* All bytes are in the file, whoever asks for the record. */
static void watch(const struct fault_plan *plan, const struct fault_tracee *tracee)
{
	char path[PATH_MAX * 2];
	int64_t result;

	if (!(traits_of(tracee) & FAULT_APPENDS) || fault_regs_result(tracee->tid, &result) < 0 ||
		result != (int64_t)tracee->entry.args[2])
		return;
	fault_tracee_path(tracee, path);
	if (strstr(path, plan->watch))
		fprintf(plan->report, "wrote %s\n", path);
}

void fault_strike_exit(struct fault_course *course, struct fault_tracee *tracee)
{
	const struct fault_plan *plan = course->plan;

	if (tracee->struck) {
		fault_regs_set_result(tracee->tid, -(int64_t)plan->error);
		tracee->struck = false;
		return;
	}
	if (plan->watch)
		watch(plan, tracee);
	if (plan->what == FAULT_KILL_AFTER && tracee->counts && tracee->number == plan->at) {
		report_hit(course, tracee);
		kill_it(tracee);
	}
}
