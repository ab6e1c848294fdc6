/* SPDX-License-Identifier: MIT */
#include "look.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "asked.h"
#include "hresult.h"

TestSuite(look, .init = asked_init, .fini = asked_done);

Test(look, right)
{
	asked_there("setup.exe", "12345");
	asked_there("sub/deeper/data.cab", "123");
	asked_there("empty", "");
	cr_expect_eq(asked_look(), CTM_LOOK_RIGHT, "%s", asked.result.text);
	cr_expect_eq(asked.result.totals.files, 3);
	cr_expect_eq(asked.result.totals.bytes, 8);
	cr_expect_eq(asked.result.n_findings, 0);
	cr_expect_str_eq(asked.result.text, "");
}

/* Each file that is wrong is found, and the others are not blamed. */
Test(look, several_wrong)
{
	asked_there("a", "12345");
	asked_there("b", "123")->size = 4;
	asked_file("gone");
	cr_expect_eq(asked_look(), CTM_LOOK_WRONG);
	cr_expect_eq(asked.result.n_findings, 2);
	cr_expect_eq(asked_finding(1), 0);
	cr_expect_eq(asked_finding(2), CTM_E_FILE_CORRUPT);
	cr_expect_eq(asked_finding(3), CTM_E_FILE_NOT_FOUND);
	cr_expect_eq(asked.result.hresult, CTM_E_FILE_CORRUPT, "the first one gives the text");
	cr_expect_not_null(strstr(asked.result.text, "/dl/b\""), "%s", asked.result.text);
}

Test(look, local_path_is_away)
{
	asked_there("a", "1");
	cr_assert_eq(unlink(scratch_path("dl/a")), 0);
	cr_assert_eq(rmdir(scratch_path("dl")), 0);
	cr_expect_eq(asked_look(), CTM_LOOK_CANNOT_TELL, "a volume can come back");
	cr_expect_eq(asked.result.hresult, CTM_E_PATH_NOT_FOUND);
	cr_expect_eq(asked.result.n_findings, 0);
	scratch_write("dl", "a file");
	cr_expect_eq(asked_look(), CTM_LOOK_CANNOT_TELL);
	cr_assert_eq(unlink(scratch_path("dl")), 0);
	scratch_make_dir("elsewhere");
	scratch_write("elsewhere/a", "1");
	cr_assert_eq(symlink("elsewhere", scratch_path("dl")), 0);
	cr_expect_eq(asked_look(), CTM_LOOK_CANNOT_TELL, "a link is not local_path");
}

/* Never right while a known total does not come true: blamed is what nobody said the size of. */
Test(look, bytes_total)
{
	asked_there("a", "12345");
	asked_there("b", "123")->has_size = false;
	asked.request.has_bytes_total = true;
	asked.request.bytes_total = 8;
	cr_expect_eq(asked_look(), CTM_LOOK_RIGHT, "%s", asked.result.text);
	asked.request.bytes_total = 9;
	cr_expect_eq(asked_look(), CTM_LOOK_WRONG);
	cr_expect_eq(asked_finding(1), 0);
	cr_expect_eq(asked_finding(2), CTM_E_FILE_CORRUPT);
	cr_expect_not_null(
		strstr(asked.result.text, "bytes_total says 9"), "%s", asked.result.text);
}

Test(look, bytes_total_of_known_sizes)
{
	asked_there("a", "12345");
	asked.request.has_bytes_total = true;
	asked.request.bytes_total = 9;
	cr_expect_eq(asked_look(), CTM_LOOK_CANNOT_TELL);
}

Test(look, totals)
{
	asked.request.kind = CTM_KIND_TOTALS;
	asked.request.files_total = 2;
	asked_there("a", "12345")->has_size = false;
	asked_there("sub/b", "123")->has_size = false;
	cr_expect_eq(asked_look(), CTM_LOOK_RIGHT, "%s", asked.result.text);
	cr_expect_eq(asked.result.totals.files, 2);
	cr_expect_eq(asked.result.totals.bytes, 8);
	scratch_make_dir("dl/empty/directory");
	cr_assert_eq(symlink("a", scratch_path("dl/link")), 0);
	cr_assert_eq(mkfifo(scratch_path("dl/fifo"), 0600), 0);
	cr_expect_eq(
		asked_look(), CTM_LOOK_RIGHT, "only regular files count: %s", asked.result.text);
}

