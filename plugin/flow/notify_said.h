/* SPDX-License-Identifier: MIT */
/*
 * notify_said.h - what a job that is known here has to do with a call that names its GUID
 *
 * A call is repeated by whoever does not know what became of it: the same one again asks for
 * nothing new. One that differs in anything that CTM would get is another word, and is never
 * answered as if it had been sent.
 */
#ifndef CTM_NOTIFY_SAID_H
#define CTM_NOTIFY_SAID_H

#include "notify.h"
#include "store.h"

/* A known job. */
struct ctm_known_job {
	struct ctm_job job;
	struct ctm_job_text text;
};

/*
 * Whether the call goes where the job's messages go, with the data that they carry. 0, or -EEXIST
 * in *e, which says in what it differs.
 */
int ctm_notify_check_address(
	const struct ctm_notify *call, const struct ctm_known_job *known, struct ctm_error *e);

/*
 * For a job that has ended: whether its final word is the one that the call asks for. 0: it is;
 * -EEXIST in *e, which says in what they differ and which one stands; other negative errno.
 */
int ctm_notify_check_word(struct ctm_txn *txn, const struct ctm_notify *call,
	const struct ctm_known_job *known, struct ctm_error *e);

#endif
