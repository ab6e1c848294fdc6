/* SPDX-License-Identifier: MIT */
/*
 * paths.h - a set of borrowed paths, each with its place in an order
 *
 * Order of calls: ctm_paths_add() for each, ctm_paths_sort() once, then ctm_paths_has().
 */
#ifndef CTM_PATHS_H
#define CTM_PATHS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Behind everything. */
#define CTM_PATHS_BUSY SIZE_MAX

struct ctm_paths {
	struct ctm_paths_item {
		const char *path;
		size_t order;
	} * items;
	size_t n;
	size_t cap;
};

/* 0 or -ENOMEM. */
int ctm_paths_add(struct ctm_paths *paths, const char *path, size_t order);
void ctm_paths_sort(struct ctm_paths *paths);

/* Whether the path is there, behind that place. */
bool ctm_paths_has(const struct ctm_paths *paths, const char *path, size_t behind);

void ctm_paths_done(struct ctm_paths *paths);

#endif
