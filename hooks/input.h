/* SPDX-License-Identifier: MIT */
/*
 * input.h - aria2 input files
 */
#ifndef CTM_INPUT_H
#define CTM_INPUT_H

#include "buf.h"
#include "sidecar.h"
#include "state.h"

/*
 * Appends an entry (uris, gid, dir, out, checksum, options) for each file of a listed job that has
 * uris and no evidence yet. *ret_entries counts them. -EINVAL in *e: a name that aria2 would trim,
 * or that would inject a line.
 */
int ctm_input_add(struct ctm_state *state, const struct ctm_sidecar *sidecar, uint32_t job,
	struct ctm_buf *out, size_t *ret_entries, struct ctm_error *e);

#endif
