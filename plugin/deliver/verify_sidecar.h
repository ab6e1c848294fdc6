/* SPDX-License-Identifier: MIT */
/*
 * verify_sidecar.h - whether a job that is looked at is the one that its sidecar describes
 *
 * A sidecar that is written over in place changes nothing in its directory, by which it is found.
 */
#ifndef CTM_VERIFY_SIDECAR_H
#define CTM_VERIFY_SIDECAR_H

#include "look.h"
#include "store.h"

/* Fills request->sidecar for the sidecar of that path; "": the job has none. 0 or negative errno.
 */
int ctm_verify_sidecar_load(
	struct ctm_txn *txn, const char *path, struct ctm_look_request *request);

/*
 * Whether it is another one than was read. One that is gone is not. May hang where its volume is
 * dead.
 */
bool ctm_verify_sidecar_has_changed(const struct ctm_look_request *request);

/*
 * Whether somebody was writing it when it was last read, less than CTM_VERIFY_SIDECAR_S before
 * `now`: what it says of the job is not known. One that stays half is no longer waited for, or one
 * that was deleted: what was read before counts. 1, 0 or negative errno.
 */
#define CTM_VERIFY_SIDECAR_S 60
int ctm_verify_sidecar_is_being_written(
	struct ctm_txn *txn, const struct ctm_look_request *request, const struct ctm_stamp *now);

#endif
