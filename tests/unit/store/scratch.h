/* SPDX-License-Identifier: MIT */
/*
 * scratch.h - a directory for one test
 *
 * TestSuite(name, .init = scratch_init, .fini = scratch_done); scratch_done() also looks for leaks.
 */
#ifndef TEST_SCRATCH_H
#define TEST_SCRATCH_H

#include <stddef.h>
#include <sys/types.h>

void scratch_init(void);
void scratch_done(void);

/* The directory itself: absolute, without links. */
const char *scratch_dir(void);

/* The path of a name in it, "a/b" too; lives until scratch_done(). */
const char *scratch_path(const char *name);

/* Memory that scratch_done() frees; NULL is allowed. Returns it. */
void *scratch_keep(void *memory);

/* Makes a directory there, with those above it, and returns its path. */
const char *scratch_make_dir(const char *name);

/* Writes a file there, and returns its path. */
const char *scratch_write(const char *name, const char *text);
const char *scratch_write_bytes(const char *name, const void *bytes, size_t len);

#endif
