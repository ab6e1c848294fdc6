/* SPDX-License-Identifier: MIT */
#include "num.h"

#include <errno.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(num, .fini = ctm_test_check_leaks);

Test(num, decimal)
{
	static const struct {
		const char *text;
		uint64_t min, max;
		int result;
		uint64_t value;
	} cases[] = {
		{"0", 0, UINT64_MAX, 0, 0},
		{"18446744073709551615", 0, UINT64_MAX, 0, UINT64_MAX},
		{"18446744073709551616", 0, UINT64_MAX, -ERANGE, 0},
		{"99999999999999999999999", 0, UINT64_MAX, -ERANGE, 0},
		{"007", 0, 10, 0, 7},
		{"11", 0, 10, -ERANGE, 0},
		{"0", 1, 10, -ERANGE, 0},
		{"", 0, 10, -EINVAL, 0},
		{"-1", 0, 10, -EINVAL, 0},
		{"+1", 0, 10, -EINVAL, 0},
		{" 1", 0, 10, -EINVAL, 0},
		{"1 ", 0, 10, -EINVAL, 0},
		{"1k", 0, 10, -EINVAL, 0},
		{"0x1", 0, 10, -EINVAL, 0},
		{"99999999999999999999999x", 0, 10, -EINVAL, 0},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint64_t value = 42;
		const int r = ctm_num_parse(cases[i].text, cases[i].min, cases[i].max, &value);

		cr_expect_eq(r, cases[i].result, "%s", cases[i].text);
		cr_expect_eq(value, r ? 42 : cases[i].value, "%s", cases[i].text);
	}
}

Test(num, durations)
{
	static const struct {
		const char *text;
		int result;
		uint64_t seconds;
	} cases[] = {
		{"90", 0, 90},
		{"90s", 0, 90},
		{"5m", 0, 300},
		{"2h", 0, 7200},
		{"30d", 0, 2592000},
		{"100d", -ERANGE, 0},
		{"18446744073709551615d", -ERANGE, 0},
		{"", -EINVAL, 0},
		{"s", -EINVAL, 0},
		{"5 m", -EINVAL, 0},
		{"5M", -EINVAL, 0},
		{"5ms", -EINVAL, 0},
		{"-5s", -EINVAL, 0},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint64_t seconds = 0;

		cr_expect_eq(ctm_num_parse_duration(cases[i].text, 30 * 86400, &seconds),
			cases[i].result, "%s", cases[i].text);
		cr_expect_eq(seconds, cases[i].seconds, "%s", cases[i].text);
	}
}

Test(num, u32_any)
{
	uint32_t value = 0;

	cr_expect_eq(ctm_num_parse_u32_any("4294967295", &value), 0);
	cr_expect_eq(value, UINT32_MAX);
	cr_expect_eq(ctm_num_parse_u32_any("0xFFffFFff", &value), 0);
	cr_expect_eq(value, UINT32_MAX);
	cr_expect_eq(ctm_num_parse_u32_any("0X6", &value), 0);
	cr_expect_eq(value, 6);
	cr_expect_eq(ctm_num_parse_u32_any("0x100000000", &value), -ERANGE);
	cr_expect_eq(ctm_num_parse_u32_any("4294967296", &value), -ERANGE);
	cr_expect_eq(ctm_num_parse_u32_any("0x", &value), -EINVAL);
	cr_expect_eq(ctm_num_parse_u32_any("ff", &value), -EINVAL);
	cr_expect_eq(value, 6);
}

Test(num, hex)
{
	unsigned char bytes[2] = {0};
	char text[5];

	cr_expect_eq(ctm_num_parse_hex("0aFf", bytes, 2), 0);
	cr_expect_eq(bytes[0], 0x0a);
	cr_expect_eq(bytes[1], 0xff);
	ctm_num_print_hex(bytes, 2, text);
	cr_expect_str_eq(text, "0aff");
	cr_expect_eq(ctm_num_parse_hex("0aF", bytes, 2), -EINVAL);
	cr_expect_eq(ctm_num_parse_hex("0aFf0", bytes, 2), -EINVAL);
	cr_expect_eq(ctm_num_parse_hex("0x0a", bytes, 2), -EINVAL);
}

Test(num, gid)
{
	uint64_t gid = 0;

	cr_expect_eq(ctm_num_parse_gid("2089b05ecca3d829", &gid), 0);
	cr_expect_eq(gid, UINT64_C(0x2089b05ecca3d829));
	cr_expect_eq(ctm_num_parse_gid("2089B05ECCA3D829", &gid), 0);
	cr_expect_eq(ctm_num_parse_gid("0000000000000000", &gid), -EINVAL);
	cr_expect_eq(ctm_num_parse_gid("2089b05ecca3d82", &gid), -EINVAL);
	cr_expect_eq(ctm_num_parse_gid("", &gid), -EINVAL);
}
