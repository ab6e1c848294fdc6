/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "asked.h"
#include "files.h"
#include "hresult.h"

TestSuite(look_walk, .init = asked_init, .fini = asked_done, .timeout = 60);

static bool walk(struct ctm_totals *ret_totals)
{
	struct ctm_looking l = asked_looking();
	bool told = ctm_look_walk(&l, ret_totals);

	ctm_close_fd(&l.root_fd);
	return told;
}

Test(look_walk, counts)
{
	struct ctm_totals totals = {.files = 9, .bytes = 9};

	cr_expect(walk(&totals));
	cr_expect_eq(totals.files, 0);
	cr_expect_eq(totals.bytes, 0);
	asked_there("a", "123");
	asked_there(".hidden", "1");
	asked_there("sub/b", "12345");
	asked_there("sub/deep/er/c", "");
	scratch_make_dir("dl/empty");
	cr_expect(walk(&totals));
	cr_expect_eq(totals.files, 4);
	cr_expect_eq(totals.bytes, 9);
	cr_expect_eq(asked.result.answer, CTM_LOOK_RIGHT);
}

Test(look_walk, only_regular_files)
{
	struct ctm_totals totals;

	scratch_make_dir("outside");
	scratch_write("outside/x", "12345");
	cr_assert_eq(symlink("../outside", scratch_path("dl/to-directory")), 0);
	cr_assert_eq(symlink("../outside/x", scratch_path("dl/to-file")), 0);
	cr_assert_eq(symlink("..", scratch_path("dl/up.aria2")), 0);
	cr_assert_eq(mkfifo(scratch_path("dl/fifo"), 0600), 0);
	cr_expect(walk(&totals));
	cr_expect_eq(totals.files, 0);
}

Test(look_walk, control_file)
{
	struct ctm_totals totals = {.files = 7};

	asked_there("sub/a", "1");
	asked_there("sub/a.aria2", "1");
	cr_expect_not(walk(&totals));
	cr_expect_eq(totals.files, 7, "untouched");
	cr_expect_eq(asked.result.answer, CTM_LOOK_CANNOT_TELL);
	cr_expect_eq(asked.result.hresult, CTM_E_BUSY);
	cr_expect_not_null(strstr(asked.result.text, "a.aria2"));
}

/* A tree that was made to exhaust descriptors. */
Test(look_walk, too_deep)
{
	struct ctm_totals totals;
	char name[1024] = "dl";

	for (int i = 0; i < 100; i++)
		strcat(name, "/d");
	scratch_make_dir(name);
	cr_expect(walk(&totals));
	for (int i = 0; i < 100; i++)
		strcat(name, "/d");
	scratch_make_dir(name);
	cr_expect_not(walk(&totals));
	cr_expect_eq(asked.result.answer, CTM_LOOK_CANNOT_TELL);
}

Test(look_walk, leaves_nothing_open)
{
	struct ctm_totals totals;
	int before = open("/dev/null", O_RDONLY);

	close(before);
	asked_there("x/y/z", "1");
	asked_there("x/y/z.aria2", "1");
	for (int i = 0; i < 100; i++)
		walk(&totals);
	cr_expect_eq(open("/dev/null", O_RDONLY), before);
	close(before);
}
