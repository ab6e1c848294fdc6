/* SPDX-License-Identifier: MIT */
#include "http_status.h"

#include <string.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(http_status, .fini = ctm_test_check_leaks);

Test(http_status, all_have_a_row)
{
	for (uint32_t status = 100; status <= 599; status++) {
		const struct ctm_http_status *row = ctm_http_status_find(status);

		cr_assert_not_null(row, "%u", status);
		cr_expect(row->first <= status && status <= row->last, "%u", status);
		cr_expect(*row->name && *row->meaning && *row->remedy, "%u", status);
		cr_expect_eq(row->transient,
			status == 408 || status == 425 || status == 429 || status >= 500, "%u",
			status);
	}
	cr_expect_null(ctm_http_status_find(0));
	cr_expect_null(ctm_http_status_find(99));
	cr_expect_null(ctm_http_status_find(600));
	cr_expect_null(ctm_http_status_find(UINT32_MAX));
}

Test(http_status, single_ones_come_before_their_class)
{
	static const struct {
		uint32_t status;
		const char *name;
	} table[] = {
		{100, "informational"},
		{200, "OK"},
		{204, "success"},
		{206, "Partial Content"},
		{302, "Found"},
		{399, "redirection"},
		{403, "Forbidden"},
		{404, "Not Found"},
		{418, "client error"},
		{429, "Too Many Requests"},
		{503, "Service Unavailable"},
		{599, "server error"},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		cr_expect_str_eq(ctm_http_status_find(table[i].status)->name, table[i].name);
}
