/* SPDX-License-Identifier: MIT */
/*
 * sidecar_dirs.h - the directories that a sidecar's files are in, without links
 *
 * What is known of the directories above one file is kept for the next, so that a list in the order
 * of its directories costs one system call for each of them, and little memory for any list.
 * Nothing is asked about what is below a directory that does not exist.
 */
#ifndef CTM_SIDECAR_DIRS_H
#define CTM_SIDECAR_DIRS_H

#include <stdbool.h>
#include <stddef.h>

#include "buf.h"

struct ctm_sidecar_level {
	size_t len;      /* of its name: so many bytes of text */
	char *canonical; /* NULL: its name is */
	bool exists;
};

struct ctm_sidecar_dirs {
	struct ctm_buf text;              /* the deepest directory */
	struct ctm_sidecar_level *levels; /* from the root to it */
	size_t n, room;
};

/* Starts with the canonical directory `root`. 0 or -ENOMEM. */
int ctm_sidecar_dirs_init(struct ctm_sidecar_dirs *dirs, const char *root);

/*
 * The canonical name, freed by the caller, of the directory whose name is the first len bytes of
 * the tidy `path`: the root, or below it by text. It can be elsewhere. 0 or negative errno.
 */
int ctm_sidecar_dirs_resolve(struct ctm_sidecar_dirs *dirs, const char *path, size_t len,
	char **ret_name, bool *ret_exists);

/* Good for one that was only zeroed. */
void ctm_sidecar_dirs_done(struct ctm_sidecar_dirs *dirs);

#endif
