/* SPDX-License-Identifier: MIT */
/*
 * fold.h - events become facts about files of jobs
 *
 * The rules of evidence:
 *  - aria2's word for a download of one file is evidence for that file in every open job that lists
 *    it, or whose local_path contains it (totals, single).
 *  - A file with a gid listens to that gid alone.
 *  - A download of several files (a torrent) is evidence for the listed files below its root only
 *    if it names one of them and they are exactly as many as it has; totals and single jobs count
 *    them.
 *  - What was said before a job was registered, and before another one ended in the same place, is
 *    evidence only if the file was touched after that end.
 *  - n = 0 or no path is metadata: no file. Other events are noted, and decide nothing.
 * Facts form sets: folding an event again changes nothing.
 */
#ifndef CTM_FOLD_H
#define CTM_FOLD_H

#include "numbers.h"
#include "store.h"

struct ctm_fold {
	struct ctm_stamp now;
	struct ctm_numbers jobs; /* whose facts changed: to be decided */
};

/*
 * Notes what the event says. 1: it is evidence for some open job; 0: for none; negative errno.
 */
int ctm_fold_event(struct ctm_txn *txn, const struct ctm_event *event, struct ctm_fold *fold);

/*
 * Decides every job whose facts changed, once, and keeps the list of work in step. fold->jobs then
 * holds those whose state changed. 0 or negative errno.
 */
int ctm_fold_decide(struct ctm_txn *txn, struct ctm_fold *fold);

void ctm_fold_done(struct ctm_fold *fold);

#endif
