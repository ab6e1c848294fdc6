/* SPDX-License-Identifier: MIT */
/*
 * fold_report.h - what aria2 says when it is asked becomes facts
 *
 *  - Complete, or seeding all of it: evidence for each selected file, by its path, in jobs that
 * list it and listen to the download's gid, to the one that it came of or that it is a part of;
 * totals and single jobs count it as they count the hook's event.
 *  - An error: aria2 gave up on the files that have such a gid, or whose path it is (its own, or,
 *    where it has none yet, its directory with the name in its URI), or that the sidecar gives that
 *    URI. The codes that speak of another download's file (11, 12, 13) count by gid alone.
 *  - Removed: remembered; the job stays open.
 *  - Anything else: bytes under way, for progress.
 *
 * aria2 tells what is so now, not when it became so. So the store remembers when downloads were
 * last seen under way, and when first at their end: an error that was known before a job was
 * registered is none of its, and completion that was known when the file was found wrong is no
 * news. In a poll a file that another download is at work on is neither there nor given up; one
 * that a later download failed at, or whose size on disk is not aria2's, is not there.
 */
#ifndef CTM_FOLD_REPORT_H
#define CTM_FOLD_REPORT_H

#include "fold.h"
#include "paths.h"
#include "report.h"

/* What a poll knows besides the report. */
struct ctm_poll {
	struct ctm_paths busy;  /* files that other downloads are at work on, or have spoiled */
	size_t order;           /* of the report: what is behind it came later */
	struct ctm_known known; /* how the download was seen before */
};

/* Complete, failed or removed. */
bool ctm_report_is_at_end(const struct ctm_report *report);

/* How the download was seen before; it is remembered as it is now. 0 or negative errno. */
int ctm_fold_known(
	struct ctm_txn *txn, const struct ctm_report *report, struct ctm_known *ret_before);

/* Whether its completion is news for the file: a poll repeats what is known or was found wrong. */
bool ctm_poll_is_news(const struct ctm_poll *poll, const struct ctm_file *file);

/* The answer to a question about one download; report->event is set. 0 or negative errno. */
int ctm_fold_report(struct ctm_txn *txn, const struct ctm_report *report, struct ctm_fold *fold);

/*
 * All downloads that the aria2s have. `all`: each of them answered, so that what is not there is
 * not there any more. 0 or negative errno.
 */
int ctm_fold_poll(struct ctm_txn *txn, const struct ctm_report *reports, size_t n, bool all,
	struct ctm_fold *fold);

#endif
