/* SPDX-License-Identifier: MIT */
#include "scratch.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "leaks.h"

#define PATHS_MAX 64

static char directory[256];
static char *paths[PATHS_MAX];
static size_t n_paths;

void scratch_init(void)
{
	const char *tmp = getenv("TMPDIR");

	snprintf(directory, sizeof directory, "%s/ctm-http.XXXXXX", tmp && *tmp ? tmp : "/tmp");
	cr_assert_not_null(mkdtemp(directory));
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

void scratch_done(void)
{
	nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	while (n_paths)
		free(paths[--n_paths]);
	ctm_test_check_leaks();
}

const char *scratch_path(const char *name)
{
	char *path = NULL;

	cr_assert_lt(n_paths, PATHS_MAX);
	cr_assert_geq(asprintf(&path, "%s/%s", directory, name), 0);
	return paths[n_paths++] = path;
}

const char *scratch_write_bytes(const char *name, const void *bytes, size_t len, mode_t mode)
{
	const char *path = scratch_path(name);
	FILE *f = fopen(path, "wb");

	cr_assert_not_null(f);
	cr_assert_eq(fwrite(bytes, 1, len, f), len);
	cr_assert_eq(fclose(f), 0);
	cr_assert_eq(chmod(path, mode), 0);
	return path;
}

const char *scratch_write(const char *name, const char *text, mode_t mode)
{
	return scratch_write_bytes(name, text, strlen(text), mode);
}
