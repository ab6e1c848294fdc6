/* SPDX-License-Identifier: MIT */
/* Two [file.N] of one number, or of one file. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "hash.h"
#include "sidecar_read.h"

static int by_number(const void *a, const void *b)
{
	const struct ctm_sidecar_file *const *x = a;
	const struct ctm_sidecar_file *const *y = b;

	if ((*x)->number != (*y)->number)
		return (*x)->number < (*y)->number ? -1 : 1;
	return (*x)->line < (*y)->line ? -1 : (*x)->line > (*y)->line;
}

static int by_path(const void *a, const void *b)
{
	const struct ctm_sidecar_file *const *x = a;
	const struct ctm_sidecar_file *const *y = b;
	const int order = (*x)->path && (*y)->path ? strcmp((*x)->path, (*y)->path)
						   : (!(*x)->path) - (!(*y)->path);

	return order ? order : ((*x)->line < (*y)->line ? -1 : (*x)->line > (*y)->line);
}

static void complain_of_twins(struct ctm_complaints *c, const struct ctm_sidecar_file *first,
	const struct ctm_sidecar_file *second)
{
	if (first->number == second->number)
		ctm_complain_error(c, second->line,
			"[file.%u] stands here again, first at line %u; number each file anew",
			second->number, first->line);
	else if (first->path && second->path && strcmp(first->path, second->path) == 0)
		ctm_complain_error(c, second->line,
			"[file.%u] path: \"%s\" is the file of [file.%u] on line %u; name each once",
			second->number, CTM_SHOW(second->path), first->number, first->line);
}

static int complain_of_all(struct ctm_sidecar *sidecar, struct ctm_complaints *c)
{
	const size_t n = sidecar->n_files;
	CTM_CLEANUP_FREE struct ctm_sidecar_file **files = calloc(n + 1, sizeof *files);

	if (!files)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		files[i] = &sidecar->files[i];
	for (size_t pass = 0; pass < 2; pass++) {
		qsort(files, n, sizeof *files, pass ? by_path : by_number);
		for (size_t i = 1; i < n; i++)
			if (pass || files[i - 1]->number == files[i]->number)
				complain_of_twins(c, files[i - 1], files[i]);
	}
	return 0;
}

/* Mostly they stand in their order. */
static bool has_rising_numbers(const struct ctm_sidecar *sidecar)
{
	for (uint32_t i = 1; i < sidecar->n_files; i++)
		if (sidecar->files[i].number <= sidecar->files[i - 1].number)
			return false;
	return true;
}

/*
 * Notes a hash in a table of twice as many places as there are files. False: one like it is there
 * already, or so many others that want its place that it was not looked for: somebody may have
 * chosen the names so.
 */
static bool is_new(uint32_t *places, size_t mask, uint64_t hash)
{
	const uint32_t shown = (uint32_t)(hash >> 32) | 1;

	for (size_t tries = 0; tries < 64; tries++) {
		uint32_t *place = &places[(hash + tries) & mask];

		if (!*place) {
			*place = shown;
			return true;
		}
		if (*place == shown)
			return false;
	}
	return false;
}

/*
 * Whether no two paths are alike, as far as their hashes tell: 1; 0: some may be; -ENOMEM. To sort
 * a million paths takes longer than to read them.
 */
static int has_other_paths(const struct ctm_sidecar *sidecar)
{
	CTM_CLEANUP_FREE uint32_t *places = NULL;
	size_t n = 64;

	while (n < 2 * (size_t)sidecar->n_files)
		n *= 2;
	places = calloc(n, sizeof *places);
	if (!places)
		return -ENOMEM;
	for (uint32_t i = 0; i < sidecar->n_files; i++) {
		const char *path = sidecar->files[i].path;

		if (path && !is_new(places, n - 1, ctm_hash(path, strlen(path))))
			return 0;
	}
	return 1;
}

int ctm_sidecar_find_twins(struct ctm_sidecar *sidecar, struct ctm_complaints *c)
{
	const int r = has_rising_numbers(sidecar) ? has_other_paths(sidecar) : 0;

	return r ? (r < 0 ? r : 0) : complain_of_all(sidecar, c);
}
