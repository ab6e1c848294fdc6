/* SPDX-License-Identifier: MIT */
#include "lines.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "leaks.h"

static void use_utf8(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
}

TestSuite(lines, .init = use_utf8, .fini = ctm_test_check_leaks);

static void expect(const struct ctm_lines *lines, const char *text)
{
	cr_expect_eq(lines->out->error, 0);
	cr_expect_str_eq(lines->out->data, text);
	ctm_buf_reset(lines->out);
}

Test(lines, wraps_between_words)
{
	CTM_CLEANUP_BUF struct ctm_buf out = CTM_BUF_INIT(4096);
	struct ctm_lines lines = {.out = &out, .width = 20};

	ctm_lines_begin(&lines, 2, 4);
	ctm_lines_add(&lines, CTM_PLAIN, "one two three four five six");
	ctm_lines_end(&lines);
	expect(&lines, "  one two three four\n    five six\n");
	ctm_lines_begin(&lines, 0, 2);
	ctm_lines_add(&lines, CTM_PLAIN, "12345678901234567890");
	ctm_lines_add(&lines, CTM_PLAIN, " x");
	ctm_lines_end(&lines);
	expect(&lines, "12345678901234567890\n  x\n");
}

Test(lines, no_limit)
{
	CTM_CLEANUP_BUF struct ctm_buf out = CTM_BUF_INIT(1 << 20);
	struct ctm_lines lines = {.out = &out, .width = CTM_LINES_NO_LIMIT};
	char text[20001];

	memset(text, 'x', sizeof text - 1);
	memset(text + 10000, ' ', 5);
	text[sizeof text - 1] = '\0';
	ctm_lines_begin(&lines, 0, 2);
	ctm_lines_add(&lines, CTM_PLAIN, text);
	expect(&lines, text);
}

Test(lines, breaks_between_characters)
{
	CTM_CLEANUP_BUF struct ctm_buf out = CTM_BUF_INIT(4096);
	struct ctm_lines lines = {.out = &out, .width = 20};

	/* Eleven characters of two columns, then ones that combine with their neighbour. */
	ctm_lines_begin(&lines, 0, 2);
	ctm_lines_add(&lines, CTM_PLAIN, "日日日日日日日日日日日");
	expect(&lines, "日日日日日日日日日日\n  日");
	ctm_lines_begin(&lines, 0, 2);
	ctm_lines_add(&lines, CTM_PLAIN, "éééééééééééééééééééé");
	expect(&lines, "éééééééééééééééééééé");
	ctm_lines_begin(&lines, 0, 2);
	ctm_lines_add(&lines, CTM_PLAIN, "eéeéeéeéeéeéeéeéeéeéeé");
	expect(&lines, "eéeéeéeéeéeéeéeéeéeé\n  eé");
}

Test(lines, makes_controls_visible)
{
	CTM_CLEANUP_BUF struct ctm_buf out = CTM_BUF_INIT(4096);
	struct ctm_lines lines = {.out = &out, .width = CTM_LINES_NO_LIMIT, .colours = true};

	ctm_lines_begin(&lines, 0, 0);
	ctm_lines_add(&lines, CTM_RED, "a\033[2J\nb\xff");
	ctm_lines_end(&lines);
	expect(&lines, "\033[31ma\\x1b[2J\\nb\\xff\033[0m\n");
}

Test(lines, pads)
{
	CTM_CLEANUP_BUF struct ctm_buf out = CTM_BUF_INIT(4096);
	struct ctm_lines lines = {.out = &out, .width = 40};

	ctm_lines_begin(&lines, 2, 4);
	ctm_lines_add(&lines, CTM_PLAIN, "日");
	ctm_lines_pad(&lines, 8);
	ctm_lines_add(&lines, CTM_PLAIN, "x");
	ctm_lines_pad(&lines, 3);
	ctm_lines_add(&lines, CTM_PLAIN, "y");
	expect(&lines, "  日    x y");
}

Test(lines, pipe_has_no_width_and_no_colours)
{
	CTM_CLEANUP_BUF struct ctm_buf out = CTM_BUF_INIT(4096);
	struct ctm_lines lines;
	int fds[2];

	cr_assert_eq(pipe(fds), 0);
	setenv("COLUMNS", "40", 1);
	lines = ctm_lines_for(fds[1], &out);
	cr_expect_eq(lines.width, CTM_LINES_NO_LIMIT);
	cr_expect_not(lines.colours);
	close(fds[0]);
	close(fds[1]);
}

Test(lines, terminal)
{
	CTM_CLEANUP_BUF struct ctm_buf out = CTM_BUF_INIT(4096);
	const int master = posix_openpt(O_RDWR | O_NOCTTY);
	struct ctm_lines lines;

	cr_assert_geq(master, 0, "no pseudo-terminals here: is /dev/pts mounted?");
	unsetenv("NO_COLOR");
	setenv("TERM", "xterm", 1);
	setenv("COLUMNS", "132", 1);
	lines = ctm_lines_for(master, &out);
	cr_expect_eq(lines.width, 132);
	cr_expect(lines.colours);
	setenv("COLUMNS", "nonsense", 1);
	setenv("NO_COLOR", "1", 1);
	lines = ctm_lines_for(master, &out);
	cr_expect_eq(lines.width, 80);
	cr_expect_not(lines.colours);
	close(master);
}

Test(lines, flush_says_what_failed)
{
	CTM_CLEANUP_BUF struct ctm_buf out = CTM_BUF_INIT(4);
	FILE *null = fopen("/dev/null", "w");

	cr_assert_not_null(null);
	ctm_buf_add_str(&out, "abc");
	cr_expect_eq(ctm_lines_flush(&out, null), 0);
	cr_expect_eq(out.len, 0);
	ctm_buf_add_str(&out, "abcdef");
	cr_expect_eq(ctm_lines_flush(&out, null), -ENOBUFS);
	cr_expect_eq(out.error, 0);
	fclose(null);
}
