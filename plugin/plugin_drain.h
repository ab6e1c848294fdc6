/* SPDX-License-Identifier: MIT */
/*
 * plugin_drain.h - what follows an event that is recorded
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

#endif
