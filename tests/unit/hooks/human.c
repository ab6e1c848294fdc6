/* SPDX-License-Identifier: MIT */
#include "human.h"

#include <criterion/criterion.h>

Test(human, bytes)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} cases[] = {
		{0, "0 B"},
		{1023, "1023 B"},
		{1024, "1.0 KiB"},
		{1536, "1.5 KiB"},
		{1048575, "1023.9 KiB"},
		{1048576, "1.0 MiB"},
		{UINT64_C(5) << 30, "5.0 GiB"},
		{(UINT64_C(1) << 40) - 1, "1023.9 GiB"},
		{UINT64_C(1) << 60, "1.0 EiB"},
		{UINT64_MAX, "15.9 EiB"},
	};
	char buf[CTM_HUMAN];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		cr_expect_str_eq(ctm_human_bytes(cases[i].bytes, buf), cases[i].text);
}

Test(human, seconds)
{
	static const struct {
		uint64_t seconds;
		const char *text;
	} cases[] = {
		{0, "0 s"},
		{59, "59 s"},
		{60, "1 min"},
		{3599, "59 min"},
		{3600, "1 h"},
		{4800, "1 h 20 min"},
		{172799, "47 h 59 min"},
		{172800, "2 d"},
		{273600, "3 d 4 h"},
		{UINT64_MAX, "213503982334601 d 7 h"},
	};
	char buf[CTM_HUMAN];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		cr_expect_str_eq(ctm_human_seconds(cases[i].seconds, buf), cases[i].text);
}
