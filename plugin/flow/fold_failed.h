/* SPDX-License-Identifier: MIT */
/*
 * fold_failed.h - aria2 reports that a download failed, or was removed, and why
 */
#ifndef CTM_FOLD_FAILED_H
#define CTM_FOLD_FAILED_H

#include "fold_report.h"

/*
 * Notes the cause with the files that are concerned (fold_report.h has the rules). poll may be
 * NULL: it is the answer to a question. 0 or negative errno.
 */
int ctm_fold_failed(struct ctm_txn *txn, const struct ctm_report *report,
	const struct ctm_poll *poll, struct ctm_fold *fold);

#endif
