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

	if (fstatat(AT_FDCWD, event->path, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
		event->sight = ctm_sight_of(&st);
	else if (fstatat(dir_fd, "", &st, AT_EMPTY_PATH) == 0)
		event->sight = ctm_sight_see(event->path);
	else
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
