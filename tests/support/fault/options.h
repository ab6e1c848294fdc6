/* SPDX-License-Identifier: MIT */
/* options.h - ctm-fault's command line */
#ifndef FAULT_OPTIONS_H
#define FAULT_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

enum fault_what {
	FAULT_NONE, /* only --list or --meanwhile */
	FAULT_KILL_BEFORE,
	FAULT_KILL_AFTER,
	FAULT_ERROR,
	FAULT_SHORT,
};

struct fault_plan {
	enum fault_what what;
	int error;             /* of FAULT_ERROR */
	unsigned long at;      /* the call that it strikes; 0: none */
	bool on;               /* and all that count behind it */
	const char *calls;     /* only these count; NULL: all */
	const char *under;     /* only those on a file below it; NULL: all */
	bool full;             /* only those that a full disk fails */
	const char *meanwhile; /* run while the call waits; NULL: nothing */
	const char *watch;     /* writes to files with that in their path are reported */
	bool as_aria2;         /* signals as aria2 hands them to a hook */
	unsigned seconds;      /* so long all may take */
	FILE *list;            /* NULL: no list */
	FILE *report;          /* never NULL */
	char **argv;           /* the program */
};

/* Prints what is wrong and ends with 125, or the help and ends with 0. */
void fault_options_parse(int argc, char **argv, struct fault_plan *plan);

#endif