Test(look, stray_file)
{
	asked.request.kind = CTM_KIND_TOTALS;
	asked.request.files_total = 1;
	asked_there("a", "12345");
	scratch_write("dl/stray", "");
	cr_expect_eq(asked_look(), CTM_LOOK_CANNOT_TELL, "it may go, or be counted later");
	cr_expect_not_null(strstr(asked.result.text, "has 2 files, aria2 completed 1"), "%s",
		asked.result.text);
	asked.request.kind = CTM_KIND_LISTED;
	cr_expect_eq(asked_look(), CTM_LOOK_RIGHT, "a list says itself what belongs to it");
	asked.request.kind = CTM_KIND_SINGLE;
	asked.request.files_total = 0;
	cr_expect_eq(asked_look(), CTM_LOOK_CANNOT_TELL);
}

Test(look, more_than_the_total)
{
	asked.request.kind = CTM_KIND_TOTALS;
	asked.request.files_total = 1;
	asked_there("a", "1");
	asked_there("b", "2");
	cr_expect_eq(asked_look(), CTM_LOOK_CANNOT_TELL);
	cr_expect_not_null(
		strstr(asked.result.text, "files_total says 1"), "%s", asked.result.text);
}

Test(look, control_file)
{
	asked.request.kind = CTM_KIND_SINGLE;
	asked_there("sub/a", "12345");
	scratch_write("dl/sub/a.aria2", "x");
	cr_expect_eq(asked_look(), CTM_LOOK_CANNOT_TELL);
	cr_expect_eq(asked.result.hresult, CTM_E_BUSY);
	cr_assert_eq(unlink(scratch_path("dl/sub/a.aria2")), 0);
	cr_expect_eq(asked_look(), CTM_LOOK_RIGHT, "%s", asked.result.text);
}

/* A torrent is one completion that stands for all its files. */
Test(look, torrent)
{
	asked.request.kind = CTM_KIND_SINGLE;
	asked_there("t/a", "12345")->count = 3;
	scratch_write("dl/t/b", "12");
	cr_expect_eq(asked_look(), CTM_LOOK_CANNOT_TELL, "one is missing");
	scratch_write("dl/t/c", "");
	cr_expect_eq(asked_look(), CTM_LOOK_RIGHT, "%s", asked.result.text);
	cr_expect_eq(asked.result.totals.files, 3);
	cr_expect_eq(asked.result.totals.bytes, 7);
}

/* What is wrong is wrong, whatever else can't be told. */
Test(look, wrong_and_cannot_tell)
{
	asked_file("gone");
	asked_file("away")->device = 1;
	asked.request.files[1].boot = asked.request.boot;
	cr_expect_eq(asked_look(), CTM_LOOK_WRONG);
	cr_expect_eq(asked.result.n_findings, 1);
	cr_expect_eq(asked_finding(2), 0);
}

/* A list of thousands that are all gone: what one look reports is bounded. */
Test(look, bounded)
{
	for (unsigned i = 0; i < CTM_LOOK_FINDINGS + 50; i++) {
		char name[32];

		snprintf(name, sizeof name, "gone-%u", i);
		asked_file(name);
	}
	cr_expect_eq(asked_look(), CTM_LOOK_WRONG);
	cr_expect_eq(asked.result.n_findings, CTM_LOOK_FINDINGS);
}

/* So many files that one syncfs() is cheaper than a sync each. */
Test(look, many_files)
{
	for (unsigned i = 0; i <= CTM_LOOK_SYNC_EACH; i++) {
		char name[32];

		snprintf(name, sizeof name, "f%u", i);
		asked_there(name, "");
	}
	cr_expect_eq(asked_look(), CTM_LOOK_RIGHT, "%s", asked.result.text);
	cr_expect_eq(asked.result.totals.files, CTM_LOOK_SYNC_EACH + 1);
	asked.request.kind = CTM_KIND_TOTALS;
	cr_expect_eq(asked_look(), CTM_LOOK_RIGHT, "%s", asked.result.text);
	cr_expect_eq(asked.result.totals.files, CTM_LOOK_SYNC_EACH + 1);
}
