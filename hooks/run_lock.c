/* SPDX-License-Identifier: MIT */
#include "run_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "files.h"

#define LOCK_FILE "run.lock"

/* 0, -EBUSY or other negative errno. A job that is named twice is locked twice, by one opening. */
static int lock_byte(int fd, uint32_t number)
{
	struct flock lock = {
		.l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = (off_t)number,
		.l_len = 1,
	};
	int r;

	while ((r = fcntl(fd, F_OFD_SETLK, &lock)) < 0 && errno == EINTR)
		;
	if (r < 0)
		return errno == EAGAIN || errno == EACCES ? -EBUSY : -errno;
	return 0;
}

static int lock_job(int fd, const struct ctm_scan_one *one, struct ctm_error *e)
{
	const int r = lock_byte(fd, one->job);

	if (r == -EBUSY)
		return ctm_error_set(e, r,
			"job %s is being downloaded by another \"aria2-ctm run\", or by an aria2c "
			"that one has left behind: wait until it ends, or end it",
			one->sidecar->id);
	return r < 0 ? ctm_error_set(e, r, "cannot lock \"" LOCK_FILE "\": %s", strerror(-r)) : 0;
}

int ctm_run_lock(const struct ctm_state *state, const struct ctm_added *added, struct ctm_error *e)
{
	/* Without O_CLOEXEC: aria2c is to have it. */
	CTM_CLEANUP_FD int fd =
		openat(state->dir_fd, LOCK_FILE, O_RDWR | O_CREAT | O_NOFOLLOW, 0600);
	int r = fd < 0 ? ctm_error_set(e, -errno, "cannot open \"%s/" LOCK_FILE "\": %s",
				 state->dir, strerror(errno))
		       : 0;

	for (int i = 0; r == 0 && i < added->n; i++)
		if (added->ones[i].sidecar)
			r = lock_job(fd, &added->ones[i], e);
	if (r == 0) {
		r = fd;
		fd = -1;
	}
	return r;
}
