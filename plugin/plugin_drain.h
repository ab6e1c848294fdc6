/* SPDX-License-Identifier: MIT */
/*
 * plugin_drain.h - what follows where an event is recorded, or the store was read or written
 */
#ifndef CTM_PLUGIN_DRAIN_H
#define CTM_PLUGIN_DRAIN_H

#include "state.h"

/*
 * Drains, and gets a deliverer to work where there is some for it. What fails loses nothing, and is
 * only logged. `late`: the event went into an inbox file that others may have read already. `ours`:
 * the process becomes the deliverer, rather than starting one.
 */
void ctm_plugin_drain(struct ctm_state *state, bool late, bool ours);

/*
 * Gets a deliverer to work where what was drained, by whatever this process did, has left some for
 * it. `ours` as above.
 */
void ctm_plugin_wake(struct ctm_state *state, bool ours);

#endif
