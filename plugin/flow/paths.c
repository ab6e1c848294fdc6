/* SPDX-License-Identifier: MIT */
#include "paths.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int ctm_paths_add(struct ctm_paths *paths, const char *path, size_t order)
{
	if (paths->n == paths->cap) {
		size_t cap = paths->cap ? paths->cap * 2 : 16;
		struct ctm_paths_item *items = reallocarray(paths->items, cap, sizeof *items);

		if (!items)
			return -ENOMEM;
		paths->items = items;
		paths->cap = cap;
	}
	paths->items[paths->n++] = (struct ctm_paths_item){.path = path, .order = order};
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct ctm_paths_item *x = a;
	const struct ctm_paths_item *y = b;
	const int by_path = strcmp(x->path, y->path);

	return by_path ? by_path : (x->order > y->order) - (x->order < y->order);
}

/* Of a path that is there several times the last place is kept. */
void ctm_paths_sort(struct ctm_paths *paths)
{
	size_t kept = 0;

	if (!paths->n)
		return;
	qsort(paths->items, paths->n, sizeof *paths->items, compare);
	for (size_t i = 0; i < paths->n; i++)
		if (i + 1 == paths->n ||
			strcmp(paths->items[i].path, paths->items[i + 1].path) != 0)
			paths->items[kept++] = paths->items[i];
	paths->n = kept;
}

static int compare_path(const void *path, const void *item)
{
	return strcmp(path, ((const struct ctm_paths_item *)item)->path);
}

bool ctm_paths_has(const struct ctm_paths *paths, const char *path, size_t behind)
{
	const struct ctm_paths_item *found =
		paths->n ? bsearch(path, paths->items, paths->n, sizeof *paths->items, compare_path)
			 : NULL;

	return found && found->order > behind;
}

void ctm_paths_done(struct ctm_paths *paths)
{
	free(paths->items);
	*paths = (struct ctm_paths){0};
}
