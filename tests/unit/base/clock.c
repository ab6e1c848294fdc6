/* SPDX-License-Identifier: MIT */
#include "clock.h"

#include <time.h>

#include <criterion/criterion.h>

#include "few_descriptors.h"
#include "leaks.h"

TestSuite(clock, .fini = ctm_test_check_leaks);

Test(clock, same)
{
	const struct ctm_stamp a = {1, 2, 3};
	const struct ctm_stamp others[] = {{2, 2, 3}, {1, 3, 3}, {1, 2, 4}};

	cr_expect(ctm_stamp_is_same(&a, &(struct ctm_stamp){1, 2, 3}));
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		cr_expect_not(ctm_stamp_is_same(&a, &others[i]), "case %zu", i);
}

Test(clock, elapsed)
{
	static const struct {
		struct ctm_stamp from, to;
		uint64_t ms;
		uint64_t waited_ms;
	} cases[] = {
		/* Within one boot the wall clock may jump. */
		{{1, 1000, 0}, {1, 5000, -99999}, 4000, 4000},
		{{1, 1000, 0}, {1, 5000, 99999999}, 4000, 4000},
		{{1, 5000, 0}, {1, 1000, 9000}, 0, 0},
		/* Across boots it counts where it went on. */
		{{1, 5000, 1000}, {2, 100, 61000}, 60000, 60000},
		{{1, 5000, 61000}, {2, 100, 1000}, 0, 100},
		{{1, 5000, 61000}, {2, 90000, 62000}, 1000, 90000},
		/* An unknown boot is another one. */
		{{0, 1000, 1000}, {0, 9000, 3000}, 2000, 2000},
		{{0, 1000, 3000}, {2, 9000, 1000}, 0, 0},
		{{1, 1000, 3000}, {0, 9000, 1000}, 0, 0},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		cr_expect_eq(ctm_clock_elapsed_ms(&cases[i].from, &cases[i].to), cases[i].ms,
			"case %zu", i);
		cr_expect_eq(ctm_clock_waited_ms(&cases[i].from, &cases[i].to), cases[i].waited_ms,
			"case %zu", i);
	}
}

Test(clock, now)
{
	const struct ctm_stamp a = ctm_clock_now();
	struct ctm_stamp b;

	nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
	b = ctm_clock_now();
	cr_expect_eq(a.boot, b.boot);
	cr_expect(ctm_clock_elapsed_ms(&a, &b) >= 19);
	cr_expect(a.wall_ms > INT64_C(1600000000000));
	cr_expect(ctm_clock_boot_ms() >= b.boot_ms);
}

/* Without it a wall clock that jumps would make jobs old. */
Test(clock, boot_is_known_where_descriptors_are_short)
{
	const uint64_t boot = ctm_clock_now().boot;

	if (!boot)
		cr_skip_test("this system does not tell its boots apart");
	few_descriptors(0);
	cr_expect_eq(ctm_clock_now().boot, boot);
}

Test(clock, print)
{
	char text[32];

	cr_expect_str_eq(ctm_clock_print_utc(1767323045, text), "2026-01-02T03:04:05Z");
	cr_expect_str_eq(ctm_clock_print_utc(0, text), "1970-01-01T00:00:00Z");
	cr_expect_str_eq(ctm_clock_print_utc(INT64_MAX, text), "1970-01-01T00:00:00Z");
}
