/* SPDX-License-Identifier: MIT */
/*
 * inbox.h - where hooks leave their events
 *
 *	<state>/inbox/current   hooks append to it; read in place
 *	<state>/inbox/next      is becoming current, or was it a moment ago
 *	<state>/inbox/old-*     no longer appended to; read, then removed
 *
 * An appender takes a shared lock on the file without waiting, checks that the name still leads to
 * the file that it opened, writes one record, and checks again. A drainer reads the current file
 *from where the last one ended: how far that was is committed together with what was read. When the
 *file has grown large, or has no blocks reserved (a full disk takes events too), it puts a fresh
 *one with a reserve in its place. It removes an old file only if nobody holds it and it has not
 *grown since it was read: an appender that was stopped between its check and its write finds it
 *still there.
 *
 * A record is magic, length, checksum, payload. SIGKILL can tear one and a full disk can cut one
 * short with the next glued to it: the reader goes on at the next magic that is followed by a whole
 * record, also where the torn one's last bytes would have been those of that magic.
 */
#ifndef CTM_INBOX_H
#define CTM_INBOX_H

#include <stdbool.h>
#include <stddef.h>

#include "errors.h"
#include "event.h"
#include "store.h"

#define CTM_INBOX_DIR "inbox"
#define CTM_INBOX_CURRENT "current"

/* Old files that are read at once; what is left over is read by the next drain. */
#define CTM_INBOX_FILES_AT_ONCE 64u

/* The current file, and its size: a place that a record ended at or before. */
struct ctm_inbox_place {
	struct ctm_inbox_identity identity;
	uint64_t end;
};

/*
 * Appends a record. 0: as far as the death of a process goes, it is recorded. 1: it is, in a file
 * that a drainer rotated away meanwhile and may have read before: the caller drains, even if
 * nothing waits in the current file. With 0, *ret_place (NULL allowed) says where it is. -ENOSPC,
 * -EIO ... in *e: it is not recorded. Never waits.
 */
int ctm_inbox_append(int state_fd, const struct ctm_event *event, struct ctm_inbox_place *ret_place,
	struct ctm_error *e);

/* The identity of an open file; all 0 where the file system does not say when it was born. */
struct ctm_inbox_identity ctm_inbox_identify(int fd);

/* The identity of the current file. -ENOENT: there is none. */
int ctm_inbox_current(int state_fd, struct ctm_inbox_identity *ret_identity);

/* Whether something waits in the current file, or could: who looks closer says why that can't be
 * told.
 */
bool ctm_inbox_waits(int state_fd);

struct ctm_inbox_file {
	char name[64]; /* below CTM_INBOX_DIR */
	int fd;        /* -1: it was removed */
	size_t size;   /* as it was read */
	struct ctm_inbox_identity identity;
	bool in_place; /* the current file: it is not removed */
};

/* Where an event stood: in files[file], up to byte `end`. */
struct ctm_inbox_origin {
	size_t file;
	size_t end;
};

/* What was read from the inbox: events in the order of the files, and the files themselves. */
struct ctm_inbox {
	struct ctm_event *events;
	struct ctm_inbox_origin *origins; /* one for each event */
	size_t n_events;
	size_t cap_events;
	struct ctm_inbox_file *files;
	size_t n_files;
	size_t damaged;    /* stretches that are no record: torn by SIGKILL or a full disk */
	size_t unreadable; /* files that could not be read now; the others were */
	bool stuck;        /* the current file is one of those */
};

/*
 * Reads, rotating where need be; the caller holds the state's lock. 0: *inbox is filled, maybe with
 * nothing; negative errno in *e. ctm_inbox_done() either way.
 */
int ctm_inbox_read(int state_fd, struct ctm_inbox *inbox, struct ctm_error *e);

/* Removes the files that were read, after their events were committed. */
void ctm_inbox_remove(int state_fd, struct ctm_inbox *inbox);

/*
 * Whether there is more than was read: in the current file, or in one that could not be removed and
 * has grown. Asked after letting go of the lock: an appender that wrote before that, and did not
 * get the lock, relies on it. What waits in a current file that can't be read is left to the next
 * drain: to try at once and again would never end.
 */
bool ctm_inbox_has_more(int state_fd, const struct ctm_inbox *inbox);

/* Whether a file that could not be removed has grown since it was read. */
bool ctm_inbox_grew(const struct ctm_inbox *inbox);

void ctm_inbox_done(struct ctm_inbox *inbox);

/* The reader of records, for itself: adds the events in the bytes to the inbox. 0 or -ENOMEM. */
int ctm_inbox_parse(struct ctm_inbox *inbox, const unsigned char *data, size_t len);

#endif
