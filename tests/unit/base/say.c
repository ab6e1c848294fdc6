/* SPDX-License-Identifier: MIT */
#include "say.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(say, .fini = ctm_test_check_leaks);

/* What is written of a name, between quotes. */
static void expect(const char *name, const char *shown)
{
	char *written = NULL;
	char line[256];
	size_t len = 0;
	FILE *to = open_memstream(&written, &len);

	cr_assert_not_null(to);
	ctm_say(to, "\"%s\" is gone", name);
	cr_assert_eq(fclose(to), 0);
	snprintf(line, sizeof line, "\"%s\" is gone\n", shown);
	cr_expect_str_eq(written, line);
	free(written);
}

Test(say, plain)
{
	expect("setup.exe", "setup.exe");
	expect("na\xc3\xafve \xe6\x97\xa5\xe6\x9c\xac", "na\xc3\xafve \xe6\x97\xa5\xe6\x9c\xac");
	expect("-rf $(id) %s", "-rf $(id) %s");
}

Test(say, no_second_line)
{
	expect("a\naria2-ctm: all is well", "a\\naria2-ctm: all is well");
	expect("a\r\x1b[2K", "a\\r\\x1b[2K");
}

Test(say, no_control_of_the_terminal)
{
	expect("\x1b]0;title\x07", "\\x1b]0;title\\x07");
	expect("\xc2\x9b"
	       "31m",
		"\\xc2\\x9b31m");
	expect("\xe2\x80\xae"
	       "exe.txt",
		"\\xe2\\x80\\xaeexe.txt");
	expect("\xff\xfe", "\\xff\\xfe");
}
