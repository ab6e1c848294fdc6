/* SPDX-License-Identifier: MIT */
/*
 * flush.h - everything that is due is done
 */
#ifndef CTM_FLUSH_H
#define CTM_FLUSH_H

#include "state.h"

/*
 * Drains, reads sidecars, verifies and delivers what is due, itself or by waiting for the deliverer
 * that is at work, then tidies up. *ret_unsent: messages that were tried and not taken. 0 or
 * negative errno in *e.
 */
int ctm_flush(struct ctm_state *state, size_t *ret_unsent, struct ctm_error *e);

#endif
