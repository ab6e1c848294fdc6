/* SPDX-License-Identifier: MIT */
/*
 * run_lock.h - a job is downloaded by one run at a time
 *
 *	<state>/run.lock   a byte for each job, by its number, locked by who downloads it
 *
 * Two aria2c at the same files overwrite each other, also after the first has ended and CTM was
 * told of it. The lock is of the opening of the file (fcntl(2), F_OFD_SETLK), which aria2c
 * inherits: it is held until both have ended, also where `run` was killed.
 */
#ifndef CTM_RUN_LOCK_H
#define CTM_RUN_LOCK_H

#include "add.h"

/*
 * Before it is known what is missing. A descriptor, which stays open in the programs that are
 * started, and is for the caller to close. -EBUSY: another run has one of the jobs; other negative
 * errno; all in *e.
 */
int ctm_run_lock(const struct ctm_state *state, const struct ctm_added *added, struct ctm_error *e);

#endif
