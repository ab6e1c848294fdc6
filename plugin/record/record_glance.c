/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <sys/stat.h>

#include "clock.h"
#include "record.h"
#include "sight.h"

/* Of a file that is there the device is its directory's, unless it is mounted by itself. */
static bool look(int dir_fd, struct ctm_event *event)
{
	struct stat st;

	event->sight = ctm_sight_see_in(dir_fd, ctm_path_name(event->path), &st);
	if (!event->sight.known && fstatat(dir_fd, "", &st, AT_EMPTY_PATH) < 0)
		return false;
	event->device = (uint64_t)st.st_dev;
	return true;
}

bool ctm_record_glance(
	const struct ctm_said *said, char path[CTM_PATH_LIMIT + 1], struct ctm_event *ret_event)
{
	int dir_fd;

	*ret_event = (struct ctm_event){
		.type = said->type,
		.gid = said->gid,
		.n_files = said->n_files,
		.path = path,
		.wall_ms = ctm_clock_wall_ms(),
		.sight = {.absent = !said->path[0]},
	};
	path[0] = '\0';
	return !said->path[0] ||
	       (ctm_path_glance(said->path, path, &dir_fd) && look(dir_fd, ret_event));
}
