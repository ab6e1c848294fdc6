/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "trace.h"

static const char help[] =
	"usage: ctm-fault [OPTION...] -- PROGRAM [ARG...]\n"
	"Runs a program, and all that it starts, and lets one fault strike at a system call.\n"
	"The calls of all processes and threads are counted together, from the program's first on.\n"
	"\n"
	"  --list FILE      write down the calls that count, a line each:\n"
	"                   NUMBER THREAD PROGRAM PHASE CALL [PATH]\n"
	"                   phase: L the loader, before the program's own first call; D the loader\n"
	"                   later (dlopen); P the program\n"
	"  --at N           the call that the fault strikes\n"
	"  --kill before    SIGKILL instead of the call\n"
	"  --kill after     SIGKILL when the call is done, before the program knows\n"
	"  --error NAME     the call fails, ENOSPC for example, and does nothing\n"
	"  --short          the call is asked for half as much\n"
	"  --on             the same for all calls that count behind it (not for --kill)\n"
	"  --meanwhile PROG run that to its end while the call waits, then strike, or go on\n"
	"\n"
	"What counts (all calls, unless some of these say less):\n"
	"  --calls LIST     only these, by name, with commas between\n"
	"  --under DIR      only those on files in that directory\n"
	"  --full           only those that fail on a full disk: what writes, makes or syncs files\n"
	"\n"
	"  --watch TEXT     report writes of all bytes to files with that text in their path\n"
	"  --as-aria2       start it with the signals that aria2 hands to its hooks\n"
	"  --seconds N      kill all after that (default 60)\n"
	"  --report FILE    where to say what happened (default: stderr), a line each:\n"
	"                   hit NUMBER THREAD PROGRAM CALL [PATH]   where the fault (first) struck\n"
	"                   wrote PATH                               see --watch\n"
	"                   meanwhile STATUS                         how that ended\n"
	"                   died PROGRAM SIGNAL                      by another one than KILL and TERM\n"
	"                   hang                                     the time was over\n"
	"                   counted NUMBER                           so many calls\n"
	"                   Without --at and --list no call is stopped: nothing is counted or watched.\n"
	"\n"
	"Exit status: the program's, 128 and its signal, 124 for a hang, 125 if nothing was run.\n";

__attribute__((noreturn)) static void refuse(const char *what, const char *value)
{
	fprintf(stderr, "ctm-fault: %s \"%s\"; see --help\n", what, value);
	exit(FAULT_NOT_RUN);
}

static FILE *open_file(const char *name)
{
	FILE *file = fopen(name, "we");

	if (!file)
		refuse(strerror(errno), name);
	return file;
}

static enum fault_what parse_kill(const char *value)
{
	if (strcmp(value, "before") == 0)
		return FAULT_KILL_BEFORE;
	if (strcmp(value, "after") != 0)
		refuse("--kill takes before or after, not", value);
	return FAULT_KILL_AFTER;
}

static unsigned long parse_number(const char *value)
{
	char *end;
	const unsigned long number = strtoul(value, &end, 10);

	if (*end || !number)
		refuse("no number", value);
	return number;
}

static void take(int option, const char *value, struct fault_plan *plan)
{
	switch (option) {
	case 'l':
		plan->list = open_file(value);
		break;
	case 'a':
		plan->at = parse_number(value);
		break;
	case 'k':
		plan->what = parse_kill(value);
		break;
	case 'e':
		plan->what = FAULT_ERROR;
		plan->error = fault_errno(value);
		if (!plan->error)
			refuse("no error is called", value);
		break;
	case 's':
		plan->what = FAULT_SHORT;
		break;
	case 'o':
		plan->on = true;
		break;
	case 'm':
		plan->meanwhile = value;
		break;
	case 'c':
		plan->calls = value;
		break;
	case 'u':
		plan->under = value;
		break;
	case 'f':
		plan->full = true;
		break;
	case 'w':
		plan->watch = value;
		break;
	case 'A':
		plan->as_aria2 = true;
		break;
	case 't':
		plan->seconds = (unsigned)parse_number(value);
		break;
	case 'r':
		plan->report = open_file(value);
		break;
	case 'h':
		fputs(help, stdout);
		exit(0);
	default:
		exit(FAULT_NOT_RUN);
	}
}

void fault_options_parse(int argc, char **argv, struct fault_plan *plan)
{
	static const struct option options[] = {
		{"list", required_argument, NULL, 'l'},
		{"at", required_argument, NULL, 'a'},
		{"kill", required_argument, NULL, 'k'},
		{"error", required_argument, NULL, 'e'},
		{"short", no_argument, NULL, 's'},
		{"on", no_argument, NULL, 'o'},
		{"meanwhile", required_argument, NULL, 'm'},
		{"calls", required_argument, NULL, 'c'},
		{"under", required_argument, NULL, 'u'},
		{"full", no_argument, NULL, 'f'},
		{"watch", required_argument, NULL, 'w'},
		{"as-aria2", no_argument, NULL, 'A'},
		{"seconds", required_argument, NULL, 't'},
		{"report", required_argument, NULL, 'r'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	int option;

	*plan = (struct fault_plan){.seconds = 60, .report = stderr};
	while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1)
		take(option, optarg, plan);
	if (optind == argc)
		refuse("no program is named behind", argv[argc - 1]);
	plan->argv = argv + optind;
}
