/* SPDX-License-Identifier: MIT */
#include "trace.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "strike.h"
#include "tracees.h"

#define FOLLOW                                                                                     \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |  \
		PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL)

static volatile sig_atomic_t time_is_over;

static void on_alarm(int signal_number)
{
	(void)signal_number;
	time_is_over = 1;
}

/* No SA_RESTART: waitpid() is to be interrupted. */
static void set_alarm(unsigned seconds)
{
	struct sigaction action;

	memset(&action, 0, sizeof action);
	action.sa_handler = on_alarm;
	sigaction(SIGALRM, &action, NULL);
	alarm(seconds);
}

static pid_t start(const struct fault_plan *plan)
{
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	if (plan->as_aria2) {
		signal(SIGCHLD, SIG_IGN);
		signal(SIGPIPE, SIG_IGN);
	}
	ptrace(PTRACE_TRACEME, 0, 0, 0);
	raise(SIGSTOP);
	execv(plan->argv[0], plan->argv);
	perror(plan->argv[0]);
	_exit(FAULT_NOT_RUN);
}

/* Where nothing is to strike, and after a single blow, once it is through, only ends are worth
 * stopping for: a stop costs more than most calls. */
static void go_on(const struct fault_course *course, pid_t tid, int signal_number)
{
	const struct fault_plan *plan = course->plan;
	const bool through = course->hit && !plan->on && !fault_tracee_of(tid)->struck;
	const bool done = !plan->list && (!plan->at || through);

	ptrace(done ? PTRACE_CONT : PTRACE_SYSCALL, tid, NULL, (void *)(long)signal_number);
}

/* A thread that has just come to be stops once, by a signal that is nobody's. */
static bool is_first_stop(struct fault_tracee *tracee, int signal_number)
{
	if (tracee->met || signal_number != SIGSTOP)
		return false;
	tracee->met = true;
	fault_tracee_learn(tracee, false);
	return true;
}

static void handle_stop(struct fault_course *course, pid_t tid, int status)
{
	struct fault_tracee *tracee = fault_tracee_of(tid);
	const int signal_number = WSTOPSIG(status);
	const int event = status >> 16;

	if (signal_number == (SIGTRAP | 0x80)) {
		struct fault_entry entry;

		if (fault_regs_entry(tid, &entry) == 0)
			fault_strike_entry(course, tracee);
		else
			fault_strike_exit(course, tracee);
		go_on(course, tid, 0);
	} else if (event == PTRACE_EVENT_EXEC) {
		tracee->met = true;
		fault_tracee_learn(tracee, true);
		go_on(course, tid, 0);
	} else if (event || is_first_stop(tracee, signal_number)) {
		go_on(course, tid, 0);
	} else {
		go_on(course, tid, signal_number);
	}
}

/* What dies by a signal that nobody sends has crashed. */
static void handle_end(const struct fault_course *course, pid_t tid, int status)
{
	const struct fault_tracee *tracee = fault_tracee_of(tid);

	if (WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL && WTERMSIG(status) != SIGTERM)
		fprintf(course->plan->report, "died %s %d\n", tracee->program, WTERMSIG(status));
	fault_tracee_gone(tid);
}

static int run(struct fault_course *course, pid_t first)
{
	int result = FAULT_NOT_RUN;
	int status;

	/* A child is there to be waited for before its parent is told of it: none is overlooked. */
	for (;;) {
		pid_t tid = waitpid(-1, &status, __WALL);

		if (time_is_over) {
			fputs("hang\n", course->plan->report);
			return FAULT_HANG; /* PTRACE_O_EXITKILL ends all */
		}
		if (tid < 0 && errno == EINTR)
			continue;
		if (tid < 0)
			return result; /* ECHILD: the last one has ended */
		if (WIFSTOPPED(status)) {
			handle_stop(course, tid, status);
			continue;
		}
		handle_end(course, tid, status);
		if (tid == first)
			result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	}
}

int fault_trace(const struct fault_plan *plan)
{
	struct fault_course course = {.plan = plan};
	const pid_t first = start(plan);
	int status;
	int result;

	if (first < 0 || waitpid(first, &status, __WALL) != first || !WIFSTOPPED(status) ||
		ptrace(PTRACE_SETOPTIONS, first, 0, FOLLOW) < 0) {
		perror("ctm-fault: cannot trace");
		return FAULT_NOT_RUN;
	}
	set_alarm(plan->seconds);
	fault_tracee_of(first)->met = true;
	/* What counts begins with the program, not with our own way to it. */
	ptrace(PTRACE_CONT, first, NULL, NULL);
	result = run(&course, first);
	fprintf(plan->report, "counted %lu\n", course.counted);
	return result;
}
