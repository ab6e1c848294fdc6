/* SPDX-License-Identifier: MIT */
#include "encode.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(encode, .fini = ctm_test_check_leaks);

Test(encode, values)
{
	static const struct {
		const char *value;
		const char *encoded;
	} cases[] = {
		{"{3F2504E0-4F89-11D3-9A0C-0305E82C3301}/success",
			"{3F2504E0-4F89-11D3-9A0C-0305E82C3301}/success"},
		{"aria2-ctm://host.example", "aria2-ctm://host.example"},
		{"a b", "a%20b"},
		{"100%", "100%25"},
		{"\"q\"", "%22q%22"},
		{"Euro \xe2\x82\xac", "Euro%20%E2%82%AC"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *encoded = NULL;

		cr_assert_eq(ctm_encode_value(cases[i].value, &encoded), 0);
		cr_expect_str_eq(encoded, cases[i].encoded);
		free(encoded);
	}
}

Test(encode, refuses_controls)
{
	static const char *const bad[] = {NULL, "", "a\nb", "a\rb", "a\tb", "\x01", "a\x7f"};

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		char *encoded = NULL;

		cr_expect_eq(ctm_encode_value(bad[i], &encoded), -EINVAL);
		cr_expect_null(encoded);
	}
}

Test(encode, times)
{
	char text[CTM_ENCODE_TIME_SIZE];

	cr_assert_eq(ctm_encode_time(1767323045, text), 0);
	cr_assert_str_eq(text, "2026-01-02T03:04:05Z");
	cr_assert_eq(ctm_encode_time(0, text), 0);
	cr_assert_str_eq(text, "1970-01-01T00:00:00Z");
	cr_assert_eq(ctm_encode_time(-1, text), 0);
	cr_assert_str_eq(text, "1969-12-31T23:59:59Z");
	cr_assert_eq(ctm_encode_time(-62135596800, text), 0);
	cr_assert_str_eq(text, "0001-01-01T00:00:00Z");
	cr_assert_eq(ctm_encode_time(253402300799, text), 0);
	cr_assert_str_eq(text, "9999-12-31T23:59:59Z");
	cr_assert_eq(ctm_encode_time(253402300800, text), -ERANGE);
	cr_assert_eq(ctm_encode_time(INT64_MAX, text), -ERANGE);
	cr_assert_eq(ctm_encode_time(INT64_MIN, text), -ERANGE);
}
