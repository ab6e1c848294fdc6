/* SPDX-License-Identifier: MIT */
/*
 * reaper SECONDS COMMAND… - runs a command, and waits for all that it leaves running
 *
 * What the command starts and nobody waits for (a detached deliverer) becomes a child of this
 * program, so that its end is known, and whether a signal was its end: that is said on stderr.
 * The exit status is the command's; 124 after SECONDS, 125 if a signal ended any of them.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	TOO_LONG = 124,
	BY_SIGNAL = 125,
	NO_COMMAND = 127
};

static pid_t command;

static void give_up(int sig)
{
	static const char said[] = "reaper: still running when time is up\n";

	(void)sig;
	if (write(STDERR_FILENO, said, sizeof said - 1) < 0)
		_exit(TOO_LONG);
	kill(command, SIGKILL);
	_exit(TOO_LONG);
}

static int status_of(pid_t pid, int status)
{
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	fprintf(stderr, "reaper: %s was ended by signal %d\n",
		pid == command ? "the command" : "what it left running", WTERMSIG(status));
	return BY_SIGNAL;
}

static int wait_for_all(void)
{
	bool by_signal = false;
	int result = 0;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, 0)) > 0 || errno == EINTR) {
		if (pid <= 0)
			continue;
		status = status_of(pid, status);
		by_signal |= status == BY_SIGNAL;
		if (pid == command)
			result = status;
	}
	return by_signal ? BY_SIGNAL : result;
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "usage: reaper SECONDS COMMAND...\n");
		return 2;
	}
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	command = fork();
	if (command == 0) {
		execv(argv[2], argv + 2);
		_exit(NO_COMMAND);
	}
	if (command < 0)
		return NO_COMMAND;
	signal(SIGALRM, give_up);
	alarm((unsigned)strtoul(argv[1], NULL, 10));
	return wait_for_all();
}
