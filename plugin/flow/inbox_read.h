/* SPDX-License-Identifier: MIT */
/*
 * inbox_read.h - the drainer's side of the inbox (inbox.h)
 *
 * Order of calls, with the state's lock held: ctm_inbox_read(), ctm_inbox_remove() once what was
 * read is committed; after letting go of the lock ctm_inbox_has_more(), then ctm_inbox_done().
 */
#ifndef CTM_INBOX_READ_H
#define CTM_INBOX_READ_H

#include <stdbool.h>
#include <stddef.h>

#include "inbox.h"

/* Old files that are read at once; what is left over is read by the next drain. */
#define CTM_INBOX_FILES_AT_ONCE 64u

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
