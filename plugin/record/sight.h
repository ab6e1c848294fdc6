/* SPDX-License-Identifier: MIT */
/*
 * sight.h - a look at a file at the moment when aria2 speaks of it
 */
#ifndef CTM_SIGHT_H
#define CTM_SIGHT_H

#include <sys/stat.h>

#include "event.h"

/* What is there now, under that very name: known if it is a regular file, absent if nothing is. */
struct ctm_sight ctm_sight_see(const char *path);

/* What stat() said of a regular file. */
struct ctm_sight ctm_sight_of(const struct stat *st);

#endif
