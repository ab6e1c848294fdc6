/* SPDX-License-Identifier: MIT */
/*
 * expire.h - jobs whose time is over end in an error
 *
 * Age is summed by clock.h's rules, so that no clock that jumps ends a job; suspended time does not
 * count. A job that is being verified is not ended here: its look is (verify_store.h).
 */
#ifndef CTM_EXPIRE_H
#define CTM_EXPIRE_H

#include "state.h"

/*
 * Ends what is past its deadline (or was left to be ended), and notes when that will be so for the
 * next one. Whoever calls has caught up before (catch_up.h). state->work becomes true where a job
 * ended. 0 or negative errno in *e.
 */
int ctm_expire(struct ctm_state *state, struct ctm_error *e);

#endif
