/* SPDX-License-Identifier: MIT */
/*
 * names.h - what the name of a file tells
 */
#ifndef CTM_NAMES_H
#define CTM_NAMES_H

#include <stdbool.h>

#include "buf.h"

/* Descriptions of downloads (.torrent, .metalink, .meta4) never count as files of a job. */
bool ctm_name_is_description(const char *name);

/* aria2's control file, NAME.aria2. */
bool ctm_name_is_control(const char *name);

/*
 * The name that aria2's auto-file-renaming started from: "setup.exe" for "setup.1.exe", "data" for
 * "data.1". 0: *ret_name holds it, freed by the caller; -ENOENT: not such a name; -ENOMEM.
 */
int ctm_name_before_renaming(const char *name, char **ret_name);

#endif
