/* SPDX-License-Identifier: MIT */
/*
 * fold_torrent.h - a download of several files as evidence for a listed job
 *
 * aria2 names the first selected file and how many there are. Listed files with its gid are its
 * files, or else those below the torrent's root: the directory of local_path that the named file is
 * in, or local_path itself where it is directly in that. They count only if they are exactly as
 * many, and the named file is one of them. All but that one are inferred: the last look doubts them
 * while aria2 has a control file of their own.
 */
#ifndef CTM_FOLD_TORRENT_H
#define CTM_FOLD_TORRENT_H

#include "fold.h"

/*
 * event->n_files > 1, and its path is that of a file of the job. 1: it was evidence; 0: it was not;
 * negative errno.
 */
int ctm_fold_torrent(struct ctm_txn *txn, const struct ctm_event *event, struct ctm_job *job,
	struct ctm_fold *fold);

#endif
