/* SPDX-License-Identifier: MIT */
#include "inbox.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "files.h"
#include "inbox_record.h"
#include "linux_calls.h"
#include "lock.h"

#define CURRENT CTM_INBOX_DIR "/" CTM_INBOX_CURRENT

/* Each try meets another rotation, so more than a few are a sign of something else. */
#define APPEND_TRIES 1000

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

/* A file by its open descriptor ("") or name. 0 or -1 with errno. */
static int look_at(int dir_fd, const char *name, struct statx *ret_file)
{
	const int flags = name[0] ? 0 : AT_EMPTY_PATH;
	struct stat st;

	if (statx(dir_fd, name, flags, STATX_INO | STATX_BTIME | STATX_SIZE, ret_file) == 0)
		return 0;
	/* Some sandboxes do not know statx(): nothing is said of a file's birth then. */
	if (fstatat(dir_fd, name, &st, flags) < 0)
		return -1;
	*ret_file = (struct statx){
		.stx_ino = st.st_ino,
		.stx_dev_major = major(st.st_dev),
		.stx_dev_minor = minor(st.st_dev),
		.stx_size = (uint64_t)st.st_size,
	};
	return 0;
}

/* Whether the name still leads to the open file, and how large that is. */
static bool is_current(int state_fd, const struct statx *open_file, uint64_t *ret_size)
{
	struct statx named;

	if (look_at(state_fd, CURRENT, &named) < 0 || named.stx_ino != open_file->stx_ino ||
		named.stx_dev_major != open_file->stx_dev_major ||
		named.stx_dev_minor != open_file->stx_dev_minor)
		return false;
	*ret_size = named.stx_size;
	return true;
}

/* One try. 1: rotated away while it was written to; -EAGAIN: before that. */
static int try_append(int state_fd, const struct ctm_buf *record, struct ctm_inbox_place *ret_place)
{
	CTM_CLEANUP_LOCK int fd = openat(
		state_fd, CURRENT, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct ctm_inbox_place place;
	struct statx st;
	ssize_t n;

	if (fd < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	/* Only a drainer that is about to remove the file locks it against us. */
	if (flock(fd, LOCK_SH | LOCK_NB) < 0)
		return errno == EWOULDBLOCK || errno == EINTR ? -EAGAIN : -errno;
	if (look_at(fd, "", &st) < 0)
		return -errno;
	if (!is_current(state_fd, &st, &place.end))
		return -EAGAIN;
	/* A short write leaves a torn record, which readers skip: the whole one is written again.
	 */
	do {
		n = write(fd, record->data, record->len);
	} while ((n < 0 && errno == EINTR) || (n > 0 && (size_t)n < record->len));
	if (n <= 0)
		return n < 0 ? -errno : -EIO;
	/* It ends there, or before, if others have appended since. */
	if (!is_current(state_fd, &st, &place.end))
		return 1;
	place.identity = identity_of(&st);
	if (ret_place)
		*ret_place = place;
	return 0;
}

int ctm_inbox_append(int state_fd, const struct ctm_event *event, struct ctm_inbox_place *ret_place)
{
	char bytes[CTM_INBOX_HEADER + CTM_INBOX_PAYLOAD_LIMIT + 1];
	struct ctm_buf record = CTM_BUF_IN(bytes);
	int r;

	ctm_inbox_frame(&record, event);
	r = record.error ? record.error : -EAGAIN;
	for (int i = 0; r == -EAGAIN && i < APPEND_TRIES; i++)
		r = try_append(state_fd, &record, ret_place);
	return r;
}

bool ctm_inbox_waits(int state_fd)
{
	struct stat st;

	if (fstatat(state_fd, CURRENT, &st, 0) < 0)
		return errno != ENOENT;
	return st.st_size > 0;
}
