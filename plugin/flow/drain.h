/* SPDX-License-Identifier: MIT */
/*
 * drain.h - what waits in the inbox becomes facts, in one transaction
 *
 * Whoever lets go of the state's lock looks at the inbox again, because others left their events
 * there and went. ctm_drain() does so itself; ctm_flow_update() and ctm_flow_read() are for
 * everybody else who needs the store.
 */
#ifndef CTM_DRAIN_H
#define CTM_DRAIN_H

#include "hold.h"

/*
 * Drains while something waits (`now`: at least once) and the lock is free. Never waits. 0 (also
 * where another process holds the lock and will see to it), or negative errno in *e: the events
 * stay in the inbox. state->work becomes true where something is to be verified, sent or read then.
 */
int ctm_drain(struct ctm_state *state, bool now, struct ctm_error *e);

/*
 * Runs a body in a transaction of its own, after draining, waiting up to CTM_HOLD_WAIT_MS for the
 * lock. Returns what the body returned, or negative errno in *e.
 */
int ctm_flow_update(
	struct ctm_state *state, ctm_store_body *body, void *context, struct ctm_error *e);
int ctm_flow_read(
	struct ctm_state *state, ctm_store_body *body, void *context, struct ctm_error *e);

#endif
