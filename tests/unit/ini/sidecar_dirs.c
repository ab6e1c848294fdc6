/* SPDX-License-Identifier: MIT */
#include "sidecar_dirs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "told.h"

TestSuite(sidecar_dirs, .init = test_enter, .fini = test_leave);

static void expect(struct ctm_sidecar_dirs *dirs, const char *path, const char *name, bool exists)
{
	CTM_CLEANUP_FREE char *found = NULL;
	char whole[128];
	char expected[128];
	bool found_exists = !exists;

	snprintf(whole, sizeof whole, "%s%s/file", test_dir, path);
	snprintf(expected, sizeof expected, "%s%s", test_dir, name);
	cr_assert_eq(ctm_sidecar_dirs_resolve(
			     dirs, whole, strlen(whole) - strlen("/file"), &found, &found_exists),
		0);
	cr_expect_str_eq(found, expected, "%s: %s", path, found);
	cr_expect_eq(found_exists, exists, "%s", path);
}

Test(sidecar_dirs, walks)
{
	struct ctm_sidecar_dirs dirs;

	cr_assert_eq(mkdir("a", 0755), 0);
	cr_assert_eq(mkdir("a/b", 0755), 0);
	cr_assert_eq(mkdir("ab", 0755), 0);
	cr_assert_eq(symlink("a", "l"), 0);
	cr_assert_eq(symlink("/none", "dead"), 0);
	test_write("f", "", 0);
	cr_assert_eq(ctm_sidecar_dirs_init(&dirs, test_dir), 0);
	expect(&dirs, "", "", true);
	expect(&dirs, "/a/b", "/a/b", true);
	expect(&dirs, "/a", "/a", true);
	expect(&dirs, "/ab", "/ab", true);
	expect(&dirs, "/a/c/d", "/a/c/d", false);
	expect(&dirs, "/a/c", "/a/c", false);
	expect(&dirs, "/l/b", "/a/b", true);
	expect(&dirs, "/l/c/d/e", "/a/c/d/e", false);
	expect(&dirs, "/l", "/a", true);
	expect(&dirs, "/f/x", "/f/x", false);
	expect(&dirs, "", "", true);
	ctm_sidecar_dirs_done(&dirs);
}

Test(sidecar_dirs, from_the_top)
{
	CTM_CLEANUP_FREE char *top = NULL;
	CTM_CLEANUP_FREE char *tmp = NULL;
	struct ctm_sidecar_dirs dirs;
	bool exists;

	cr_assert_eq(ctm_sidecar_dirs_init(&dirs, "/"), 0);
	cr_assert_eq(ctm_sidecar_dirs_resolve(&dirs, "/tmp/x", 4, &tmp, &exists), 0);
	cr_expect_str_eq(tmp, "/tmp");
	cr_assert_eq(ctm_sidecar_dirs_resolve(&dirs, "/x", 0, &top, &exists), 0);
	cr_expect_str_eq(top, "/");
	cr_expect(exists);
	ctm_sidecar_dirs_done(&dirs);
}

Test(sidecar_dirs, done_when_zeroed)
{
	struct ctm_sidecar_dirs dirs = {0};

	ctm_sidecar_dirs_done(&dirs);
	cr_assert_eq(ctm_sidecar_dirs_init(&dirs, "/does/not/exist"), 0);
	ctm_sidecar_dirs_done(&dirs);
}
