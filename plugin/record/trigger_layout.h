/* SPDX-License-Identifier: MIT */
/*
 * trigger_layout.h - what trigger_read.c, which a hook has, and trigger_file.c know of the bytes
 */
#ifndef CTM_TRIGGER_LAYOUT_H
#define CTM_TRIGGER_LAYOUT_H

#include "trigger_file.h"

#define MAGIC UINT64_C(0x43544d5452494732) /* "CTMTRIG2": entries of 1 have no MISSING */

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

/* An entry: hash, trigger, job, missing; a hash of 0 is none. */
#define ENTRY 32u
#define TRIGGER_AT 8u
#define JOB_AT 16u
#define MISSING_AT 24u

/* So many entries are looked at from where the hash points; they don't wrap around. */
#define WINDOW 16u

/* Where the window of a hash begins; no entry has the hash 0. */
static inline uint64_t ctm_trigger_window_at(uint64_t capacity, uint64_t hash)
{
	return ENTRIES_AT + (hash & (capacity - 1)) * ENTRY;
}

static inline uint64_t ctm_trigger_key_of(uint64_t hash)
{
	return hash ? hash : 1;
}

/* All len bytes from there. 0; -EBADMSG: there are not so many; other negative errno. */
int ctm_trigger_read_at(int fd, void *to, size_t len, uint64_t at);

/*
 * The entry of that key in a window: its index. -ENOENT: there is none, *ret_free is the first free
 * one, WINDOW where there is none.
 */
int ctm_trigger_find(const unsigned char *window, uint64_t key, size_t *ret_free);

#endif
