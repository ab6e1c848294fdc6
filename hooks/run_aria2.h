/* SPDX-License-Identifier: MIT */
/*
 * run_aria2.h - aria2c as a child, with our hooks, and all that descends from it
 *
 * Hooks outlive aria2c, which never waits for them: this process is their subreaper, so that they
 * become its children, and as the main process of a container it does not end before them.
 */
#ifndef CTM_RUN_ARIA2_H
#define CTM_RUN_ARIA2_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "errors.h"

struct ctm_aria2_run {
	pid_t pid;
	bool ended;
	int status; /* as of waitpid(2), once it has ended */
};

/*
 * The mask of file modes that aria2c gets: the one that we were started with. What it downloads is
 * for others to read, if its caller wants that; only what is ours is closed to them.
 */
void ctm_aria2_keep_mask(mode_t mask);

/*
 * Starts aria2c with the input file (NULL: none), our options, the caller's n arguments, and our
 * hooks. `quiet`: it leaves the terminal to us. 0 or negative errno in *e. The process's own mask
 * is another one for the moment of the start: no other thread may make files then.
 */
int ctm_aria2_start(struct ctm_aria2_run *run, const char *input_file, bool quiet, int n,
	char *const *arguments, struct ctm_error *e);

/* Reaps what has ended. Never waits. */
void ctm_aria2_reap(struct ctm_aria2_run *run);

/* Whether a hook of ours is still at work; a deliverer that lingers does not count. */
bool ctm_aria2_has_hooks(void);

/* Passes SIGINT and SIGTERM on to aria2c from now on. */
void ctm_aria2_forward_signals(const struct ctm_aria2_run *run);

/* Whether such a signal came. */
bool ctm_aria2_was_interrupted(void);

/* "exit status 3" and the like; buf holds 64 bytes. */
const char *ctm_aria2_describe(int status, char buf[64]);

#endif
