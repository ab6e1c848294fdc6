/* SPDX-License-Identifier: MIT */
/*
 * fold_question.h - what aria2 is asked about an event, and when it has no answer
 *
 * With [aria2] rpc, an event that does not explain itself becomes a question in the store: the
 * deliverer asks, and folds what aria2 reports (fold_report.h) or, where it does not know or does
 * not answer, the event as it stands.
 */
#ifndef CTM_FOLD_QUESTION_H
#define CTM_FOLD_QUESTION_H

#include "fold.h"

/* Whether there is an aria2 that can be asked. */
bool ctm_question_may_be_asked(const struct ctm_config *config);

/*
 * No aria2 explained it, because of `because` ("it does not answer"): the event counts as it
 * stands. 1: some open job is concerned; 0: none; negative errno.
 */
int ctm_fold_unexplained(struct ctm_txn *txn, const struct ctm_event *event, const char *because,
	struct ctm_fold *fold);

#endif
