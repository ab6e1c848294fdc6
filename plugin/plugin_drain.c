/* SPDX-License-Identifier: MIT */
#include "plugin_drain.h"

#include "drain.h"
#include "log.h"
#include "wake.h"

void ctm_plugin_drain(struct ctm_state *state, bool late, bool ours)
{
	struct ctm_error e = CTM_ERROR_INIT;
	int r = ctm_drain(state, late, &e);

	if (r < 0)
		ctm_log_complaint(CTM_LOG_ERROR, NULL, ctm_error_of(&e, r));
	ctm_plugin_wake(state, ours);
}

void ctm_plugin_wake(struct ctm_state *state, bool ours)
{
	struct ctm_error e = CTM_ERROR_INIT;
	int r;

	if (!state->work)
		return;
	r = ours ? ctm_wake_exec(state, &e) : ctm_wake_spawn(state, &e);
	if (r < 0)
		ctm_log_complaint(CTM_LOG_ERROR, NULL, ctm_error_of(&e, r));
}
