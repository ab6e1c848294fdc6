/* SPDX-License-Identifier: MIT */
/*
 * check_hook.h - one on-* line of an aria2.conf: a mistake in it is silent in aria2
 */
#ifndef CTM_CHECK_HOOK_H
#define CTM_CHECK_HOOK_H

#include "aria2_conf.h"
#include "check.h"

struct ctm_check_hook {
	const char *file;                      /* aria2.conf */
	const struct ctm_aria2_option *option; /* its name is one of the six, its value not empty */
	const char *hooks;                     /* the directory of our hook commands */
	bool daemon;                           /* aria2 changes to "/" */
};

/* Adds what is wrong, or nothing. */
void ctm_check_hook(struct ctm_check *check, const struct ctm_check_hook *hook);

#endif
