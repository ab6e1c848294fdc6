/* SPDX-License-Identifier: MIT */
#include "place.h"

#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "buf.h"
#include "leaks.h"

TestSuite(place, .fini = ctm_test_check_leaks);

/* This program is not where it would be installed, so things are looked for beside it. */
Test(place, beside_a_program_that_is_not_installed)
{
	CTM_CLEANUP_FREE char *module = NULL;
	CTM_CLEANUP_FREE char *program = NULL;
	char self[4096] = "";
	const ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);

	cr_assert_gt(n, 0);
	strcpy(strrchr(self, '/') + 1, "deliver");
	cr_assert_eq(ctm_place_find(CTM_PLACE_LIBEXEC, "deliver", &program), 0);
	cr_expect_str_eq(program, self);
	strcpy(strrchr(self, '/') + 1, "m.so");
	cr_assert_eq(ctm_place_find(CTM_PLACE_MODULES, "m.so", &module), 0);
	cr_expect_str_eq(module, self);
}
