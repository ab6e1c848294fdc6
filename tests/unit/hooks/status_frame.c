/* SPDX-License-Identifier: MIT */
#include "status_frame.h"

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(status_frame, .fini = ctm_test_check_leaks);

#define BEGIN "\033[?25l\033[H"
#define END "\033[J\033[?25h"

static void expect(const char *text, size_t rows, const char *wanted)
{
	CTM_CLEANUP_BUF struct ctm_buf out = CTM_BUF_INIT(4096);

	ctm_frame_add(&out, text, rows);
	cr_assert_eq(out.error, 0);
	cr_expect_str_eq(out.data, wanted);
}

Test(status_frame, fits)
{
	expect("", 24, BEGIN END);
	expect("a\n\nb\n", 24, BEGIN "\033[Ka\n\033[K\n\033[Kb\n" END);
	expect("a\nb\n", 3, BEGIN "\033[Ka\n\033[Kb\n" END);
}

/* The row below the last line is the cursor's. */
Test(status_frame, too_much)
{
	expect("a\nb\nc\n", 3, BEGIN "\033[Ka\n\033[0m\033[K... 2 more\n" END);
	expect("a\nb\nc\nd\n", 4, BEGIN "\033[Ka\n\033[Kb\n\033[0m\033[K... 2 more\n" END);
	expect("a\nb\nc\n", 0, BEGIN "\033[Ka\n\033[0m\033[K... 2 more\n" END);
}

Test(status_frame, limit)
{
	CTM_CLEANUP_BUF struct ctm_buf out = CTM_BUF_INIT(20);

	ctm_frame_add(&out, "a long line, too long for the buffer\n", 24);
	cr_expect_lt(out.error, 0);
}
