/* SPDX-License-Identifier: MIT */
#include "sized.h"

#include <string.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(sized, .fini = ctm_test_check_leaks);

/* As this side knows it, and as an older and a newer one do. */
struct ours {
	size_t size;
	size_t first;
	size_t second;
};
struct older {
	size_t size;
	size_t first;
};
struct newer {
	size_t size;
	size_t first;
	size_t second;
	size_t third;
};

Test(sized, comes_in_as_far_as_both_know_it)
{
	const struct older older = {sizeof older, 1};
	const struct newer newer = {sizeof newer, 1, 2, 3};
	const size_t none = sizeof none - 1;
	struct ours got = {0};

	cr_assert(ctm_sized_in(&got, sizeof got, &older));
	cr_expect_eq(got.first, 1);
	cr_expect_eq(got.second, 0);
	cr_assert(ctm_sized_in(&got, sizeof got, &newer));
	cr_expect_eq(got.second, 2);
	cr_expect_not(ctm_sized_in(&got, sizeof got, &none));
}

Test(sized, goes_out_as_far_as_both_know_it)
{
	const struct ours from = {sizeof from, 1, 2};
	struct older older = {sizeof older, 0};
	struct newer newer = {sizeof newer, 0, 0, 7};
	size_t none = 0;

	ctm_sized_out(&from, sizeof from, &older);
	cr_expect_eq(older.size, sizeof older);
	cr_expect_eq(older.first, 1);
	ctm_sized_out(&from, sizeof from, &newer);
	cr_expect_eq(newer.size, sizeof newer);
	cr_expect_eq(newer.second, 2);
	cr_expect_eq(newer.third, 7);
	ctm_sized_out(&from, sizeof from, &none);
	cr_expect_eq(none, 0);
}
