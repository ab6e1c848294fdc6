/* SPDX-License-Identifier: MIT */
#include "paths.h"

#include <stdio.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(paths, .fini = ctm_test_check_leaks);

Test(paths, none)
{
	struct ctm_paths paths = {0};

	ctm_paths_sort(&paths);
	cr_expect_not(ctm_paths_has(&paths, "", 0));
	cr_expect_not(ctm_paths_has(&paths, "/a", 0));
	ctm_paths_done(&paths);
	ctm_paths_done(&paths);
}

Test(paths, many)
{
	static char texts[1000][16];
	struct ctm_paths paths = {0};

	for (unsigned i = 0; i < 1000; i++) {
		snprintf(texts[i], sizeof texts[i], "/dl/%u", (i * 7919) % 1000);
		cr_assert_eq(ctm_paths_add(&paths, texts[i], i + 1), 0);
	}
	cr_assert_eq(ctm_paths_add(&paths, texts[5], 3), 0, "twice is no harm");
	ctm_paths_sort(&paths);
	for (unsigned i = 0; i < 1000; i++)
		cr_assert(ctm_paths_has(&paths, texts[i], i), "%s", texts[i]);
	cr_expect_not(ctm_paths_has(&paths, "/dl/1000", 0));
	cr_expect_not(ctm_paths_has(&paths, "/dl/", 0));
	cr_expect_not(ctm_paths_has(&paths, "/dl/1/", 0), "whole");
	cr_expect_not(ctm_paths_has(&paths, "", 0));
	ctm_paths_done(&paths);
	cr_expect_not(ctm_paths_has(&paths, texts[0], 0));
}

/* Of the places that a path has the last counts, in whatever order they were added. */
Test(paths, order)
{
	static const size_t places[][3] = {{2, 7, 4}, {7, 4, 2}, {4, 2, 7}};

	for (size_t i = 0; i < 3; i++) {
		struct ctm_paths paths = {0};

		for (size_t k = 0; k < 3; k++)
			cr_assert_eq(ctm_paths_add(&paths, "/dl/b", places[i][k]), 0);
		cr_assert_eq(ctm_paths_add(&paths, "/dl/a", 0), 0);
		cr_assert_eq(ctm_paths_add(&paths, "/dl/c", CTM_PATHS_BUSY), 0);
		cr_assert_eq(ctm_paths_add(&paths, "/dl/c", 5), 0);
		ctm_paths_sort(&paths);
		cr_expect_eq(paths.n, 3, "each path once");
		cr_expect(ctm_paths_has(&paths, "/dl/b", 0));
		cr_expect(ctm_paths_has(&paths, "/dl/b", 6));
		cr_expect_not(ctm_paths_has(&paths, "/dl/b", 7), "not behind itself");
		cr_expect_not(ctm_paths_has(&paths, "/dl/b", CTM_PATHS_BUSY - 1));
		cr_expect_not(ctm_paths_has(&paths, "/dl/a", 0));
		cr_expect(ctm_paths_has(&paths, "/dl/c", 1000));
		cr_expect(ctm_paths_has(&paths, "/dl/c", CTM_PATHS_BUSY - 1), "behind everything");
		ctm_paths_done(&paths);
	}
}
