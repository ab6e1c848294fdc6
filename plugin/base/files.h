/* SPDX-License-Identifier: MIT */
/*
 * files.h - small acts on files that would otherwise be written again everywhere
 */
#ifndef CTM_FILES_H
#define CTM_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "buf.h"

/* For `CTM_CLEANUP_FD int fd = -1;` Keeps errno. */
void ctm_close_fd(int *fd);
#define CTM_CLEANUP_FD CTM_CLEANUP(ctm_close_fd)

/* All of a file from offset 0, appended to out (-ENOBUFS beyond its limit). 0 or negative errno. */
int ctm_files_read(int fd, struct ctm_buf *out);

/* All len bytes, over interruptions and short writes. 0 or negative errno. */
int ctm_files_write(int fd, const void *data, size_t len);

/*
 * Writes a new file `path` whole or not at all: under another name, synced, renamed. 0 or negative
 * errno.
 */
int ctm_files_replace(const char *path, const void *data, size_t len, mode_t mode);

/*
 * Makes it last that `path` is there, or is there no longer: syncs its directory, or the nearest
 * one above that there is. Of a directory that we may not read, or of a file system that can't sync
 * one, nobody can do more: that is 0 too. Negative errno: it may not last.
 */
int ctm_files_sync_parent(const char *path);

/* mkdir -p, so that it lasts; directories that are made get `mode`. 0 or negative errno. */
int ctm_files_make_dirs(const char *path, mode_t mode);

/* Descriptors 0 to 2: those that are closed are opened on /dev/null; with `all`, every one is. */
void ctm_files_null_stdio(bool all);

/* Closes every descriptor above 2. */
void ctm_files_close_above_stdio(void);

/*
 * Room for our own descriptors where whoever started us left less: the soft limit becomes at least
 * 1024, as far as the hard one admits.
 */
void ctm_files_allow_descriptors(void);

/* Closes every descriptor above `last`. */
void ctm_files_close_above(int last);

#endif
