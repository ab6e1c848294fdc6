/* SPDX-License-Identifier: MIT */
/* What a hook sees at a glance is what the whole look sees. */
#include "record.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "scratch.h"

static void enter(void)
{
	scratch_init();
	cr_assert_eq(chdir(scratch_dir()), 0);
	scratch_make_dir("real");
	scratch_make_dir("real/sub");
	scratch_write("real/f", "1234567");
	scratch_write("f", "1");
	cr_assert_eq(symlink("real", "link"), 0);
	cr_assert_eq(symlink("f", "real/to-f"), 0);
	cr_assert_eq(mkfifo("real/fifo", 0600), 0);
}

TestSuite(record, .init = enter, .fini = scratch_done);

static bool glance(const char *as_it_came, char path[CTM_PATH_LIMIT + 1], struct ctm_event *ret)
{
	const struct ctm_said said = {CTM_EVENT_COMPLETE, 7, 3, as_it_came};

	return ctm_record_glance(&said, path, ret);
}

static void expect_same(const char *as_it_came)
{
	const struct ctm_said said = {CTM_EVENT_COMPLETE, 7, 3, as_it_came};
	struct ctm_error e = CTM_ERROR_INIT;
	char path[CTM_PATH_LIMIT + 1];
	struct ctm_event at_a_glance;
	struct ctm_event seen;

	cr_assert(glance(as_it_came, path, &at_a_glance), "%s", as_it_came);
	cr_assert_eq(ctm_record_see(&said, &seen, &e), 0, "%s", e.text);
	cr_expect_eq(at_a_glance.type, seen.type);
	cr_expect_eq(at_a_glance.gid, seen.gid);
	cr_expect_eq(at_a_glance.n_files, seen.n_files);
	cr_expect_str_eq(at_a_glance.path, seen.path);
	cr_expect_eq(at_a_glance.device, seen.device, "%s", as_it_came);
	cr_expect_lt(seen.wall_ms - at_a_glance.wall_ms, 60000);
	cr_expect_eq(at_a_glance.sight.known, seen.sight.known, "%s", as_it_came);
	cr_expect_eq(at_a_glance.sight.absent, seen.sight.absent, "%s", as_it_came);
	cr_expect_eq(at_a_glance.sight.inode, seen.sight.inode);
	cr_expect_eq(at_a_glance.sight.size, seen.sight.size);
	cr_expect_eq(at_a_glance.sight.mtime_ns, seen.sight.mtime_ns);
	cr_expect_eq(at_a_glance.sight.ctime_ns, seen.sight.ctime_ns);
	ctm_event_done(&seen);
}

Test(record, at_a_glance)
{
	static const char *const paths[] = {"", "f", "./f", "real/f", "link/f", "real//f",
		"real/../f", "real/none", "none", "real/sub", "link", "real/to-f", "real/fifo",
		"/etc/passwd", "/none", "//none", "real/...", "real/.hidden", "real/new\nline"};

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		expect_same(paths[i]);
	expect_same(scratch_path("link/f"));
}

Test(record, as_deep_as_it_gets)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/", scratch_dir());
	while (strlen(path) + sizeof "sub/f" <= sizeof path) {
		strcat(path, "sub/");
		cr_assert(mkdir(path, 0700) == 0 || errno == EEXIST, "%s", strerror(errno));
	}
	strcat(path, "f");
	expect_same(path);
}

/* The whole look is for these. */
Test(record, at_no_glance)
{
	static const char *const paths[] = {
		"none/f", "f/f", "real/", "real/.", "real/..", ".", "..", "/"};
	char too_long[CTM_PATH_LIMIT + 10];
	char path[CTM_PATH_LIMIT + 1];
	struct ctm_event event;

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		cr_expect_not(glance(paths[i], path, &event), "%s", paths[i]);
	memset(too_long, 'x', sizeof too_long);
	too_long[sizeof too_long - 1] = '\0';
	cr_expect_not(glance(too_long, path, &event));
	memcpy(too_long, "./", 2);
	cr_expect_not(glance(too_long, path, &event));
	too_long[CTM_PATH_LIMIT] = '/';
	cr_expect_not(glance(too_long, path, &event));
}
