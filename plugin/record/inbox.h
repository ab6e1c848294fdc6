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
 * from where the last one ended: how far that was is committed together with what was read. When
 * the file has grown large, or has no blocks reserved (a full disk takes events too), it puts a
 * fresh one with a reserve in its place. It removes an old file only if nobody holds it and it has
 * not grown since it was read: an appender that was stopped between its check and its write finds
 * it still there.
 *
 * A record is magic, length, checksum, payload. SIGKILL can tear one and a full disk can cut one
 * short with the next glued to it: the reader goes on at the next magic that is followed by a whole
 * record, also where the torn one's last bytes would have been those of that magic.
 */
#ifndef CTM_INBOX_H
#define CTM_INBOX_H

#include <stdbool.h>
#include <stdint.h>

#include "errors.h"
#include "event.h"
#include "inbox_identity.h"

#define CTM_INBOX_DIR "inbox"
#define CTM_INBOX_CURRENT "current"

/* The current file, and its size: a place that a record ended at or before. */
struct ctm_inbox_place {
	struct ctm_inbox_identity identity;
	uint64_t end;
};

/*
 * Appends a record. 0: as far as the death of a process goes, it is recorded. 1: it is, in a file
 * that a drainer rotated away meanwhile and may have read before: the caller drains, even if
 * nothing waits in the current file. With 0, *ret_place (NULL allowed) says where it is. -ENOSPC,
 * -EIO ...: it is not recorded. Never waits.
 */
int ctm_inbox_append(
	int state_fd, const struct ctm_event *event, struct ctm_inbox_place *ret_place);

/* The identity of an open file; all 0 where the file system does not say when it was born. */
struct ctm_inbox_identity ctm_inbox_identify(int fd);

/* The identity of the current file. -ENOENT: there is none. */
int ctm_inbox_current(int state_fd, struct ctm_inbox_identity *ret_identity);

/* Whether something waits in the current file, or could: who looks closer says why that can't be
 * told.
 */
bool ctm_inbox_waits(int state_fd);

#endif
