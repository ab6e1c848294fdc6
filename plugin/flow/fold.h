/* SPDX-License-Identifier: MIT */
/*
 * fold.h - events become facts about files of jobs, and facts become decisions
 *
 * The rules of evidence:
 *  - aria2's word for a download of one file is evidence for that file in every open job that lists
 *    it, or whose local_path contains it (totals, single).
 *  - A file with a gid listens to that gid alone.
 *  - A download of several files (a torrent) is evidence for the listed files that aria2 names when
 *    it is asked; where it can't be, for those below its root, only if it names one of them and
 *    they are exactly as many as it has. Totals and single jobs count them.
 *  - What was said before a job was registered, and before another one ended in the same place, is
 *    evidence only if the file was touched after that end. The end of seeding says what was said at
 *    bt-complete (fold_seeding.h).
 *  - n = 0 or no path is metadata: no file. Other events are noted, and decide nothing.
 * What aria2 gave up on, and what only aria2 can explain, stands in fold_error.h and fold_report.h.
 * Facts form sets: folding an event again changes nothing.
 *
 * Order of calls, in one transaction: CTM_FOLD_INIT, then any number of ctm_fold_ functions, then
 * ctm_fold_decide(), and ctm_fold_done() outside it. A body that runs again begins with
 * ctm_fold_again().
 */
#ifndef CTM_FOLD_H
#define CTM_FOLD_H

#include "config.h"
#include "numbers.h"
#include "remark.h"
#include "store.h"

struct ctm_fold {
	const struct ctm_config *config;
	struct ctm_stamp now;
	struct ctm_numbers jobs; /* whose facts changed: to be decided */
	bool work;               /* there is something to look at, to send or to ask */
	bool in_hook;            /* what takes long is left to the deliverer */
	size_t causes;           /* noted with files of open jobs, new or not */
	uint64_t gid;            /* of the download that is being folded; 0: none */
	struct ctm_remarks remarks;
};

#define CTM_FOLD_INIT(configuration)                                                               \
	{                                                                                          \
		.config = (configuration)                                                          \
	}

/*
 * Notes what the event says. 1: it means something for some open job; 0: for none; negative errno.
 */
int ctm_fold_event(struct ctm_txn *txn, const struct ctm_event *event, struct ctm_fold *fold);

/* The same for what the event says by itself: nothing is left to be asked. */
int ctm_fold_event_alone(struct ctm_txn *txn, const struct ctm_event *event, struct ctm_fold *fold);

/*
 * Decides every job whose facts changed, once: it begins to be verified, or fails and its message
 * exists, or has progress to tell; the list of work is kept in step. fold->jobs then holds those
 * whose state changed, and fold->remarks are ready for the log. 0 or negative errno.
 */
int ctm_fold_decide(struct ctm_txn *txn, struct ctm_fold *fold);

/* Forgets the jobs; keeps the memory. */
void ctm_fold_again(struct ctm_fold *fold);

void ctm_fold_done(struct ctm_fold *fold);

#endif
