/* SPDX-License-Identifier: MIT */
#include "check_report.h"

#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(check_report, .fini = ctm_test_check_leaks);

Test(check_report, errors_last_and_counted)
{
	CTM_CLEANUP_BUF struct ctm_buf out = CTM_BUF_INIT(4096);
	struct ctm_lines lines = {.out = &out, .width = CTM_LINES_NO_LIMIT};
	struct ctm_check_report report = {0};

	ctm_check_add(&report, CTM_CHECK_ERROR, "a", "is %s", "bad");
	ctm_check_remedy(&report, "mend %s", "it");
	ctm_check_add(&report, CTM_CHECK_OK, "b", "is good");
	ctm_check_add(&report, CTM_CHECK_WARNING, "c", "is odd");
	ctm_check_print(&report, &lines);
	cr_expect_str_eq(out.data, "ok: b: is good\n"
				   "warning: c: is odd\n"
				   "error: a: is bad\n"
				   "  remedy: mend it\n"
				   "1 error, 1 warning\n");
	ctm_check_report_done(&report);
}

Test(check_report, one_remedy_for_a_row)
{
	CTM_CLEANUP_BUF struct ctm_buf out = CTM_BUF_INIT(4096);
	struct ctm_lines lines = {.out = &out, .width = CTM_LINES_NO_LIMIT};
	struct ctm_check_report report = {0};

	for (unsigned i = 0; i < 3; i++) {
		ctm_check_add(&report, CTM_CHECK_WARNING, "x", "%u", i);
		ctm_check_remedy(&report, "%s", i < 2 ? "same" : "other");
	}
	ctm_check_print(&report, &lines);
	cr_expect_str_eq(out.data, "warning: x: 0\n"
				   "warning: x: 1\n"
				   "  remedy: same\n"
				   "warning: x: 2\n"
				   "  remedy: other\n"
				   "0 errors, 3 warnings\n");
	ctm_check_report_done(&report);
}

Test(check_report, complaints)
{
	struct ctm_check_report report = {0};
	struct ctm_error e;

	ctm_error_at(&e, -EINVAL, "/x/a.ini", 3, "key: wrong");
	ctm_check_complaint(&report, &e);
	ctm_error_at(&e, 0, "/x/a.ini", 0, "odd");
	ctm_check_complaint(&report, &e);
	cr_assert_eq(report.n, 2);
	cr_expect_str_eq(report.items[0].subject, "/x/a.ini:3");
	cr_expect_str_eq(report.items[0].text, "key: wrong");
	cr_expect_eq(report.items[0].level, CTM_CHECK_ERROR);
	cr_expect_str_eq(report.items[1].subject, "/x/a.ini");
	cr_expect_eq(report.items[1].level, CTM_CHECK_WARNING);
	ctm_check_report_done(&report);
}

Test(check_report, empty)
{
	CTM_CLEANUP_BUF struct ctm_buf out = CTM_BUF_INIT(4096);
	struct ctm_lines lines = {.out = &out, .width = CTM_LINES_NO_LIMIT};
	struct ctm_check_report report = {0};

	ctm_check_remedy(&report, "nothing to mend");
	ctm_check_print(&report, &lines);
	cr_expect_str_eq(out.data, "0 errors, 0 warnings\n");
	ctm_check_report_done(&report);
}
