/* SPDX-License-Identifier: MIT */
/*
 * look_internal.h - what the parts of a look share
 */
#ifndef CTM_LOOK_INTERNAL_H
#define CTM_LOOK_INTERNAL_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "errors.h"
#include "look.h"

/*
 * What was looked at must be on stable storage. Each file and directory is synced by itself, which
 * writes nothing that is not the job's. Above so many files, or after so long, one syncfs() for all
 * that remains is cheaper: each sync waits for the disk's own cache, on some for 20 ms.
 */
#define CTM_LOOK_SYNC_EACH 10000u
#define CTM_LOOK_SYNC_PATIENCE 2000u /* ms */

struct ctm_looking {
	const struct ctm_look_request *request;
	struct ctm_look_result *result;
	int root_fd; /* local_path */
	dev_t root_device;
	bool sync_whole;                /* what is on root_device is left to syncfs() at the end */
	bool sync_each;                 /* it can't be, however many there are */
	uint64_t syncing_ms;            /* so long syncs have taken */
	bool elsewhere;                 /* something is on another device */
	bool volume_is_away;            /* of a file that is missing */
	size_t witness;                 /* the file that showed last that a volume is there */
	const struct ctm_file *torrent; /* counted jobs: the last one; NULL: none, or not known */
	uint64_t *named;                /* its request's files by inode, sorted; owned */
	char changed[256]; /* the name of one that is younger than its torrent; "": none is */
};

/*
 * Opens `path` (relative, below dir_fd) for reading without ever leaving dir_fd or following a link
 * in the last part. A descriptor or negative errno: -ELOOP or -EXDEV for a link that is not
 * followed or leads out.
 */
int ctm_look_open_beneath(int dir_fd, const char *path, int flags);

/*
 * One more file that is not right; the first one gives the result its text. What could not be
 * written (CTM_E_WRITE_FAULT) is said by the kernel once: where there is no room to keep that, all
 * files are wrong.
 */
void ctm_look_wrong(struct ctm_looking *l, const struct ctm_file *file, uint32_t hresult,
	const char *format, ...) CTM_PRINTF(4, 5);

/* Nobody can say which file is not right: all of them may be. */
void ctm_look_all_wrong(struct ctm_looking *l, uint32_t hresult, const char *format, ...)
	CTM_PRINTF(3, 4);

/* What a call gave. True: want of memory or of descriptors, for which the look can't tell. */
bool ctm_look_is_short(struct ctm_looking *l, int error);

/*
 * The look can't tell. Wrong findings stand all the same. error: negative errno, 0 where none is
 * the reason.
 */
void ctm_look_cannot_tell(struct ctm_looking *l, uint32_t hresult, int error, const char *format,
	...) CTM_PRINTF(4, 5);

/*
 * Whether a file that is missing may be there again when a volume is mounted: it arrived on another
 * device than local_path is on, or in another boot, and no other file that arrived with it is
 * there.
 */
bool ctm_look_volume_is_away(struct ctm_looking *l, const struct ctm_file *file);

/* Looks at one file; *ret_size is set where it is right. True: it is. */
bool ctm_look_file(struct ctm_looking *l, const struct ctm_file *file, uint64_t *ret_size);

/* Whether it was that long after aria2's latest word of the file, clocks ticking in steps. */
bool ctm_look_is_after(const struct ctm_file *file, const struct timespec *time);

/* Finds the last torrent of a counted job, whose files were looked at. False: it can't be told. */
bool ctm_look_torrents(struct ctm_looking *l);

/* A file that the walk finds, after that. */
void ctm_look_at_other(struct ctm_looking *l, const char *name, const struct stat *st);

/* After the walk, where there are as many files as there should be: one may have changed. */
void ctm_look_judge_others(struct ctm_looking *l);

/* Walks local_path (totals, single): counts its regular files, syncs them. True: it could be told.
 */
bool ctm_look_walk(struct ctm_looking *l, struct ctm_totals *ret_totals);

/*
 * Whether each file, by its name, is still what was seen of it. Where one is not the look can't
 * tell: the next one judges it.
 */
bool ctm_look_again(struct ctm_looking *l);

/*
 * What remains on root_device is left to one syncfs() at the end, where kernel and file system have
 * one that tells what could not be written; elsewhere each is synced by itself, however long that
 * takes. root_fd is open, and older than any descriptor of what is left.
 */
void ctm_look_leave_to_syncfs(struct ctm_looking *l);

/*
 * Syncs what was looked at, or leaves it to ctm_look_sync_rest() and only asks for an error that it
 * had already. 0 or negative errno. A sync that the file system does not offer for that kind of
 * descriptor is no failure.
 */
int ctm_look_sync(struct ctm_looking *l, int fd);

/*
 * Syncs the directories from each file's up to local_path and what has a young name above, and what
 * was left to it. True: done.
 */
bool ctm_look_sync_rest(struct ctm_looking *l);

#endif
