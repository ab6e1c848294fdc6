/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "files.h"
#include "hash.h"
#include "pack.h"
#include "trigger_layout.h"

static uint64_t word(const unsigned char *from, enum word which)
{
	return ctm_get_u64(from + 8 * (size_t)which);
}

static bool unpack(const unsigned char *from, struct ctm_trigger_header *ret_header)
{
	*ret_header = (struct ctm_trigger_header){
		.capacity = word(from, WORD_CAPACITY),
		.boot = word(from, WORD_BOOT),
		.bound = word(from, WORD_BOUND),
		.inbox = {word(from, WORD_INODE), word(from, WORD_BORN)},
		.base = word(from, WORD_BASE),
		.sidecars_mtime = word(from, WORD_SIDECARS),
		.deadline_ms = word(from, WORD_DEADLINE),
		.eager = word(from, WORD_EAGER),
	};
	return word(from, WORD_MAGIC) == MAGIC &&
	       word(from, WORD_CHECK) == ctm_hash(from, 8 * WORD_CHECK);
}

int ctm_trigger_read_at(int fd, void *to, size_t len, uint64_t at)
{
	ssize_t n = pread(fd, to, len, (off_t)at);

	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EBADMSG;
}

static int read_start(
	int fd, struct ctm_trigger_header *ret_header, struct ctm_trigger_start *ret_start)
{
	const ssize_t n = pread(fd, ret_start->bytes, sizeof ret_start->bytes, 0);

	if (n < 0)
		return -errno;
	ret_start->len = (size_t)n;
	return (size_t)n >= ENTRIES_AT && unpack(ret_start->bytes, ret_header) ? 0 : -EBADMSG;
}

static int open_file(int state_fd, int flags, struct ctm_trigger_header *ret_header,
	struct ctm_trigger_start *ret_start)
{
	int fd = openat(state_fd, CTM_TRIGGER_FILE, flags | O_CLOEXEC | O_NOFOLLOW);
	int r;

	if (fd < 0)
		return -errno;
	r = read_start(fd, ret_header, ret_start);
	if (r < 0) {
		ctm_close_fd(&fd);
		return r;
	}
	return fd;
}

int ctm_trigger_open(int state_fd, int flags, struct ctm_trigger_header *ret_header)
{
	struct ctm_trigger_start start;

	return open_file(state_fd, flags, ret_header, &start);
}

int ctm_trigger_open_to_read(
	int state_fd, struct ctm_trigger_header *ret_header, struct ctm_trigger_start *ret_start)
{
	return open_file(state_fd, O_RDONLY, ret_header, ret_start);
}

size_t ctm_trigger_longest(const struct ctm_trigger_start *start)
{
	size_t bytes = CTM_TRIGGER_PATH_LIMIT / 8;

	while (bytes && !start->bytes[LENGTHS_AT + bytes - 1])
		bytes--;
	return bytes ? bytes * 8 - 1 : 0;
}

bool ctm_trigger_has_length(const struct ctm_trigger_start *start, size_t len)
{
	return len < CTM_TRIGGER_PATH_LIMIT && start->bytes[LENGTHS_AT + len / 8] >> (len % 8) & 1;
}

int ctm_trigger_find(const unsigned char *window, uint64_t key, size_t *ret_free)
{
	for (size_t i = 0; i < WINDOW; i++) {
		const uint64_t found = ctm_get_u64(window + i * ENTRY);

		if (found == key)
			return (int)i;
		if (!found) {
			*ret_free = i;
			return -ENOENT;
		}
	}
	*ret_free = WINDOW;
	return -ENOENT;
}

int ctm_trigger_get(int fd, const struct ctm_trigger_start *start,
	const struct ctm_trigger_header *header, uint64_t hash, struct ctm_trigger *ret_trigger)
{
	const uint64_t at = ctm_trigger_window_at(header->capacity, hash);
	unsigned char asked[WINDOW * ENTRY];
	const unsigned char *window = asked;
	size_t free_one;
	int i;

	if (at + sizeof asked <= start->len) {
		window = start->bytes + at;
	} else {
		int r = ctm_trigger_read_at(fd, asked, sizeof asked, at);

		if (r < 0)
			return r;
	}
	i = ctm_trigger_find(window, ctm_trigger_key_of(hash), &free_one);
	*ret_trigger = (struct ctm_trigger){.at = CTM_TRIGGER_NEVER};
	if (i >= 0)
		*ret_trigger = (struct ctm_trigger){
			.at = ctm_get_u64(window + (size_t)i * ENTRY + TRIGGER_AT),
			.missing = ctm_get_u64(window + (size_t)i * ENTRY + MISSING_AT),
		};
	return 0;
}
