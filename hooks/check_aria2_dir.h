/* SPDX-License-Identifier: MIT */
/*
 * check_aria2_dir.h - where aria2 downloads to, and what of ours a download could reach there
 */
#ifndef CTM_CHECK_ARIA2_DIR_H
#define CTM_CHECK_ARIA2_DIR_H

#include "aria2_conf.h"
#include "check.h"

/* `dir` of a file, or of an aria2 that runs; `file` says which. Nothing is said of what is good. */
void ctm_check_aria2_dir(
	struct ctm_check *check, const char *file, const struct ctm_aria2_conf *conf);

#endif
