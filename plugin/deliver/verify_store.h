/* SPDX-License-Identifier: MIT */
/*
 * verify_store.h - what a look needs from the store, and what it gives back
 */
#ifndef CTM_VERIFY_STORE_H
#define CTM_VERIFY_STORE_H

#include "look.h"
#include "send_store.h"
#include "state.h"

/*
 * A copy of the job's files. 1: memory is short for them, *ret_request has none, and nothing can be
 * told of the job. -ESTALE: it is no longer being verified, and off the list of work;
 * negative errno in *e.
 */
int ctm_verify_load(struct ctm_state *state, uint32_t job, struct ctm_look_request *ret_request,
	struct ctm_error *e);

/*
 * In one transaction: right makes the job final and its message exist; wrong takes evidence back;
 * can't tell sets the next look, or, past the job's deadline, ends it: an hour past that, where
 * memory or descriptors were short. *ret_stale: the job has changed since, and is looked at again;
 * nothing was stored but which files could not be written to disk (ctm_job_note_unwritten()), with
 * each job that has them. While somebody writes its sidecar *result becomes one that can't tell. 0
 * or negative errno in *e.
 *
 * attempt (NULL: none): where the message is due at once, this is begun with it. Its job and work
 * are set by the caller, who makes it then, and frees it.
 */
int ctm_verify_store(struct ctm_state *state, const struct ctm_look_request *request,
	struct ctm_look_result *result, struct ctm_send_attempt *attempt, bool *ret_stale,
	struct ctm_error *e);

#endif
