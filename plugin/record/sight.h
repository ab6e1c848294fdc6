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

/* The same of a name in an open directory; *ret_st is filled where something is there. */
struct ctm_sight ctm_sight_see_in(int dir_fd, const char *name, struct stat *ret_st);

/* What stat() said of a regular file. */
struct ctm_sight ctm_sight_of(const struct stat *st);

#endif
