/* SPDX-License-Identifier: MIT */
/*
 * scratch.h - a directory for a test, and what `check` found in it
 */
#ifndef CTM_TEST_HOOKS_SCRATCH_H
#define CTM_TEST_HOOKS_SCRATCH_H

#include <stdbool.h>
#include <sys/types.h>

#include "check.h"

extern char test_dir[64]; /* absolute, without links */

/* For a suite's .init and .fini: the directory is made, entered and removed; leaks are looked for.
 */
void test_enter(void);
void test_leave(void);

/* Writes test_dir/name, making the directories that it is in. */
void test_write(const char *name, const char *text, mode_t mode);

/* test_dir/name; good until the next but three calls. */
const char *test_path(const char *name);

/* A check with an empty report, by a configuration that a test makes of text (NULL: none). */
extern struct ctm_check test_check;
void test_configure(const char *text);

/* Whether there is a finding of that level whose subject or text holds the words. */
bool test_found(enum ctm_check_level level, const char *words);
size_t test_count(enum ctm_check_level level);
/* Whether some finding's remedy holds the words. */
bool test_remedied(const char *words);

#endif
