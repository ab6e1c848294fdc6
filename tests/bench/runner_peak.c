/* SPDX-License-Identifier: MIT */
/* The peak of a program's memory. */
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner.h"

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

void runner_peak(struct line *line)
{
	long kib = -1;
	int status;

	line->pid = fork();
	if (line->pid < 0)
		runner_die("fork");
	if (line->pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		execv(line->argv[0], line->argv);
		_exit(127);
	}
	if (waitpid(line->pid, &status, 0) < 0 || !WIFSTOPPED(status) ||
		ptrace(PTRACE_SETOPTIONS, line->pid, NULL,
			(void *)(PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL)) < 0)
		runner_die("ptrace");
	for (int signal = 0;;) {
		if (ptrace(PTRACE_CONT, line->pid, NULL, (void *)(long)signal) < 0 ||
			waitpid(line->pid, &status, 0) < 0)
			runner_die("ptrace");
		if (!WIFSTOPPED(status))
			break;
		signal = 0;
		if (status >> 8 == (SIGTRAP | PTRACE_EVENT_EXIT << 8))
			kib = peak_kib(line->pid);
		else if (WSTOPSIG(status) != SIGTRAP)
			signal = WSTOPSIG(status);
	}
	fprintf(runner_rows, "%s\t%ld\t%d\n", line->label, kib,
		WIFEXITED(status) ? WEXITSTATUS(status) : 128);
}
