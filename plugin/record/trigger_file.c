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

#define MAGIC UINT64_C(0x43544d5452494731) /* "CTMTRIG1" */
#define NEW CTM_TRIGGER_FILE ".new"

/* The header's words; the last one is the checksum of those before it. */
enum word {
	WORD_MAGIC,
	WORD_CAPACITY,
	WORD_BOOT,
	WORD_BOUND,
	WORD_INODE,
	WORD_BORN,
	WORD_BASE,
	WORD_SIDECARS,
	WORD_DEADLINE,
	WORD_EAGER,
	WORD_CHECK,
	WORDS,
};

#define LENGTHS_AT 512u
#define ENTRIES_AT (LENGTHS_AT + CTM_TRIGGER_PATH_LIMIT / 8)
_Static_assert(ENTRIES_AT == CTM_TRIGGER_START_LEAST, "the start has all but the entries");

/* An entry: hash, trigger, job; a hash of 0 is none. */
#define ENTRY 32u
#define TRIGGER_AT 8u
#define JOB_AT 16u

/* So many entries are looked at from where the hash points; they don't wrap around. */
#define WINDOW 16u
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

static int read_at(int fd, void *to, size_t len, uint64_t at)
{
	ssize_t n = pread(fd, to, len, (off_t)at);

	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EBADMSG;
}

static int write_at(int fd, const void *from, size_t len, uint64_t at)
{
	ssize_t n = pwrite(fd, from, len, (off_t)at);

	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO;
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

static int add_length(int fd, size_t len)
{
	const uint64_t at = LENGTHS_AT + len / 8;
	unsigned char bits;
	int r = read_at(fd, &bits, 1, at);

	if (r < 0 || bits >> (len % 8) & 1)
		return r;
	bits = (unsigned char)(bits | 1U << (len % 8));
	return write_at(fd, &bits, 1, at);
}

/* Where the window of a hash begins; no entry has the hash 0. */
static uint64_t window_at(uint64_t capacity, uint64_t hash)
{
	return ENTRIES_AT + (hash & (capacity - 1)) * ENTRY;
}

static uint64_t key_of(uint64_t hash)
{
	return hash ? hash : 1;
}

/*
 * The entry of that key in a window: its index. -ENOENT: there is none, *ret_free is the first free
 * one, WINDOW where there is none.
 */
static int find(const unsigned char *window, uint64_t key, size_t *ret_free)
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

/* Reads the window of a hash, and finds the entry in it. */
static int find_in(int fd, uint64_t capacity, uint64_t hash, unsigned char window[WINDOW * ENTRY],
	size_t *ret_free)
{
	int r = read_at(fd, window, WINDOW * ENTRY, window_at(capacity, hash));

	return r < 0 ? r : find(window, key_of(hash), ret_free);
}

int ctm_trigger_get(int fd, const struct ctm_trigger_start *start,
	const struct ctm_trigger_header *header, uint64_t hash, uint64_t *ret_trigger)
{
	const uint64_t at = window_at(header->capacity, hash);
	unsigned char asked[WINDOW * ENTRY];
	const unsigned char *window = asked;
	size_t free_one;
	int i;

	if (at + sizeof asked <= start->len) {
		window = start->bytes + at;
	} else {
		int r = read_at(fd, asked, sizeof asked, at);

		if (r < 0)
			return r;
	}
	i = find(window, key_of(hash), &free_one);
	*ret_trigger =
		i < 0 ? CTM_TRIGGER_NEVER : ctm_get_u64(window + (size_t)i * ENTRY + TRIGGER_AT);
	return 0;
}

static int write_word(int fd, uint64_t at, uint64_t value)
{
	unsigned char bytes[8];

	ctm_put_u64(bytes, value);
	return write_at(fd, bytes, sizeof bytes, at);
}

int ctm_trigger_set(int fd, const struct ctm_trigger_header *header, uint32_t job, uint64_t hash,
	uint64_t trigger)
{
	unsigned char window[WINDOW * ENTRY];
	size_t free_one = WINDOW;
	int i = find_in(fd, header->capacity, hash, window, &free_one);

	if (i < 0)
		return i == -ENOENT ? 0 : i;
	if (ctm_get_u64(window + (size_t)i * ENTRY + JOB_AT) != job)
		return 0;
	return write_word(
		fd, window_at(header->capacity, hash) + (size_t)i * ENTRY + TRIGGER_AT, trigger);
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
	const uint64_t at = window_at(capacity, hash);
	size_t free_one = WINDOW;
	int i = find_in(fd, capacity, hash, window, &free_one);

	if (i >= 0)
		return lower_found(fd, at + (size_t)i * ENTRY, window + (size_t)i * ENTRY, job);
	if (i != -ENOENT)
		return i;
	if (free_one == WINDOW)
		return -EXFULL;
	return add_entry(fd, at + free_one * ENTRY, key_of(hash), CTM_TRIGGER_ALWAYS, job);
}

/* Copies what is still of use into a larger table. False: not even there is room. */
static bool spread(
	const unsigned char *from, uint64_t entries, unsigned char *to, uint64_t capacity)
{
	for (uint64_t i = 0; i < entries; i++) {
		const unsigned char *entry = from + i * ENTRY;
		const uint64_t key = ctm_get_u64(entry);
		unsigned char *window = to + window_at(capacity, key);
		size_t free_one = WINDOW;

		if (!key || ctm_get_u64(entry + TRIGGER_AT) == CTM_TRIGGER_NEVER)
			continue;
		(void)find(window, key, &free_one);
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
	int r = old ? read_at(*fd, old, bytes, 0) : -ENOMEM;
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
