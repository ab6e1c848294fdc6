/* SPDX-License-Identifier: MIT */
/*
 * register_heard.h - what other jobs have heard of the files of one that is new
 */
#ifndef CTM_REGISTER_HEARD_H
#define CTM_REGISTER_HEARD_H

#include "fold.h"

/*
 * An event that a job takes is kept for no other: of the files of this job from number `first` on,
 * those that came for another open job are there, as long as such an event would have been kept for
 * a sidecar that comes later (`[state] unclaimed`), where a gid that they have is the same, and the
 * other job is not for another version of the same content. Puts files and job where that changes
 * them. 0 or negative errno.
 */
int ctm_register_heard(
	struct ctm_txn *txn, struct ctm_job *job, uint32_t first, struct ctm_fold *fold);

#endif
