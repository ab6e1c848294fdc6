/* SPDX-License-Identifier: MIT */
#include "sight.h"

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
