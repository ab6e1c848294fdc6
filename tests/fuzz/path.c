/* SPDX-License-Identifier: MIT */
/*
 * Paths as text: a tidy one is absolute, has no part that leads anywhere, stays as it is, and is
 * what walking its parts one by one gives; what is below a directory is found there and only there.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "fuzz.h"
#include "names.h"
#include "path.h"

#define PARTS 4096

struct walk {
	const char *parts[PARTS];
	size_t lens[PARTS];
	size_t n;
};

static void walk(struct walk *w, const char *path)
{
	while (*path) {
		const size_t len = strcspn(path, "/");

		if (len == 2 && strncmp(path, "..", 2) == 0) {
			w->n -= w->n > 0;
		} else if (len && !(len == 1 && *path == '.')) {
			w->parts[w->n] = path;
			w->lens[w->n++] = len;
		}
		path += len + (path[len] == '/');
	}
}

static bool is_walked(const char *tidy, const char *path, const char *cwd)
{
	static struct walk w;

	w.n = 0;
	if (path[0] != '/')
		walk(&w, cwd);
	walk(&w, path);
	if (!w.n)
		return strcmp(tidy, "/") == 0;
	for (size_t i = 0; i < w.n; i++) {
		if (*tidy != '/' || strncmp(tidy + 1, w.parts[i], w.lens[i]) != 0)
			return false;
		tidy += 1 + w.lens[i];
	}
	return !*tidy;
}

static void check_below(const char *tidy, const char *other)
{
	CTM_CLEANUP_FREE char *joined = ctm_path_join(other, tidy + 1);
	const char *below = ctm_path_below(tidy, other);

	FUZZ_CHECK(!ctm_path_below(tidy, tidy));
	if (below) {
		CTM_CLEANUP_FREE char *again = ctm_path_join(other, below);

		FUZZ_CHECK(strcmp(again, tidy) == 0 && strlen(other) < strlen(tidy));
		FUZZ_CHECK(!ctm_path_below(other, tidy));
	}
	/* What was joined to a directory is below it. */
	if (tidy[1]) {
		below = ctm_path_below(joined, other);
		FUZZ_CHECK(below && strcmp(below, tidy + 1) == 0);
	}
}

static void check_tidy(const char *path, const char *cwd)
{
	CTM_CLEANUP_FREE char *tidy = NULL;
	CTM_CLEANUP_FREE char *again = NULL;
	CTM_CLEANUP_FREE char *other = NULL;
	const int r = ctm_path_tidy(path, cwd, &tidy);

	if (r < 0) {
		FUZZ_CHECK(r == -EINVAL ? !path[0] : r == -ENAMETOOLONG);
		return;
	}
	FUZZ_CHECK(tidy[0] == '/' && strlen(tidy) <= CTM_PATH_LIMIT);
	FUZZ_CHECK(is_walked(tidy, path, cwd));
	FUZZ_CHECK(ctm_path_tidy(tidy, NULL, &again) == 0 && strcmp(tidy, again) == 0);
	FUZZ_CHECK(!strchr(ctm_path_name(tidy), '/'));
	if (ctm_path_tidy(cwd, "/", &other) == 0)
		check_below(tidy, other);
}

static void check_names(const char *name)
{
	CTM_CLEANUP_FREE char *before = NULL;

	if (ctm_name_before_renaming(name, &before) < 0)
		return;
	/* Shorter by a dot and one to four digits. */
	FUZZ_CHECK(strlen(name) >= strlen(before) + 2 && strlen(name) <= strlen(before) + 5);
	FUZZ_CHECK(before[0] && strncmp(name, before, 1) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size < PARTS ? size : PARTS};
	char *path = fuzz_take_text(&in);
	char *cwd = fuzz_take_text(&in);

	check_tidy(path, cwd);
	check_names(ctm_path_name(path));
	ctm_name_is_description(path);
	ctm_name_is_control(path);
	free(cwd);
	free(path);
	return 0;
}
