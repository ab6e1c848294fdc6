/* SPDX-License-Identifier: MIT */
#include "inbox_count.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "inbox_record.h"
#include "pack.h"

/* The bytes of that very file. */
static int read_current(int state_fd, const struct ctm_inbox_place *place, uint64_t from,
	unsigned char *bytes, size_t len)
{
	CTM_CLEANUP_FD int fd = openat(
		state_fd, CTM_INBOX_DIR "/" CTM_INBOX_CURRENT, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct ctm_inbox_identity identity;
	ssize_t n;

	if (fd < 0)
		return -errno;
	identity = ctm_inbox_identify(fd);
	if (identity.inode != place->identity.inode || identity.born_ns != place->identity.born_ns)
		return -ESTALE;
	n = pread(fd, bytes, len, (off_t)from);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EBADMSG;
}

static bool is_below(const char *path, size_t path_len, const char *dir, size_t len)
{
	return path_len > len && memcmp(path, dir, len) == 0 &&
	       (dir[len - 1] == '/' || path[len] == '/');
}

/*
 * The event at data, whose record is *ret_len long: 1 if it is below, 0 if not. Without the
 * checksum, which costs more than all else: one that was cut short has others in its path, with
 * their NULs.
 */
static int count_one(
	const unsigned char *data, size_t left, const char *dir, size_t len, size_t *ret_len)
{
	struct ctm_event event;
	const char *path;
	size_t path_len;
	size_t payload;

	if (left < CTM_INBOX_HEADER || ctm_get_u32(data) != CTM_INBOX_MAGIC)
		return -EBADMSG;
	payload = ctm_get_u32(data + 4);
	if (payload > left - CTM_INBOX_HEADER ||
		ctm_event_peek(data + CTM_INBOX_HEADER, payload, &event, &path, &path_len) < 0)
		return -EBADMSG;
	*ret_len = CTM_INBOX_HEADER + payload;
	if (!ctm_event_is_evidence_at_most(&event))
		return -EXFULL;
	return is_below(path, path_len, dir, len);
}

int ctm_inbox_count(int state_fd, const struct ctm_inbox_place *place, uint64_t from,
	const char *dir, size_t len, uint64_t *ret_n)
{
	unsigned char bytes[CTM_INBOX_COUNT_LIMIT];
	const size_t all = from <= place->end ? (size_t)(place->end - from) : 0;
	uint64_t n = 0;
	int r = all && all <= sizeof bytes ? read_current(state_fd, place, from, bytes, all)
					   : -EINVAL;

	for (size_t at = 0, record = 0; r >= 0 && at < all; at += record) {
		r = count_one(bytes + at, all - at, dir, len, &record);
		if (r > 0)
			n++;
	}
	if (r < 0)
		return r;
	*ret_n = n;
	return 0;
}
