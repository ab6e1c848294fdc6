/* SPDX-License-Identifier: MIT */
/*
 * trigger_file.h - the bytes of <state>/triggers
 *
 * A header with a checksum, a set of the lengths that local_paths have, and a hash table of
 * entries, one for each local_path. A word of an entry is written in one piece, and goes from 0 to
 * its value and back to 0, so a reader that meets a write half done takes it for too small: it
 * drains. The header's checksum tells such a reader of that.
 *
 * Errors: negative errno; -EBADMSG: it is not such a file, or not whole.
 */
#ifndef CTM_TRIGGER_FILE_H
#define CTM_TRIGGER_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "inbox_identity.h"

#define CTM_TRIGGER_FILE "triggers"

#define CTM_TRIGGER_ALWAYS UINT64_C(0)
#define CTM_TRIGGER_NEVER UINT64_MAX

struct ctm_trigger_header {
	uint64_t capacity; /* of the hash table, a power of two */
	uint64_t boot;     /* ctm_stamp's: it means nothing in another one */
	bool bound;        /* positions are those of this file: */
	struct ctm_inbox_identity inbox;
	uint64_t base;           /* the position of that file's first byte */
	uint64_t sidecars_mtime; /* of [sidecar] dir when it was last scanned */
	uint64_t deadline_ms;    /* by ctm_clock_boot_ms(): no job's time is over before that */
	bool eager; /* some job wants to know of each event, also where that names no file */
};

/* A local_path is shorter. */
#define CTM_TRIGGER_PATH_LIMIT 4096u

/* The file's first bytes: all of a small one, so that who only reads need not ask again. */
#define CTM_TRIGGER_START_LEAST 1024u /* bytes: header and lengths */
#define CTM_TRIGGER_START 5632u
struct ctm_trigger_start {
	unsigned char bytes[CTM_TRIGGER_START];
	size_t len;
};

/* Opens, and reads its start. A descriptor, closed by the caller; -ENOENT. */
int ctm_trigger_open(int state_fd, int flags, struct ctm_trigger_header *ret_header);

/* The same for who only reads, who gets what was read. */
int ctm_trigger_open_to_read(
	int state_fd, struct ctm_trigger_header *ret_header, struct ctm_trigger_start *ret_start);

/* Makes an empty one in the place of what is there, and opens it. A descriptor. */
int ctm_trigger_make(int state_fd, const struct ctm_trigger_header *header);

int ctm_trigger_write_header(int fd, const struct ctm_trigger_header *header);

/* No local_path is longer. */
size_t ctm_trigger_longest(const struct ctm_trigger_start *start);
bool ctm_trigger_has_length(const struct ctm_trigger_start *start, size_t len);

struct ctm_trigger {
	uint64_t at;      /* a position of the inbox, or one of the two above */
	uint64_t missing; /* files, which the job lacked so many of their least records before `at`
			   */
};

/* The trigger of what hashes to that; at CTM_TRIGGER_NEVER where there is none. */
int ctm_trigger_get(int fd, const struct ctm_trigger_start *start,
	const struct ctm_trigger_header *header, uint64_t hash, struct ctm_trigger *ret_trigger);

/*
 * Sets the one that is there, if it is that job's. One that jobs share stays at CTM_TRIGGER_ALWAYS.
 */
int ctm_trigger_set(int fd, const struct ctm_trigger_header *header, uint32_t job, uint64_t hash,
	const struct ctm_trigger *trigger);

/*
 * CTM_TRIGGER_ALWAYS for a job's local_path of that length and hash, which is added where need be.
 * Where there is no room the file is replaced by a larger one: *fd and *header change.
 */
int ctm_trigger_lower(int state_fd, int *fd, struct ctm_trigger_header *header, uint32_t job,
	uint64_t hash, size_t len);

#endif
