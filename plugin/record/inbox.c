/* SPDX-License-Identifier: MIT */
#include "inbox.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "inbox_record.h"
#include "lock.h"

#define CURRENT CTM_INBOX_DIR "/" CTM_INBOX_CURRENT

/* Each try meets another rotation, so more than a few are a sign of something else. */
#define APPEND_TRIES 1000

/* Whether the name still leads to the open file. */
static bool is_current(int state_fd, int fd)
{
	struct stat open_file;
	struct stat named;

	return fstat(fd, &open_file) == 0 && fstatat(state_fd, CURRENT, &named, 0) == 0 &&
	       open_file.st_ino == named.st_ino && open_file.st_dev == named.st_dev;
}

static struct ctm_inbox_identity identity_of(const struct statx *st)
{
	if (!(st->stx_mask & STATX_BTIME))
		return (struct ctm_inbox_identity){0};
	return (struct ctm_inbox_identity){
		.inode = st->stx_ino,
		.born_ns = (uint64_t)st->stx_btime.tv_sec * 1000000000U + st->stx_btime.tv_nsec,
	};
}

struct ctm_inbox_identity ctm_inbox_identify(int fd)
{
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &st) < 0)
		return (struct ctm_inbox_identity){0};
	return identity_of(&st);
}

int ctm_inbox_current(int state_fd, struct ctm_inbox_identity *ret_identity)
{
	struct statx st;

	if (statx(state_fd, CURRENT, AT_SYMLINK_NOFOLLOW, STATX_INO | STATX_BTIME, &st) < 0)
		return -errno;
	*ret_identity = identity_of(&st);
	return 0;
}

/* Where it ends that was appended: not before its record does. */
static struct ctm_inbox_place place_of(int fd)
{
	struct statx st;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME | STATX_SIZE, &st) < 0)
		return (struct ctm_inbox_place){0};
	return (struct ctm_inbox_place){identity_of(&st), st.stx_size};
}

/* One try. 1: rotated away while it was written to; -EAGAIN: before that. */
static int try_append(int state_fd, const struct ctm_buf *record, struct ctm_inbox_place *ret_place)
{
	CTM_CLEANUP_LOCK int fd = openat(
		state_fd, CURRENT, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	ssize_t n;

	if (fd < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	/* Only a drainer that is about to remove the file locks it against us. */
	if (flock(fd, LOCK_SH | LOCK_NB) < 0)
		return errno == EWOULDBLOCK || errno == EINTR ? -EAGAIN : -errno;
	if (!is_current(state_fd, fd))
		return -EAGAIN;
	/* A short write leaves a torn record, which readers skip: the whole one is written again.
	 */
	do {
		n = write(fd, record->data, record->len);
	} while ((n < 0 && errno == EINTR) || (n > 0 && (size_t)n < record->len));
	if (n <= 0)
		return n < 0 ? -errno : -EIO;
	if (!is_current(state_fd, fd))
		return 1;
	if (ret_place)
		*ret_place = place_of(fd);
	return 0;
}

int ctm_inbox_append(int state_fd, const struct ctm_event *event, struct ctm_inbox_place *ret_place,
	struct ctm_error *e)
{
	CTM_CLEANUP_BUF struct ctm_buf record =
		CTM_BUF_INIT(CTM_INBOX_HEADER + CTM_INBOX_PAYLOAD_LIMIT);
	int r;

	ctm_inbox_frame(&record, event);
	r = record.error ? record.error : -EAGAIN;
	for (int i = 0; r == -EAGAIN && i < APPEND_TRIES; i++)
		r = try_append(state_fd, &record, ret_place);
	if (r < 0)
		return ctm_error_set(e, r, "cannot append to the inbox: %s", strerror(-r));
	return r;
}

bool ctm_inbox_waits(int state_fd)
{
	struct stat st;

	if (fstatat(state_fd, CURRENT, &st, 0) < 0)
		return errno != ENOENT;
	return st.st_size > 0;
}
