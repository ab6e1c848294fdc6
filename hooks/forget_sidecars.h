/* SPDX-License-Identifier: MIT */
/*
 * forget_sidecars.h - the sidecars of jobs that are to be forgotten
 *
 * A job whose sidecar is there after it was forgotten would be a new job, with a second final word.
 * So its sidecars are written down in one transaction, looked for and, where that is wanted,
 * removed without any lock, for files elsewhere can last, and their records go in another
 * transaction.
 */
#ifndef CTM_FORGET_SIDECARS_H
#define CTM_FORGET_SIDECARS_H

#include "each_job.h"

struct ctm_forget_sidecar;

struct ctm_forget_sidecars {
	bool remove; /* the jobs' own ones */
	struct ctm_removed removed;
	struct ctm_forget_sidecar *items;
	size_t n;
	size_t cap;
};

void ctm_forget_sidecars_done(struct ctm_forget_sidecars *sidecars);

/* Writes down what the store knows of a sidecar, in place of what it knew before of that path. */
int ctm_forget_sidecars_add(struct ctm_forget_sidecars *sidecars, struct ctm_txn *txn,
	const struct ctm_named_job *named, const struct ctm_sidecar_record *record);

/*
 * 0 where none of them is there any more, for good, also after a loss of power. Negative errno in
 * *e where one is or can come back; none is removed then unless all could be.
 */
int ctm_forget_sidecars_clear(struct ctm_forget_sidecars *sidecars, struct ctm_error *e);

/* Whether that very one was looked for; not where it has been read since. */
bool ctm_forget_sidecars_has(
	const struct ctm_forget_sidecars *sidecars, const struct ctm_sidecar_record *record);

#endif
