/* SPDX-License-Identifier: MIT */
/*
 * register_files.h - the list of a sidecar becomes the files of a job
 */
#ifndef CTM_REGISTER_FILES_H
#define CTM_REGISTER_FILES_H

#include "sidecar.h"
#include "store.h"

/*
 * Adds the files that are new, changes those that are there (their evidence stays), and gives all
 * of them the job's generation. The caller puts the job. 0 or negative errno.
 */
int ctm_register_files(struct ctm_txn *txn, struct ctm_job *job, const struct ctm_sidecar *sidecar,
	bool assign_gids);

/* Drops the files of an older generation: the sidecar no longer has them. */
int ctm_register_drop_files(struct ctm_txn *txn, struct ctm_job *job);

/* The gid that `add --input` gives a file: the same for the same job and path, never 0. */
uint64_t ctm_register_gid(const char *id, const char *path);

#endif
