/* SPDX-License-Identifier: MIT */
#include "values.h"

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(values, .fini = ctm_test_check_leaks);

Test(values, bools)
{
	static const char *const yes[] = {"yes", "Yes", "TRUE", "on", "1"};
	static const char *const no[] = {"no", "False", "off", "0"};
	static const char *const bad[] = {"", "y", "2", "yes please", "ja"};
	bool flag;

	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
		cr_expect(ctm_value_bool(yes[i], &flag) && flag);
	for (size_t i = 0; i < sizeof no / sizeof *no; i++)
		cr_expect(ctm_value_bool(no[i], &flag) && !flag);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		cr_expect_not(ctm_value_bool(bad[i], &flag));
}

Test(values, controls)
{
	cr_expect_not(ctm_value_has_control("plain \xc3\xa4 \xf0\x9f\x98\x80"));
	cr_expect(ctm_value_has_control("a\tb"));
	cr_expect(ctm_value_has_control("a\x7f"));
	cr_expect(ctm_value_has_control("a\xc2\x85"));
	cr_expect(ctm_value_has_control("a\xff"));
}

Test(values, windows_paths)
{
	cr_expect(ctm_value_is_windows_path("C:\\content"));
	cr_expect(ctm_value_is_windows_path("d:/content"));
	cr_expect(ctm_value_is_windows_path("\\\\server\\share"));
	cr_expect_not(ctm_value_is_windows_path("C:"));
	cr_expect_not(ctm_value_is_windows_path("a\\b"));
	cr_expect_not(ctm_value_is_windows_path("ab:/c"));
	cr_expect_not(ctm_value_is_windows_path(""));
}

Test(values, words)
{
	const char *cursor = " a, bc\t,,\f\vd\r ";
	char **list = NULL;
	const char *word;
	size_t n = 0;
	size_t len;

	while (word = ctm_value_word(&cursor, &len), len)
		cr_assert_eq(ctm_value_append(&list, &n, word, len), 0);
	cr_assert_eq(n, 3);
	cr_expect_str_eq(list[0], "a");
	cr_expect_str_eq(list[1], "bc");
	cr_expect_str_eq(list[2], "d");
	ctm_value_free_list(list, n);
	ctm_value_free_list(NULL, 0);
}
