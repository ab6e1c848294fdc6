/* SPDX-License-Identifier: MIT */
/*
 * told.h - a directory of its own for a test, and what a reader complained of
 */
#ifndef CTM_TEST_TOLD_H
#define CTM_TEST_TOLD_H

#include "ini_text.h"
#include "sidecar.h"

extern char test_dir[64]; /* absolute and canonical; the process is in it */

/* .init and .fini of a suite. */
void test_enter(void);
void test_leave(void);

/* Writes a file of test_dir, 0644. */
void test_write(const char *name, const char *text, size_t len);

/* All complaints, one a line, "E " or "W " in front; emptied by test_told_reset(). */
extern char test_told[16384];
void test_told_reset(void);
ctm_ini_complain test_tell;

/* Loads a sidecar as it would be found by scanning, trusting whoever runs the test. */
enum ctm_sidecar_state test_load(const char *file, struct ctm_sidecar **ret_sidecar);

/* The same as `add` would. */
enum ctm_sidecar_state test_load_at_once(const char *file, struct ctm_sidecar **ret_sidecar);

#endif
