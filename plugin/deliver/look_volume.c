/* SPDX-License-Identifier: MIT */
/*
 * A file that is missing is gone only if the volume that it arrived on is there. A directory that
 * waits for a volume to be mounted looks just like one whose files were deleted.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "files.h"
#include "look_internal.h"
#include "path.h"

/* Devices get other numbers when the machine starts anew: only those of this boot can be compared.
 */
static bool arrived_elsewhere(const struct ctm_looking *l, const struct ctm_file *file)
{
	if (!file->device)
		return false;
	return !file->boot || file->boot != l->request->boot ||
	       file->device != (uint64_t)l->root_device;
}

/* Whether the very file that its hook saw is there. */
static bool is_there(struct ctm_looking *l, const struct ctm_file *file)
{
	const char *path = ctm_path_below(file->path, l->request->local_path);
	CTM_CLEANUP_FD int fd = -1;
	struct stat st;

	if (!path || !file->sight.known)
		return false;
	fd = ctm_look_open_beneath(l->root_fd, path, O_PATH);
	(void)ctm_look_is_short(l, fd);
	return fd >= 0 && fstat(fd, &st) == 0 && file->sight.inode == (uint64_t)st.st_ino;
}

/*
 * Whether `other` shows that the volume is there that the file arrived on. That they arrived in
 * different boots does not matter: a number that had changed would not be the same.
 */
static bool is_witness(struct ctm_looking *l, const struct ctm_file *file, size_t other)
{
	const struct ctm_file *witness = &l->request->files[other];

	return witness != file && witness->device == file->device && is_there(l, witness);
}

/* Whether the volume of another file was there when that arrived, and is away now. */
static bool shows_absence(struct ctm_looking *l, const struct ctm_file *other)
{
	return arrived_elsewhere(l, other) && other->sight.known && !is_there(l, other);
}

static bool look_for_volume(struct ctm_looking *l, const struct ctm_file *file)
{
	const struct ctm_look_request *request = l->request;
	bool away = arrived_elsewhere(l, file);

	/* Where nothing has changed since its hook saw it, it is gone. */
	if (!away && file->sight.known)
		return false;
	if (l->witness < request->n_files && is_witness(l, file, l->witness))
		return false;
	for (size_t i = 0; i < request->n_files; i++) {
		if (is_witness(l, file, i)) {
			l->witness = i;
			return false;
		}
		/* Its own hook may have come when the volume was away already. */
		if (!away && shows_absence(l, &request->files[i]))
			away = true;
	}
	return away;
}

bool ctm_look_volume_is_away(struct ctm_looking *l, const struct ctm_file *file)
{
	/* One is enough: it is the volume of the others as well, or they wait with it. */
	if (!l->volume_is_away)
		l->volume_is_away = look_for_volume(l, file);
	return l->volume_is_away;
}
