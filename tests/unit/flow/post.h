/* SPDX-License-Identifier: MIT */
/*
 * post.h - an inbox in the scratch directory, for the tests of its two ends
 *
 * TestSuite(name, .init = post_init, .fini = post_done).
 */
#ifndef TEST_POST_H
#define TEST_POST_H

#include "inbox_read.h"
#include "scratch.h"

extern int post_fd; /* the state directory */

void post_init(void);
void post_done(void);

/* Complete, of one file. */
struct ctm_event post_event(uint64_t gid);

/* Appends it; fails the test where that fails. */
void post_append(uint64_t gid);

/* Reads all that is there. */
struct ctm_inbox post_read(void);

bool post_has(const struct ctm_inbox *inbox, uint64_t gid);

/* How many old files there are. */
unsigned post_old_files(void);

/*
 * Puts the inbox on a disk of its own, with these options of tmpfs; skips the test where that is
 * not allowed. post_unmount() takes it away again.
 */
void post_mount(const char *options);
void post_unmount(void);

#endif
