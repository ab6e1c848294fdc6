/* SPDX-License-Identifier: MIT */
#include "record.h"

#include "inbox.h"
#include "trigger.h"

int ctm_record(const struct ctm_state *state, const struct ctm_event *event)
{
	struct ctm_inbox_place place;
	int r = ctm_inbox_append(state->dir_fd, event, &place);

	if (r > 0)
		return CTM_RECORDED_LATE;
	if (r == 0 && ctm_trigger_is_pulled(state, event, &place))
		return CTM_RECORDED_DRAIN;
	return r;
}
