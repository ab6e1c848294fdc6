/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(report, .fini = ctm_test_check_leaks);

Test(report, complete_or_seeding_all_of_it)
{
	static const struct {
		enum ctm_report_status status;
		bool seeder;
		uint64_t bytes, done;
		bool complete;
	} table[] = {
		{CTM_REPORT_COMPLETE, false, 0, 0, true},
		{CTM_REPORT_ACTIVE, true, 7, 7, true},
		{CTM_REPORT_ACTIVE, true, 7, 6, false},
		{CTM_REPORT_ACTIVE, true, 0, 0, false},
		{CTM_REPORT_ACTIVE, false, 7, 7, false},
		{CTM_REPORT_PAUSED, true, 7, 7, false},
		{CTM_REPORT_ERROR, false, 7, 7, false},
		{CTM_REPORT_REMOVED, true, 7, 7, false},
		{CTM_REPORT_UNKNOWN, true, 7, 7, false},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		const struct ctm_report report = {.status = table[i].status,
			.seeder = table[i].seeder,
			.bytes = table[i].bytes,
			.done = table[i].done};

		cr_assert_eq(ctm_report_is_complete(&report), table[i].complete, "row %zu", i);
	}
}

Test(report, done_frees_all_and_takes_the_half_built)
{
	struct ctm_report report = {.dir = strdup("/dl"), .n_files = 2};

	report.files = calloc(2, sizeof *report.files);
	report.files[0].path = strdup("/dl/a");
	report.files[1].uri = strdup("http://127.0.0.1/b");
	ctm_report_done(&report);
	cr_assert_eq(report.n_files, 0);
	ctm_report_done(&report);
}
