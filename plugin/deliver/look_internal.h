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

/* Above so many files one syncfs() is cheaper than a sync each. */
#define CTM_LOOK_SYNC_EACH 10000u

struct ctm_looking {
	const struct ctm_look_request *request;
	struct ctm_look_result *result;
	int root_fd; /* local_path */
	dev_t root_device;
	bool sync_each;
	bool volume_is_away; /* of a file that is missing */
	size_t witness;      /* the file that showed last that a volume is there */
};

/*
 * Opens `path` (relative, below dir_fd) for reading without ever leaving dir_fd or following a link
 * in the last part. A descriptor or negative errno: -ELOOP or -EXDEV for a link that is not
 * followed or leads out.
 */
int ctm_look_open_beneath(int dir_fd, const char *path, int flags);

/* One more file that is not right; the first one gives the result its text. */
void ctm_look_wrong(struct ctm_looking *l, const struct ctm_file *file, uint32_t hresult,
	const char *format, ...) CTM_PRINTF(4, 5);

/* Nobody can say which file is not right: all of them may be. */
void ctm_look_all_wrong(struct ctm_looking *l, uint32_t hresult, const char *format, ...)
	CTM_PRINTF(3, 4);

/* The look can't tell. Wrong findings stand all the same. */
void ctm_look_cannot_tell(struct ctm_looking *l, uint32_t hresult, const char *format, ...)
	CTM_PRINTF(3, 4);

/*
 * Whether a file that is missing may be there again when a volume is mounted: it arrived on another
 * device than local_path is on, or in another boot, and no other file that arrived with it is
 * there.
 */
bool ctm_look_volume_is_away(struct ctm_looking *l, const struct ctm_file *file);

/* Looks at one file; *ret_size is set where it is right. True: it is. */
bool ctm_look_file(struct ctm_looking *l, const struct ctm_file *file, uint64_t *ret_size);

/* Walks local_path (totals, single): counts its regular files, syncs them. True: it could be told.
 */
bool ctm_look_walk(struct ctm_looking *l, struct ctm_totals *ret_totals);

/* Syncs the directories from each file's up to local_path, or all at once. True: done. */
bool ctm_look_sync_directories(struct ctm_looking *l);

/* A sync that the file system does not offer for that kind of descriptor is no failure. */
int ctm_look_sync(int fd);

#endif
