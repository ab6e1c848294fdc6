/* SPDX-License-Identifier: MIT */
#include "trigger_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "files.h"
#include "hash.h"
#include "pack.h"
#include "trigger_layout.h"

#define NEW CTM_TRIGGER_FILE ".new"

#define FIRST_CAPACITY 128u
#define CAPACITY_LIMIT (UINT64_C(1) << 24)

/* More than one open job has that local_path: it is left at CTM_TRIGGER_ALWAYS. */
#define SHARED UINT64_MAX

static void pack(unsigned char *to, const struct ctm_trigger_header *h)
{
	const uint64_t words[WORD_CHECK] = {
		[WORD_MAGIC] = MAGIC,
		[WORD_CAPACITY] = h->capacity,
		[WORD_BOOT] = h->boot,
		[WORD_BOUND] = h->bound,
		[WORD_INODE] = h->inbox.inode,
		[WORD_BORN] = h->inbox.born_ns,
		[WORD_BASE] = h->base,
		[WORD_SIDECARS] = h->sidecars_mtime,
		[WORD_DEADLINE] = h->deadline_ms,
		[WORD_EAGER] = h->eager,
	};

	for (size_t i = 0; i < WORD_CHECK; i++)
		ctm_put_u64(to + 8 * i, words[i]);
	ctm_put_u64(to + 8 * WORD_CHECK, ctm_hash(to, 8 * WORD_CHECK));
}

static int write_at(int fd, const void *from, size_t len, uint64_t at)
{
	ssize_t n = pwrite(fd, from, len, (off_t)at);

	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
}

static uint64_t bytes_of(uint64_t capacity)
{
	return ENTRIES_AT + (capacity + WINDOW) * ENTRY;
}

