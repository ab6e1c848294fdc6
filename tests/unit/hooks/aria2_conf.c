/* SPDX-License-Identifier: MIT */
#include "aria2_conf.h"

#include <errno.h>
#include <stdio.h>

#include <criterion/criterion.h>

#include "scratch.h"

TestSuite(aria2_conf, .init = test_enter, .fini = test_leave);

Test(aria2_conf, as_aria2_reads_it)
{
	struct ctm_aria2_conf conf;

	test_write("c",
		"# a comment=1\n"
		"\n"
		"  dir = /srv/my files \t\r\n"
		"continue\n"
		"twice=1\n"
		"twice=2\n"
		"empty=\n"
		" # no=comment for aria2 either, but no option\n"
		"x=a=b # c\n"
		"=nothing\n"
		"last=line",
		0644);
	cr_assert_eq(ctm_aria2_conf_read("c", &conf), 0);
	cr_expect_str_eq(ctm_aria2_conf_value(&conf, "dir", "?"), "/srv/my files");
	cr_expect_eq(ctm_aria2_conf_find(&conf, "dir")->line, 3);
	cr_expect(ctm_aria2_conf_bool(&conf, "continue", false));
	cr_expect_str_eq(ctm_aria2_conf_value(&conf, "twice", "?"), "2");
	cr_expect_eq(ctm_aria2_conf_find(&conf, "twice")->line, 6);
	cr_expect_str_eq(ctm_aria2_conf_value(&conf, "empty", "?"), "");
	cr_expect_str_eq(ctm_aria2_conf_value(&conf, "x", "?"), "a=b # c");
	cr_expect_str_eq(ctm_aria2_conf_value(&conf, "last", "?"), "line");
	cr_expect_null(ctm_aria2_conf_find(&conf, "no"));
	cr_expect_null(ctm_aria2_conf_find(&conf, ""));
	cr_expect_not(conf.begins_with_bom);
	ctm_aria2_conf_done(&conf);
}

Test(aria2_conf, booleans)
{
	struct ctm_aria2_conf conf;

	test_write("c",
		"\xef\xbb\xbf"
		"a=true\nb=false\nc=\nd=yes\n",
		0644);
	cr_assert_eq(ctm_aria2_conf_read("c", &conf), 0);
	cr_expect(conf.begins_with_bom);
	cr_expect_not(ctm_aria2_conf_bool(&conf, "a", false), "the mark is a part of its name");
	cr_expect_not(ctm_aria2_conf_bool(&conf, "b", true));
	cr_expect(ctm_aria2_conf_bool(&conf, "c", false));
	cr_expect_not(ctm_aria2_conf_bool(&conf, "d", true));
	cr_expect(ctm_aria2_conf_bool(&conf, "none", true));
	ctm_aria2_conf_done(&conf);
}

Test(aria2_conf, a_nul_ends_no_line)
{
	static const char text[] = "a=1\0rest\n\0\nb\0=2\nc=3";
	struct ctm_aria2_conf conf;
	FILE *f;

	test_write("c", "", 0644);
	f = fopen(test_path("c"), "w");
	cr_assert_not_null(f);
	cr_assert_eq(fwrite(text, 1, sizeof text - 1, f), sizeof text - 1);
	fclose(f);
	cr_assert_eq(ctm_aria2_conf_read(test_path("c"), &conf), 0);
	cr_expect_str_eq(ctm_aria2_conf_value(&conf, "a", "?"), "1");
	cr_expect_eq(ctm_aria2_conf_find(&conf, "b")->line, 3);
	cr_expect_str_eq(ctm_aria2_conf_value(&conf, "b", "?"), "2");
	cr_expect_eq(ctm_aria2_conf_find(&conf, "c")->line, 4);
	cr_expect_null(ctm_aria2_conf_find(&conf, "rest"));
	ctm_aria2_conf_done(&conf);
}

Test(aria2_conf, files_that_are_none)
{
	struct ctm_aria2_conf conf;

	cr_expect_eq(ctm_aria2_conf_read("absent", &conf), -ENOENT);
	ctm_aria2_conf_done(&conf);
	cr_expect_eq(ctm_aria2_conf_read(".", &conf), -EISDIR);
	ctm_aria2_conf_done(&conf);
	test_write("c", "", 0644);
	cr_expect_eq(ctm_aria2_conf_read("c", &conf), 0);
	cr_expect_eq(conf.n, 0);
	ctm_aria2_conf_done(&conf);
}
