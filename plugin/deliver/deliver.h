/* SPDX-License-Identifier: MIT */
/*
 * deliver.h - the deliverer: sidecars are registered, jobs verified, messages sent
 *
 * One works on a state directory at a time, by deliver.lock. It goes on while something is due, and
 * lingers for what falls due within [retry] linger, so that early retries need no timer.
 */
#ifndef CTM_DELIVER_H
#define CTM_DELIVER_H

#include "state.h"

enum ctm_deliver_mode {
	CTM_DELIVER_LINGER, /* started by a hook */
	CTM_DELIVER_ONCE,   /* flush: what is due now, and no longer */
};

/*
 * 0: nothing that is due is left. 1: another deliverer is at work; it has been woken. Negative
 * errno in *e: something due could not be done; it waits in the store.
 */
int ctm_deliver_run(struct ctm_state *state, enum ctm_deliver_mode mode, struct ctm_error *e);

/*
 * How much is due now. With `under_way` also attempts that were begun: while another deliverer is
 * at work, their outcome is about to come.
 */
int ctm_deliver_due(struct ctm_state *state, bool under_way, size_t *ret_due, struct ctm_error *e);

#endif
