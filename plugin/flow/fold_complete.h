/* SPDX-License-Identifier: MIT */
/*
 * fold_complete.h - aria2 reports that a download is there
 */
#ifndef CTM_FOLD_COMPLETE_H
#define CTM_FOLD_COMPLETE_H

#include "fold_report.h"

/*
 * Evidence for the selected files of the report. With a poll (NULL: it is the answer to a question)
 * a file that other downloads are at work on is none, nor one that is not there, nor one that
 * failed since; and the last look doubts the rest while aria2 has a control file for it. 0 or
 * negative errno.
 */
int ctm_fold_complete(struct ctm_txn *txn, const struct ctm_report *report,
	const struct ctm_poll *poll, struct ctm_fold *fold);

#endif
