/* SPDX-License-Identifier: MIT */
/*
 * run_progress.h - how far the jobs of a run are, read and shown
 */
#ifndef CTM_RUN_PROGRESS_H
#define CTM_RUN_PROGRESS_H

#include "command.h"
#include "numbers.h"

/* One job of the run. */
struct ctm_run_job {
	char *id;
	struct ctm_job job;
	bool has_message;
	struct ctm_message message; /* if has_message */
	char *cause;
};

struct ctm_run_progress {
	struct ctm_run_job *jobs;
	size_t n;
	size_t drawn; /* lines on the terminal */
	bool terminal;
	bool asking;              /* aria2 is to be asked about an event, */
	uint64_t asking_since_ms; /* since then, by ctm_clock_boot_ms() */
	uint32_t *shown;          /* without a terminal: files_evident and state as last printed */
};

/* 0 or -ENOMEM. */
int ctm_progress_init(struct ctm_run_progress *progress, size_t n);
void ctm_progress_done(struct ctm_run_progress *progress);

/* Reads the jobs as they are now. 0 or negative errno in *e. */
int ctm_progress_read(struct ctm_run_progress *progress, struct ctm_state *state,
	const struct ctm_numbers *jobs, struct ctm_error *e);

/* Bars on a terminal, redrawn in place; elsewhere a line whenever something has changed. */
void ctm_progress_show(struct ctm_run_progress *progress);

/* The last word of each job, one line each, to standard output. */
void ctm_progress_summary(const struct ctm_run_progress *progress);

/* What a person can do for each job of which CTM has not taken the final word, to standard error.
 */
void ctm_progress_advise(const struct ctm_run_progress *progress);

/* Whether every job has ended and CTM took every final word; or that it was success for each. */
bool ctm_progress_all_taken(const struct ctm_run_progress *progress);
bool ctm_progress_all_succeeded(const struct ctm_run_progress *progress);

/* Whether some job has something going on: a look, or a message that is due within linger_s. */
bool ctm_progress_is_moving(const struct ctm_run_progress *progress, uint32_t linger_s);

#endif
