/* SPDX-License-Identifier: MIT */
/*
 * options.h - --name=value and --name value, by a table
 */
#ifndef CTM_OPTIONS_H
#define CTM_OPTIONS_H

#include "command.h"

struct ctm_option {
	const char *name;   /* "--endpoint" */
	const char **value; /* where its value goes; NULL: it has none */
	bool *flag;         /* set when it is there; may be NULL */
	bool optional;      /* the value may be missing, and only "=" gives it */
};

/*
 * Takes the options out of argv[1..], up to "--"; what is left is moved up, *argc counts it. 0, or
 * CTM_EXIT_USAGE after having said why.
 */
int ctm_options_parse(const struct ctm_command *command, const struct ctm_option *options, size_t n,
	int *argc, char **argv);

#endif
