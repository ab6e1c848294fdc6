/* SPDX-License-Identifier: MIT */
#include "sight.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "scratch.h"

TestSuite(sight, .init = scratch_init, .fini = scratch_done);

Test(sight, a_regular_file)
{
	const char *path = scratch_write("a", "1234567");
	struct ctm_sight sight = ctm_sight_see(path);
	struct stat st;

	cr_assert_eq(stat(path, &st), 0);
	cr_assert(sight.known);
	cr_expect_eq(sight.inode, st.st_ino);
	cr_expect_eq(sight.size, 7);
	cr_expect_eq(sight.mtime_ns / 1000000000, st.st_mtim.tv_sec);
	cr_expect_eq(sight.ctime_ns % 1000000000, st.st_ctim.tv_nsec);
}

Test(sight, of_what_stat_said)
{
	struct stat st;
	struct ctm_sight seen = ctm_sight_see(scratch_write("a", "1234567"));
	struct ctm_sight said;

	cr_assert_eq(stat(scratch_path("a"), &st), 0);
	said = ctm_sight_of(&st);
	cr_expect(ctm_sight_is_same(&seen, &said));
	st.st_mtim = (struct timespec){.tv_sec = -1, .tv_nsec = 5};
	st.st_ctim = (struct timespec){.tv_sec = 7, .tv_nsec = 999999999};
	st.st_size = INT64_C(1) << 40;
	said = ctm_sight_of(&st);
	cr_expect_eq(said.mtime_ns, -999999995);
	cr_expect_eq(said.ctime_ns, 7999999999);
	cr_expect_eq(said.size, UINT64_C(1) << 40);
	cr_expect_not(ctm_sight_is_same(&seen, &said));
}

/* That there is nothing is known of some names, and of others it is not. */
Test(sight, absent)
{
	static char long_name[300];
	const char *loop = scratch_path("loop");

	cr_expect_not(ctm_sight_see(scratch_write("a", "x")).absent);
	cr_expect(ctm_sight_see(scratch_path("none")).absent);
	cr_expect(ctm_sight_see(scratch_path("none/deep")).absent);
	cr_expect(ctm_sight_see(scratch_path("a/below-a-file")).absent);
	cr_expect(ctm_sight_see("").absent);
	cr_expect_not(ctm_sight_see(scratch_dir()).absent, "a directory is something");
	cr_assert_eq(symlink("loop", loop), 0);
	cr_expect_not(ctm_sight_see(loop).absent, "so is a link");
	cr_expect_not(ctm_sight_see(scratch_path("loop/a")).absent, "it can't be looked at");
	cr_expect_not(ctm_sight_see(scratch_path("loop/a")).known);
	memset(long_name, 'x', sizeof long_name - 1);
	cr_expect_not(ctm_sight_see(scratch_path(long_name)).absent);
}

/* The same name, another file: it can be told. */
Test(sight, of_another_file)
{
	struct ctm_sight first = ctm_sight_see(scratch_write("a", "1234567"));
	struct ctm_sight second;

	scratch_write("b", "7654321");
	cr_assert_eq(rename(scratch_path("b"), scratch_path("a")), 0);
	second = ctm_sight_see(scratch_path("a"));
	cr_expect(first.known && second.known);
	cr_expect_not(ctm_sight_is_same(&first, &second));
}

Test(sight, nothing_else_is_one)
{
	const char *path = scratch_write("a", "x");
	const char *link = scratch_path("link");

	cr_assert_eq(symlink(path, link), 0);
	cr_expect_not(ctm_sight_see(link).known);
	cr_expect_not(ctm_sight_see(scratch_dir()).known);
	cr_expect_not(ctm_sight_see(scratch_path("none")).known);
	cr_expect_not(ctm_sight_see("").known);
}
