/* SPDX-License-Identifier: MIT */
/*
 * event.h - one call of an aria2 hook
 */
#ifndef CTM_EVENT_H
#define CTM_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "pack.h"

enum ctm_event_type {
	CTM_EVENT_START = 1,
	CTM_EVENT_PAUSE = 2,
	CTM_EVENT_STOP = 3,
	CTM_EVENT_COMPLETE = 4,
	CTM_EVENT_ERROR = 5,
	CTM_EVENT_BT_COMPLETE = 6,
};

/* The file as the hook saw it: what was there when aria2 spoke can be told from what came later. */
struct ctm_sight {
	bool known;  /* false: there was no regular file, or it could not be looked at */
	bool absent; /* there surely was nothing; only if not known */
	uint64_t inode;
	uint64_t size;
	int64_t mtime_ns; /* since 1970 */
	int64_t ctime_ns;
};

struct ctm_event {
	enum ctm_event_type type;
	uint64_t gid;
	uint32_t n_files; /* selected files of the download; 0: metadata */
	char *path;       /* canonical path of the first one; "" where aria2 gave none */
	uint64_t device;  /* st_dev of its directory, 0: unknown */
	int64_t wall_ms;  /* when the hook ran */
	bool undated; /* not of a hook: aria2 was asked, and it may be long past; not recorded */
	int64_t repeats_ms;       /* when aria2 said the same before, at bt-complete; 0: it did not;
				     neither is recorded */
	int64_t repeats_ctime_ns; /* the file's ctime then */
	struct ctm_sight sight;
};

/* "on-download-complete" and its five siblings. False: no such hook. */
bool ctm_event_type_from_hook(const char *name, enum ctm_event_type *ret_type);
const char *ctm_event_hook_name(enum ctm_event_type type);

/* Whether the event is aria2's word that the download is there (and it is not mere metadata). */
bool ctm_event_is_evidence(const struct ctm_event *event);

/*
 * Whether it can be no more than that for one file: errors and stops are causes or questions, and a
 * torrent can complete many files at once.
 */
bool ctm_event_is_evidence_at_most(const struct ctm_event *event);

/* Whether it may mean something to a job that is not known yet: evidence, or an error. */
bool ctm_event_is_news(const struct ctm_event *event);

/* Whether both saw the same file in the same state; what nobody could see is never the same. */
bool ctm_sight_is_same(const struct ctm_sight *a, const struct ctm_sight *b);

/*
 * Whether `sight` is of a file that was written since `than`: of another one, or of one that was
 * touched later. What nobody could see is no such thing; nor is what a crash took back to an older
 * state.
 */
bool ctm_sight_is_newer(const struct ctm_sight *sight, const struct ctm_sight *than);

/* A sight as a part of records. */
void ctm_sight_pack(struct ctm_buf *b, const struct ctm_sight *sight);
struct ctm_sight ctm_sight_unpack(struct ctm_view *v);

/* A record of it; the buffer's error sticks. */
void ctm_event_pack(struct ctm_buf *b, const struct ctm_event *event);

/* 0; -EBADMSG: not a record; -ENOMEM. The caller calls ctm_event_done(). */
int ctm_event_unpack(const void *data, size_t len, struct ctm_event *ret_event);
void ctm_event_done(struct ctm_event *event);

/*
 * The same without a copy: the event has no path, *ret_path are its bytes in the record, not
 * NUL-terminated, *ret_len of them. 0 or -EBADMSG.
 */
int ctm_event_peek(const void *data, size_t len, struct ctm_event *ret_event, const char **ret_path,
	size_t *ret_len);

#endif
