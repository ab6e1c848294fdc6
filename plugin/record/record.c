/* SPDX-License-Identifier: MIT */
#include "record.h"

#include <errno.h>
#include <string.h>

#include "clock.h"
#include "inbox.h"
#include "path.h"
#include "sight.h"
#include "trigger.h"

int ctm_record(const struct ctm_state *state, const struct ctm_said *said, struct ctm_error *e)
{
	struct ctm_inbox_place place;
	struct ctm_event event = {
		.type = said->type,
		.gid = said->gid,
		.n_files = said->n_files,
		.wall_ms = ctm_clock_wall_ms(),
	};
	int r;

	if (said->path[0])
		r = ctm_path_canonical(said->path, &event.path, &event.device);
	else
		r = (event.path = strdup("")) ? 0 : -ENOMEM;
	if (r < 0)
		return ctm_error_set(
			e, r, "cannot resolve path \"%s\": %s", said->path, strerror(-r));
	event.sight = ctm_sight_see(event.path);
	r = ctm_inbox_append(state->dir_fd, &event, &place, e);
	if (r > 0)
		r = CTM_RECORDED_LATE;
	else if (r == 0 && ctm_trigger_is_pulled(state, &event, &place))
		r = CTM_RECORDED_DRAIN;
	ctm_event_done(&event);
	return r;
}
