/* SPDX-License-Identifier: MIT */
#include "path.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "buf.h"
#include "leaks.h"

static char dir[] = "/tmp/ctm-path-XXXXXX";

/* real/sub, and link to real. */
static void enter(void)
{
	cr_assert_not_null(mkdtemp(dir));
	cr_assert_eq(chdir(dir), 0);
	cr_assert_eq(mkdir("real", 0700), 0);
	cr_assert_eq(mkdir("real/sub", 0700), 0);
	cr_assert_eq(symlink("real", "link"), 0);
}

static void leave(void)
{
	rmdir("real/sub");
	rmdir("real");
	unlink("link");
	cr_expect_eq(rmdir(dir), 0);
	ctm_test_check_leaks();
}

TestSuite(path, .fini = ctm_test_check_leaks);
TestSuite(path_links, .init = enter, .fini = leave);

Test(path, tidy)
{
	static const char *const cases[][3] = {
		{"/a/b/../c//d/.", NULL, "/a/c/d"},
		{"/", NULL, "/"},
		{"/..", NULL, "/"},
		{"/../../a", NULL, "/a"},
		{"a", "/x/y", "/x/y/a"},
		{"../a", "/x/y", "/x/a"},
		{".", "/x", "/x"},
		{"/a...b/..c", NULL, "/a...b/..c"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		CTM_CLEANUP_FREE char *tidy = NULL;

		cr_assert_eq(ctm_path_tidy(cases[i][0], cases[i][1], &tidy), 0);
		cr_expect_str_eq(tidy, cases[i][2]);
	}
}

Test(path, tidy_refuses)
{
	char long_path[CTM_PATH_LIMIT + 3];
	char *tidy = NULL;

	memset(long_path, 'a', sizeof long_path);
	long_path[0] = '/';
	long_path[sizeof long_path - 1] = '\0';
	cr_expect_eq(ctm_path_tidy("", "/x", &tidy), -EINVAL);
	cr_expect_eq(ctm_path_tidy("a", NULL, &tidy), -EINVAL);
	cr_expect_eq(ctm_path_tidy(long_path, NULL, &tidy), -ENAMETOOLONG);
	cr_expect_null(tidy);
}

Test(path, below)
{
	cr_expect_str_eq(ctm_path_below("/a/b/c", "/a"), "b/c");
	cr_expect_str_eq(ctm_path_below("/a", "/"), "a");
	cr_expect_null(ctm_path_below("/a", "/a"));
	cr_expect_null(ctm_path_below("/ab", "/a"));
	cr_expect_null(ctm_path_below("/a/", "/a"));
	cr_expect_null(ctm_path_below("/", "/"));
}

Test(path, parts)
{
	CTM_CLEANUP_FREE char *joined = ctm_path_join("/a", "b");
	CTM_CLEANUP_FREE char *top = ctm_path_join("/", "b");

	cr_expect_str_eq(joined, "/a/b");
	cr_expect_str_eq(top, "/b");
	cr_expect_str_eq(ctm_path_name("/a/b"), "b");
	cr_expect_str_eq(ctm_path_name("b"), "b");
	cr_expect_str_eq(ctm_path_name("/a/"), "");
}

static void expect_canonical(const char *path, const char *expected)
{
	CTM_CLEANUP_FREE char *canonical = NULL;
	char whole[128];

	cr_assert_eq(ctm_path_canonical(path, &canonical, NULL), 0, "%s", path);
	snprintf(whole, sizeof whole, "%s/%s", dir, expected);
	cr_expect_str_eq(canonical, whole);
}

Test(path_links, canonical)
{
	expect_canonical("link/f", "real/f");
	expect_canonical("link/sub/f", "real/sub/f");
	expect_canonical("link/none/deep/f", "real/none/deep/f");
	expect_canonical("link", "link");
	expect_canonical("./real//sub/../f", "real/f");
	expect_canonical("none/../link/f", "real/f");
}

Test(path_links, canonical_dir)
{
	CTM_CLEANUP_FREE char *canonical = NULL;
	CTM_CLEANUP_FREE char *missing = NULL;
	char whole[128];

	snprintf(whole, sizeof whole, "%s/real", dir);
	cr_assert_eq(ctm_path_canonical_dir("link", &canonical), 0);
	cr_expect_str_eq(canonical, whole);
	snprintf(whole, sizeof whole, "%s/real/x/y", dir);
	cr_assert_eq(ctm_path_canonical_dir("link/x/y/", &missing), 0);
	cr_expect_str_eq(missing, whole);
}

Test(path_links, device)
{
	CTM_CLEANUP_FREE char *a = NULL;
	CTM_CLEANUP_FREE char *b = NULL;
	uint64_t device = 0;
	struct stat st;

	cr_assert_eq(stat("real", &st), 0);
	cr_assert_eq(ctm_path_canonical("real/f", &a, &device), 0);
	cr_expect_eq(device, (uint64_t)st.st_dev);
	cr_assert_eq(ctm_path_canonical("none/f", &b, &device), 0);
	cr_expect_eq(device, 0);
}

Test(path_links, removed_cwd)
{
	char *canonical = NULL;

	cr_expect_eq(ctm_path_canonical("", &canonical, NULL), -EINVAL);
	cr_expect_null(canonical);
}
