/* SPDX-License-Identifier: MIT */
#include "reach.h"

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(reach, .fini = ctm_test_check_leaks);

Test(reach, each_once)
{
	struct ctm_reach reach = {0};

	cr_assert_eq(ctm_reach_add_file(&reach, "/a"), 0);
	cr_assert_eq(ctm_reach_add_file(&reach, "/b"), 0);
	cr_assert_eq(ctm_reach_add_file(&reach, "/a"), 0);
	cr_assert_eq(ctm_reach_add_file(&reach, NULL), 0);
	cr_assert_eq(ctm_reach_add_port(&reach, 443), 0);
	cr_assert_eq(ctm_reach_add_port(&reach, 0), 0);
	cr_assert_eq(ctm_reach_add_port(&reach, 443), 0);
	cr_assert_eq(ctm_reach_add_port(&reach, 80), 0);
	cr_assert_eq(reach.n_files, 2);
	cr_expect_str_eq(reach.files[1], "/b");
	cr_assert_eq(reach.n_ports, 2);
	cr_expect_eq(reach.ports[1], 80);
	ctm_reach_done(&reach);
	cr_expect_eq(reach.n_files, 0);
	ctm_reach_done(&reach);
}
