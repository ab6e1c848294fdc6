/* SPDX-License-Identifier: MIT */
/*
 * failure.h - a job can't succeed any more, or its time is over: the error that says why
 *
 * The cause is the latest that is known of a file which is missing still; of a job that is looked
 * at, what the look could not tell; else ERROR_TIMEOUT, with a file that is missing by name.
 */
#ifndef CTM_FAILURE_H
#define CTM_FAILURE_H

#include "fold.h"

/*
 * Ends the job in error, for CTM_DECIDED_GIVE_UP or CTM_DECIDED_DEADLINE. fold->work becomes true.
 * 0; -EALREADY: it has ended; negative errno.
 */
int ctm_failure_end(struct ctm_txn *txn, struct ctm_job *job, enum ctm_decision decision,
	struct ctm_fold *fold);

/*
 * What is known to have gone wrong with a job that has not ended, for whoever ends it by hand. 1:
 * *ret_hresult and *ret_text, which the caller frees; 0: nothing is known; negative errno.
 */
int ctm_failure_known(
	struct ctm_txn *txn, const struct ctm_job *job, uint32_t *ret_hresult, char **ret_text);

#endif
