/* SPDX-License-Identifier: MIT */
/*
 * register.h - a sidecar becomes a job, or changes one
 *
 * After registration the store is the truth. The same id in the same file updates what may change
 * (list, sizes, timeout, priority); evidence is kept for the paths that remain. A second sidecar
 * with a known id is refused; an ended job stays ended.
 */
#ifndef CTM_REGISTER_H
#define CTM_REGISTER_H

#include "fold.h"
#include "sidecar.h"

enum ctm_registered {
	CTM_REGISTERED_NEW,
	CTM_REGISTERED_UPDATED,
	CTM_REGISTERED_ENDED,     /* the job has ended: nothing changes */
	CTM_REGISTERED_DUPLICATE, /* the id is another sidecar's: refused */
	CTM_REGISTERED_REFUSED,   /* it changes what can't change: the last good one counts */
	CTM_REGISTERED_NOT_YET,   /* the file that had its id first is to be looked for */
};

struct ctm_registration {
	const struct ctm_sidecar *sidecar;
	const struct stat *st;
	const struct ctm_volume *volume; /* that it is on */
	bool assign_gids;                /* files without a gid get one of ours */
	const char *looked_for;          /* such a file; NULL: none was */
	bool looked_is_there;
	/* Set by ctm_register(): */
	enum ctm_registered outcome;
	uint32_t job;                  /* 0: none */
	char complaint[768];           /* for DUPLICATE and REFUSED; else "" */
	char *look_for;                /* for NOT_YET, freed by the caller; else NULL */
	struct ctm_volume look_volume; /* that it was on */
};

/*
 * Registers one sidecar and notes it as seen. The job is added to fold->jobs: the caller then calls
 * ctm_register_claim() once for all that it registered. 0 or negative errno.
 *
 * No file is looked for here, since that could be on a volume that hangs. Where that decides,
 * nothing is registered: the caller looks between two transactions, and calls again in the second.
 */
int ctm_register(struct ctm_txn *txn, struct ctm_registration *registration, struct ctm_fold *fold);

/* Events that nobody claimed find the jobs that have come since; then every changed job is decided.
 */
int ctm_register_claim(struct ctm_txn *txn, struct ctm_fold *fold);

/*
 * All sidecars that there are have been read: events that some job took need not be kept for
 * others.
 */
int ctm_register_forget(struct ctm_txn *txn, struct ctm_fold *fold);

/*
 * Notes a sidecar that is no job: invalid, refused, not whole. The path is canonical, as that of
 * one that is a job; id and endpoint may be NULL.
 */
int ctm_register_rejected(struct ctm_txn *txn, const char *path, const struct stat *st,
	const struct ctm_volume *volume, enum ctm_sidecar_fate fate,
	const struct ctm_sidecar *sidecar, const char *complaint, const struct ctm_stamp *now);

#endif
