/* SPDX-License-Identifier: MIT */
#include "scratch.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "files.h"
#include "leaks.h"

static char *directory;

/* What lives until scratch_done(). */
static void **kept;
static size_t n_kept;

void scratch_init(void)
{
	const char *tmp = getenv("TMPDIR");
	char name[256];

	snprintf(name, sizeof name, "%s/ctm-unit.XXXXXX", tmp && *tmp ? tmp : "/tmp");
	cr_assert_not_null(mkdtemp(name));
	directory = realpath(name, NULL);
	cr_assert_not_null(directory);
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
	while (n_kept)
		free(kept[--n_kept]);
	free(kept);
	free(directory);
	kept = NULL;
	directory = NULL;
	ctm_test_check_leaks();
}

const char *scratch_dir(void)
{
	return directory;
}

/* The room doubles: sanitizers move a list each time that it grows. */
void *scratch_keep(void *memory)
{
	if (!memory)
		return NULL;
	if (!(n_kept & (n_kept - 1))) {
		kept = reallocarray(kept, n_kept ? 2 * n_kept : 1, sizeof *kept);
		cr_assert_not_null(kept);
	}
	return kept[n_kept++] = memory;
}

const char *scratch_path(const char *name)
{
	char *path = NULL;

	cr_assert_geq(asprintf(&path, "%s/%s", directory, name), 0);
	return scratch_keep(path);
}

const char *scratch_make_dir(const char *name)
{
	const char *path = scratch_path(name);

	cr_assert_eq(ctm_files_make_dirs(path, 0755), 0);
	return path;
}

const char *scratch_write_bytes(const char *name, const void *bytes, size_t len)
{
	const char *path = scratch_path(name);
	FILE *f = fopen(path, "wb");

	cr_assert_not_null(f, "%s", path);
	cr_assert_eq(fwrite(bytes, 1, len, f), len);
	cr_assert_eq(fclose(f), 0);
	cr_assert_eq(chmod(path, 0644), 0);
	return path;
}

const char *scratch_write(const char *name, const char *text)
{
	return scratch_write_bytes(name, text, strlen(text));
}
