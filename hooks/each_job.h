/* SPDX-License-Identifier: MIT */
/*
 * each_job.h - what the commands that take JOB... have in common
 *
 * All in one transaction: either every job is changed or none is. A job is visited once, however
 * often and in whatever form it is named, by the name that came first. What a change decides is
 * decided in the same transaction; after it, the log has a line for each job whose state changed,
 * and a deliverer is woken where there is something for it.
 */
#ifndef CTM_EACH_JOB_H
#define CTM_EACH_JOB_H

#include "command.h"
#include "fold.h"

struct ctm_named_job {
	const char *name; /* as it was named */
	struct ctm_job job;
	struct ctm_job_text text;
};

/*
 * Changes one job, and stores it. Adds its number to fold->jobs where that is to be decided anew,
 * and sets fold->work where a deliverer is wanted. 0, or negative errno with what is wrong in *e;
 * where *e stays empty the errno speaks. A body that runs again visits again.
 */
typedef int ctm_job_visitor(struct ctm_txn *txn, struct ctm_named_job *named, struct ctm_fold *fold,
	void *context, struct ctm_error *e);

/* Files outside of the state that were removed: no transaction that fails brings them back. */
struct ctm_removed {
	size_t n;
	char *last; /* the last of them; NULL: none, or no memory for its name */
};

struct ctm_each_job {
	ctm_job_visitor *visit;
	/*
	 * What takes a look at files elsewhere, and must not keep the store for that: once all were
	 * visited, in a transaction that can change nothing, and before they are visited again. 0
	 * or negative errno in *e, and nothing is changed. NULL: nothing.
	 */
	int (*between)(void *context, struct ctm_error *e);
	ctm_job_visitor *then; /* once all were visited, for each again; NULL: nothing */
	void *context;
	bool scan;                         /* sidecars are looked for first */
	const struct ctm_removed *removed; /* by `between`, which fills it; NULL: none is */
	const char *deed; /* what is done to each, for people: "suspended"; NULL: not told */
};

/*
 * Does it to the n jobs that are named, opening the state and closing it. Returns an enum ctm_exit,
 * having said what is wrong; no name is wrong usage.
 */
int ctm_each_job(const struct ctm_command *command, char *const *names, int n,
	const struct ctm_each_job *each);

/* The same on an open state. 0 or negative errno in *e. */
int ctm_each_job_update(struct ctm_state *state, char *const *names, int n,
	const struct ctm_each_job *each, struct ctm_error *e);

/* For a visitor: the job has ended, and can't be changed any more. -EALREADY in *e. */
int ctm_named_job_has_ended(const struct ctm_named_job *named, struct ctm_error *e);

#endif
