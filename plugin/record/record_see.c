/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "clock.h"
#include "record.h"
#include "sight.h"

int ctm_record_see(const struct ctm_said *said, struct ctm_event *ret_event, struct ctm_error *e)
{
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
	*ret_event = event;
	return 0;
}
