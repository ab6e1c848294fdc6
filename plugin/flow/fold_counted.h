/* SPDX-License-Identifier: MIT */
/*
 * fold_counted.h - a download below the local_path of totals and single jobs is counted
 *
 * Each distinct path once, for as many files as its download has. Descriptions of downloads
 * (.torrent and the like) don't count.
 */
#ifndef CTM_FOLD_COUNTED_H
#define CTM_FOLD_COUNTED_H

#include "fold_report.h"

/*
 * The event is evidence for a file. With a poll (NULL: it is none) what is known already, or was
 * found wrong since, is passed over. 1: some open job counts it; 0: none does; negative errno.
 */
int ctm_fold_counted(struct ctm_txn *txn, const struct ctm_event *event,
	const struct ctm_poll *poll, struct ctm_fold *fold);

/* Calls visit for every open totals or single job whose local_path is an ancestor of `path`. */
int ctm_fold_roots(
	struct ctm_txn *txn, const char *path, ctm_store_job_visitor *visit, void *context);

#endif
