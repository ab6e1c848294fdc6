/* SPDX-License-Identifier: MIT */
#include "utf.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(utf, .fini = ctm_test_check_leaks);

Test(utf, valid)
{
	static const char *const good[] = {"", "abc", "\xc3\xa4", "\xe2\x82\xac",
		"\xf0\x9f\x98\x80", "\xf4\x8f\xbf\xbf", "\xed\x9f\xbf", "\xee\x80\x80", "\x7f"};
	static const char *const bad[] = {"\x80", "\xc3", "\xc3(", "\xc0\x80", "\xc1\xbf",
		"\xe0\x80\x80", "\xe0\x9f\xbf", "\xf0\x80\x80\x80", "\xed\xa0\x80", "\xed\xbf\xbf",
		"\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\xff", "a\xfe",
		"\xe2\x82\x41"};

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		cr_expect(ctm_utf8_valid(good[i], strlen(good[i])), "good %zu", i);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		cr_expect_not(ctm_utf8_valid(bad[i], strlen(bad[i])), "bad %zu", i);
	cr_expect(ctm_utf8_valid("a\0b", 3));
	cr_expect_not(ctm_utf8_valid("\xe2\x82\xac", 2));
}

/* Every code point there is, and no surrogate, goes through UTF-16 and back. */
Test(utf, every_code_point)
{
	for (char32_t code = 1; code <= 0x10ffff; code++) {
		char16_t wide[3] = {(char16_t)code};
		char32_t back = 0;
		char *utf8 = NULL;
		size_t len;

		if (code >= 0x10000) {
			wide[0] = (char16_t)(0xd800 + ((code - 0x10000) >> 10));
			wide[1] = (char16_t)(0xdc00 + ((code - 0x10000) & 0x3ff));
		}
		if (code >= 0xd800 && code <= 0xdfff) {
			cr_assert_eq(ctm_utf8_from_utf16(wide, 8, &utf8), -EINVAL);
			continue;
		}
		cr_assert_eq(ctm_utf8_from_utf16(wide, 8, &utf8), 0);
		len = strlen(utf8);
		cr_assert_eq(ctm_utf8_next(utf8, len, &back), len);
		cr_assert_eq(back, code);
		free(utf8);
	}
}

Test(utf, from_utf16)
{
	static const char16_t lone_high[] = {'a', 0xd83d, 'b', 0};
	static const char16_t high_at_end[] = {0xd83d, 0};
	static const char16_t low_first[] = {0xde00, 0xd83d, 0};
	char *utf8 = NULL;

	cr_expect_eq(ctm_utf8_from_utf16(lone_high, 100, &utf8), -EINVAL);
	cr_expect_eq(ctm_utf8_from_utf16(high_at_end, 100, &utf8), -EINVAL);
	cr_expect_eq(ctm_utf8_from_utf16(low_first, 100, &utf8), -EINVAL);
	cr_expect_eq(ctm_utf8_from_utf16(u"abcd", 3, &utf8), -ENOBUFS);
	cr_expect_null(utf8);
	cr_assert_eq(ctm_utf8_from_utf16(u"", 3, &utf8), 0);
	cr_expect_str_eq(utf8, "");
	free(utf8);
	cr_assert_eq(ctm_utf8_from_utf16(u"\u00e4\u20ac", 5, &utf8), 0);
	cr_expect_str_eq(utf8, "\xc3\xa4\xe2\x82\xac");
	free(utf8);
}

Test(utf, visible)
{
	static const struct {
		const char *text;
		size_t max;
		const char *seen;
	} cases[] = {
		{"plain \xc3\xa4", SIZE_MAX, "plain \xc3\xa4"},
		{"a\nb\tc\rd", SIZE_MAX, "a\\nb\\tc\\rd"},
		{"\x1b[31m\x7f", SIZE_MAX, "\\x1b[31m\\x7f"},
		{"\xc2\x9b"
		 "31m",
			SIZE_MAX, "\\xc2\\x9b31m"},
		{"\xe2\x80\xae"
		 "exe",
			SIZE_MAX, "\\xe2\\x80\\xaeexe"},
		{"a\xff"
		 "b",
			SIZE_MAX, "a\\xffb"},
		{"abcdef", 3, "abc..."},
		{"ab\xe2\x82\xac", 3, "ab..."},
		{"abc", 3, "abc"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(100);

		ctm_utf8_add_visible(&b, cases[i].text, cases[i].max);
		cr_expect_str_eq(b.data, cases[i].seen);
	}
}
