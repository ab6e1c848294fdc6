/* SPDX-License-Identifier: MIT */
/*
 * ctm-start HOW PROGRAM ARGV0 [ARG…] - becomes a program, with what a child of a test is to have
 *
 *	aria2     the signals as aria2 hands them to its hooks
 *	leashed   SIGTERM when the test has died, however it died
 *
 * A test could do that itself between fork() and exec; but the fork of an interpreter takes ten
 * times as long as this program. Exit status: the program's, or 127 if there is none.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum {
	NO_PROGRAM = 127
};

static void as_aria2_does(void)
{
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
}

static void leash(void)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*prepare)(void);
	} hows[] = {{"aria2", as_aria2_does}, {"leashed", leash}};

	for (size_t i = 0; argc > 3 && i < sizeof hows / sizeof *hows; i++) {
		if (strcmp(argv[1], hows[i].name) != 0)
			continue;
		hows[i].prepare();
		execvp(argv[2], argv + 3);
		perror(argv[2]);
		return NO_PROGRAM;
	}
	fputs("usage: ctm-start aria2|leashed PROGRAM ARGV0 [ARG...]\n", stderr);
	return NO_PROGRAM;
}
