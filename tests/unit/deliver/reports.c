/* SPDX-License-Identifier: MIT */
#include "reports.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(reports, .fini = ctm_test_check_leaks);

static struct ctm_report make(uint64_t gid, size_t n_files)
{
	struct ctm_report report = {.gid = gid, .dir = strdup("/dl"), .n_files = n_files};

	report.files = calloc(n_files + 1, sizeof *report.files);
	return report;
}

Test(reports, grow_and_are_cut)
{
	struct ctm_reports reports = {0};

	for (uint64_t gid = 1; gid <= 100; gid++) {
		struct ctm_report report = make(gid, 2);

		cr_assert_eq(ctm_reports_take(&reports, &report), 0);
		cr_expect_null(report.dir);
	}
	cr_expect_eq(reports.n, 100);
	cr_expect_eq(reports.n_files, 200);
	cr_expect_eq(reports.items[99].gid, 100);
	ctm_reports_cut(&reports, 10);
	cr_expect_eq(reports.n, 10);
	cr_expect_eq(reports.n_files, 20);
	ctm_reports_done(&reports);
	cr_expect_eq(reports.n, 0);
	ctm_reports_done(&reports);
}

Test(reports, are_bounded)
{
	struct ctm_reports reports = {.n_files = CTM_REPORTS_FILES_MAX - 1};
	struct ctm_report report = make(1, 2);

	cr_expect_eq(ctm_reports_take(&reports, &report), -E2BIG);
	cr_expect_not_null(report.dir);
	reports.n_files = 0;
	reports.n = CTM_REPORTS_MAX;
	cr_expect_eq(ctm_reports_take(&reports, &report), -E2BIG);
	ctm_report_done(&report);
}
