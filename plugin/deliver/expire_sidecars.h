/* SPDX-License-Identifier: MIT */
/*
 * expire_sidecars.h - a sidecar that never became a job ends as well
 *
 * One that is invalid but names its id and endpoint is owed a word: after [state] give_up it is
 * ERROR_INVALID_DATA, with the first complaint. Its client_data goes back as far as it can be read.
 */
#ifndef CTM_EXPIRE_SIDECARS_H
#define CTM_EXPIRE_SIDECARS_H

#include "state.h"

/* Sums their ages up and ends those whose time is over. 0 or negative errno in *e. */
int ctm_expire_sidecars(struct ctm_state *state, struct ctm_error *e);

#endif
