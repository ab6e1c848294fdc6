/* SPDX-License-Identifier: MIT */
/*
 * catch_up.h - what hooks could not tell, or did not: aria2 is asked, missed files are hashed
 *
 * The work is done in a thread of its own (ctm_catcher_), so that an aria2 that does not answer and
 * a long file hold up nothing, or at once (ctm_catch_up_now()) by a command that waits for it. One
 * catcher does one thing at a time; who asks and who hashes are two.
 */
#ifndef CTM_CATCH_UP_H
#define CTM_CATCH_UP_H

#include "numbers.h"
#include "state.h"

enum ctm_catch_up {
	CTM_CATCH_UP_QUESTIONS, /* aria2: only what events have left open */
	CTM_CATCH_UP_DOWNLOADS, /* aria2: that, and all downloads that it has */
	CTM_CATCH_UP_FILES,     /* all files that may be hashed; one process at a time does that */
};

struct ctm_catcher;

/* 0 or negative errno. */
int ctm_catcher_new(struct ctm_state *state, struct ctm_catcher **ret_catcher);

/*
 * Stops what is under way, and drops it: it is done again. NULL is allowed. A thread that does not
 * end in a moment, hanging on a dead disk or waiting for aria2, is left to the end of the process.
 */
void ctm_catcher_free(struct ctm_catcher *catcher);

/* Readable when the work is done. */
int ctm_catcher_fd(const struct ctm_catcher *catcher);

bool ctm_catcher_is_busy(const struct ctm_catcher *catcher);

/* Whether it ever lost its transport, so that questions were left for another process to ask. */
bool ctm_catcher_lost_questions(const struct ctm_catcher *catcher);

/*
 * Begins, unless it is at work. 0; 1: another process does that just now, nothing is begun;
 * negative errno in *e.
 */
int ctm_catcher_start(struct ctm_catcher *catcher, enum ctm_catch_up what, struct ctm_error *e);

/*
 * Makes facts of what was found. 1: it was, *ret_what says of what; 0: nothing is ready; negative
 * errno in *e: it is tried again by the next call.
 */
int ctm_catcher_collect(
	struct ctm_catcher *catcher, enum ctm_catch_up *ret_what, struct ctm_error *e);

/*
 * Asks for all downloads, and hashes the files of those jobs (NULL: of all, unless another process
 * does), at once. 0, also where no aria2 answers (which is logged); negative errno in *e.
 */
int ctm_catch_up_now(struct ctm_state *state, const struct ctm_numbers *jobs, struct ctm_error *e);

#endif
