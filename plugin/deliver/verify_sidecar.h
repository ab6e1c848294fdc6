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
 * Whether it is another one than was read, and has become so since sidecars were last looked for
 * (scanned_ms, wall clock): what that made of it stands. One that is gone is not.
 */
bool ctm_verify_sidecar_has_changed(const struct ctm_look_request *request, int64_t scanned_ms);

#endif
