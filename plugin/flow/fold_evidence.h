/* SPDX-License-Identifier: MIT */
/*
 * fold_evidence.h - one file is there, by aria2's word
 */
#ifndef CTM_FOLD_EVIDENCE_H
#define CTM_FOLD_EVIDENCE_H

#include "fold.h"

/*
 * Notes the evidence and what the event tells besides; stores what changed. 1: it is evidence, or
 * speaks of a file that could not be written to disk and is still as it was, which changes nothing;
 * 0: it is not, because it speaks of what was there before the job; negative errno.
 *
 * inferred: aria2's word named another file, or came of a question. The last look doubts that
 * while the file has a control file.
 */
int ctm_fold_evidence(struct ctm_txn *txn, const struct ctm_event *event, struct ctm_job *job,
	struct ctm_file *file, bool inferred, struct ctm_fold *fold);

#endif
