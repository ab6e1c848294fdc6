/* SPDX-License-Identifier: MIT */
/*
 * fold_error.h - aria2 says that a download failed, and nothing more
 *
 * The hook names a gid, and a path that is mostly empty and can be another download's file. So the
 * file is sure where the sidecar gives it that gid, or where nothing stands at the path: then aria2
 * has given up on it. Where a file stands there, the failure is remembered, and decides nothing.
 * The same holds for what happened well before the job was registered.
 */
#ifndef CTM_FOLD_ERROR_H
#define CTM_FOLD_ERROR_H

#include "fold.h"

/* Notes it, in the given words, behind the name of the file. 1: some open job is concerned; 0:
 * none; negative errno. */
int ctm_fold_error(struct ctm_txn *txn, const struct ctm_event *event,
	const struct ctm_cause *cause, struct ctm_fold *fold);

/* Whether what happened then can have happened to the job's own downloads. */
bool ctm_fold_happened_to(const struct ctm_job *job, int64_t wall_ms);

/*
 * Notes a cause with one file of an open job, and with the job; stores both. 0 or negative errno.
 */
int ctm_fold_cause(struct ctm_txn *txn, struct ctm_job *job, const struct ctm_file *file,
	const struct ctm_cause *cause, bool given_up, struct ctm_fold *fold);

/*
 * The same for what a totals or single job had not counted yet: a file at `path`, below its
 * local_path, or that itself where it is not known which.
 */
int ctm_fold_cause_counted(struct ctm_txn *txn, struct ctm_job *job, const char *path,
	const struct ctm_cause *cause, bool given_up, struct ctm_fold *fold);

#endif