static int make(int state_fd, const unsigned char *bytes, size_t len)
{
	CTM_CLEANUP_FD int fd =
		openat(state_fd, NEW, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	int made;
	int r;

	if (fd < 0)
		return -errno;
	r = write_at(fd, bytes, len, 0);
	if (r == 0 && renameat(state_fd, NEW, state_fd, CTM_TRIGGER_FILE) < 0)
		r = -errno;
	if (r < 0) {
		unlinkat(state_fd, NEW, 0);
		return r;
	}
	made = fd;
	fd = -1;
	return made;
}

int ctm_trigger_make(int state_fd, const struct ctm_trigger_header *header)
{
	struct ctm_trigger_header h = *header;
	unsigned char *bytes;
	int fd;

	h.capacity = FIRST_CAPACITY;
	bytes = calloc(1, bytes_of(h.capacity));
	if (!bytes)
		return -ENOMEM;
	pack(bytes, &h);
	fd = make(state_fd, bytes, bytes_of(h.capacity));
	free(bytes);
	return fd;
}

int ctm_trigger_write_header(int fd, const struct ctm_trigger_header *header)
{
	unsigned char bytes[8 * WORDS];

	pack(bytes, header);
	return write_at(fd, bytes, sizeof bytes, 0);
}

static int add_length(int fd, size_t len)
{
	const uint64_t at = LENGTHS_AT + len / 8;
	unsigned char bits;
	int r = ctm_trigger_read_at(fd, &bits, 1, at);

	if (r < 0 || bits >> (len % 8) & 1)
		return r;
	bits = (unsigned char)(bits | 1U << (len % 8));
	return write_at(fd, &bits, 1, at);
}

/* Reads the window of a hash, and finds the entry in it. */
static int find_in(int fd, uint64_t capacity, uint64_t hash, unsigned char window[WINDOW * ENTRY],
	size_t *ret_free)
{
	int r = ctm_trigger_read_at(
		fd, window, WINDOW * ENTRY, ctm_trigger_window_at(capacity, hash));

	return r < 0 ? r : ctm_trigger_find(window, ctm_trigger_key_of(hash), ret_free);
}

static int write_word(int fd, uint64_t at, uint64_t value)
{
	unsigned char bytes[8];

	ctm_put_u64(bytes, value);
	return write_at(fd, bytes, sizeof bytes, at);
}

static bool says(const unsigned char *entry, const struct ctm_trigger *trigger)
{
	return ctm_get_u64(entry + MISSING_AT) == trigger->missing &&
	       ctm_get_u64(entry + TRIGGER_AT) == trigger->at;
}

/* What is missing goes first: it means nothing while the trigger is CTM_TRIGGER_ALWAYS. */
int ctm_trigger_set(int fd, const struct ctm_trigger_header *header, uint32_t job, uint64_t hash,
	const struct ctm_trigger *trigger)
{
	unsigned char window[WINDOW * ENTRY];
	size_t free_one = WINDOW;
	int i = find_in(fd, header->capacity, hash, window, &free_one);
	uint64_t at;
	int r;

	if (i < 0)
		return i == -ENOENT ? 0 : i;
	if (ctm_get_u64(window + (size_t)i * ENTRY + JOB_AT) != job ||
		says(window + (size_t)i * ENTRY, trigger))
		return 0;
	at = ctm_trigger_window_at(header->capacity, hash) + (size_t)i * ENTRY;
	r = write_word(fd, at + MISSING_AT, trigger->missing);
	return r < 0 ? r : write_word(fd, at + TRIGGER_AT, trigger->at);
}

/* What an entry becomes where `job` has its local_path too, or is the one that it was of. */
static int lower_found(int fd, uint64_t at, const unsigned char *entry, uint32_t job)
{
	const uint64_t trigger = ctm_get_u64(entry + TRIGGER_AT);
	const uint64_t owner = ctm_get_u64(entry + JOB_AT);
	const uint64_t now = owner == job || trigger == CTM_TRIGGER_NEVER ? job : SHARED;
	int r = trigger == CTM_TRIGGER_ALWAYS ? 0
					      : write_word(fd, at + TRIGGER_AT, CTM_TRIGGER_ALWAYS);

	return r < 0 || owner == now ? r : write_word(fd, at + JOB_AT, now);
}

/* The hash comes last: an entry is there when it is whole. */
static int add_entry(int fd, uint64_t at, uint64_t key, uint64_t trigger, uint64_t job)
{
	int r = write_word(fd, at + TRIGGER_AT, trigger);

	if (r == 0)
		r = write_word(fd, at + JOB_AT, job);
	return r < 0 ? r : write_word(fd, at, key);
}

static int lower(int fd, uint64_t capacity, uint32_t job, uint64_t hash)
{
	unsigned char window[WINDOW * ENTRY];
	const uint64_t at = ctm_trigger_window_at(capacity, hash);
	size_t free_one = WINDOW;
	int i = find_in(fd, capacity, hash, window, &free_one);

	if (i >= 0)
		return lower_found(fd, at + (size_t)i * ENTRY, window + (size_t)i * ENTRY, job);
	if (i != -ENOENT)
		return i;
	if (free_one == WINDOW)
		return -EXFULL;
	return add_entry(
		fd, at + free_one * ENTRY, ctm_trigger_key_of(hash), CTM_TRIGGER_ALWAYS, job);
}

/* Copies what is still of use into a larger table. False: not even there is room. */
static bool spread(
	const unsigned char *from, uint64_t entries, unsigned char *to, uint64_t capacity)
{
	for (uint64_t i = 0; i < entries; i++) {
		const unsigned char *entry = from + i * ENTRY;
		const uint64_t key = ctm_get_u64(entry);
		unsigned char *window = to + ctm_trigger_window_at(capacity, key);
		size_t free_one = WINDOW;

		if (!key || ctm_get_u64(entry + TRIGGER_AT) == CTM_TRIGGER_NEVER)
			continue;
		(void)ctm_trigger_find(window, key, &free_one);
		if (free_one == WINDOW)
			return false;
		memcpy(window + free_one * ENTRY, entry, ENTRY);
	}
	return true;
}

/* One of `capacity` with what the other has. -EXFULL: there is no room either. */
static int make_larger(int state_fd, const unsigned char *old, struct ctm_trigger_header *header,
	uint64_t capacity)
{
	struct ctm_trigger_header h = *header;
	unsigned char *bytes = capacity <= CAPACITY_LIMIT ? calloc(1, bytes_of(capacity)) : NULL;
	int fd = bytes ? -EXFULL : -ENOMEM;

	h.capacity = capacity;
	if (bytes && spread(old + ENTRIES_AT, header->capacity + WINDOW, bytes, capacity)) {
		memcpy(bytes, old, ENTRIES_AT);
		pack(bytes, &h);
		fd = make(state_fd, bytes, bytes_of(capacity));
	}
	free(bytes);
	if (fd >= 0)
		*header = h;
	return fd;
}

static int enlarge(int state_fd, int *fd, struct ctm_trigger_header *header)
{
	const uint64_t bytes = bytes_of(header->capacity);
	unsigned char *old = malloc(bytes);
	int r = old ? ctm_trigger_read_at(*fd, old, bytes, 0) : -ENOMEM;
	int made = r < 0 ? r : -EXFULL;

	for (uint64_t capacity = header->capacity * 2; made == -EXFULL; capacity *= 2)
		made = make_larger(state_fd, old, header, capacity);
	free(old);
	if (made < 0)
		return made;
	ctm_close_fd(fd);
	*fd = made;
	return 0;
}

int ctm_trigger_lower(int state_fd, int *fd, struct ctm_trigger_header *header, uint32_t job,
	uint64_t hash, size_t len)
{
	int r = len < CTM_TRIGGER_PATH_LIMIT ? add_length(*fd, len) : -ENAMETOOLONG;

	if (r == 0)
		r = lower(*fd, header->capacity, job, hash);
	for (int i = 0; r == -EXFULL && i < 8; i++) {
		r = enlarge(state_fd, fd, header);
		if (r == 0)
			r = lower(*fd, header->capacity, job, hash);
	}
	return r;
}
