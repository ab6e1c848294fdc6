/* SPDX-License-Identifier: MIT */
#include "numbers.h"

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(numbers, .fini = ctm_test_check_leaks);

Test(numbers, nothing)
{
	struct ctm_numbers numbers = {0};

	ctm_numbers_unique(&numbers);
	cr_expect_eq(numbers.n, 0);
	cr_expect_not(ctm_numbers_has(&numbers, 0));
	ctm_numbers_done(&numbers);
}

Test(numbers, sorted_and_once)
{
	static const uint32_t in[] = {7, 7, 3, UINT32_MAX, 7, 0, 3};
	struct ctm_numbers numbers = {0};

	for (size_t i = 0; i < sizeof in / sizeof *in; i++)
		cr_assert_eq(ctm_numbers_add(&numbers, in[i]), 0);
	cr_expect_eq(numbers.n, 6, "the same as the last one is not added");
	ctm_numbers_unique(&numbers);
	cr_assert_eq(numbers.n, 4);
	cr_expect(numbers.items[0] == 0 && numbers.items[1] == 3 && numbers.items[2] == 7 &&
		  numbers.items[3] == UINT32_MAX);
	cr_expect(ctm_numbers_has(&numbers, 0) && ctm_numbers_has(&numbers, UINT32_MAX));
	cr_expect(!ctm_numbers_has(&numbers, 4));
	ctm_numbers_done(&numbers);
	cr_expect(!numbers.items && !numbers.n && !numbers.cap);
}

Test(numbers, many)
{
	struct ctm_numbers numbers = {0};

	for (uint32_t i = 0; i < 5000; i++)
		cr_assert_eq(ctm_numbers_add(&numbers, i * 2654435761U % 1000), 0);
	ctm_numbers_unique(&numbers);
	cr_expect_eq(numbers.n, 1000);
	for (uint32_t i = 0; i < numbers.n; i++)
		cr_expect_eq(numbers.items[i], i);
	ctm_numbers_done(&numbers);
}
