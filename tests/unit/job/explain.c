/* SPDX-License-Identifier: MIT */
#include "explain.h"

#include <ctype.h>
#include <string.h>

#include <criterion/criterion.h>

#include "aria2_code.h"
#include "hresult.h"
#include "http_status.h"
#include "leaks.h"

TestSuite(explain, .fini = ctm_test_check_leaks);

static bool is_clause(const char *text)
{
	size_t len = strlen(text);

	return len && text[len - 1] != '.' && !isspace((unsigned char)text[0]) &&
	       !isupper((unsigned char)text[0]);
}

static void expect_explained(uint32_t hresult)
{
	struct ctm_explanation explanation;

	cr_assert(ctm_explain_hresult(hresult, &explanation), "0x%08X", hresult);
	cr_expect(is_clause(explanation.meaning), "0x%08X", hresult);
	cr_expect(is_clause(explanation.remedy), "0x%08X", hresult);
}

/* Names and explanations are two tables: neither may know a code that the other does not. */
Test(explain, what_has_a_name_is_explained)
{
	static const uint32_t facilities[] = {
		0, 0x80000000, 0x80070000, 0x80090000, 0x80190000, 0x80200000, 0x80210000};
	char buf[32];

	for (size_t i = 0; i < sizeof facilities / sizeof *facilities; i++) {
		for (uint32_t low = 0; low <= 0xFFFF; low++) {
			struct ctm_explanation explanation;
			const uint32_t hresult = facilities[i] | low;

			cr_expect_eq(ctm_explain_hresult(hresult, &explanation),
				ctm_hresult_name(hresult, buf, sizeof buf) != NULL, "0x%08X",
				hresult);
		}
	}
}

Test(explain, what_others_become_is_explained)
{
	for (uint32_t code = 0; code <= CTM_ARIA2_CODE_LAST; code++)
		expect_explained(ctm_aria2_hresult(code, NULL));
	expect_explained(ctm_aria2_hresult(1, "Failed to establish connection"));
	for (uint32_t code = 0; code < 1000; code++)
		if (ctm_explain_curl(code))
			expect_explained(ctm_explain_curl(code)->hresult);
}

Test(explain, transient)
{
	static const struct {
		uint32_t hresult;
		enum ctm_transient transient;
	} table[] = {
		{0x00000000, CTM_TRANSIENT_NEITHER},
		{0x80004004, CTM_TRANSIENT_NO},
		{0x80004005, CTM_TRANSIENT_NO},
		{0x80070002, CTM_TRANSIENT_NO},
		{0x80070003, CTM_TRANSIENT_NO},
		{0x80070005, CTM_TRANSIENT_NO},
		{0x8007000D, CTM_TRANSIENT_NO},
		{0x8007000E, CTM_TRANSIENT_YES},
		{0x8007001D, CTM_TRANSIENT_NO},
		{0x80070020, CTM_TRANSIENT_YES},
		{0x80070026, CTM_TRANSIENT_YES},
		{0x80070050, CTM_TRANSIENT_NO},
		{0x80070057, CTM_TRANSIENT_NO},
		{0x80070070, CTM_TRANSIENT_NO},
		{0x800700B7, CTM_TRANSIENT_NO},
		{0x800703E5, CTM_TRANSIENT_NEITHER},
		{0x8007045D, CTM_TRANSIENT_NO},
		{0x80070490, CTM_TRANSIENT_NO},
		{0x800704C7, CTM_TRANSIENT_NO},
		{0x80070570, CTM_TRANSIENT_NO},
		{0x800705B4, CTM_TRANSIENT_NO},
		{0x800706BA, CTM_TRANSIENT_YES},
		{0x80072EE2, CTM_TRANSIENT_YES},
		{0x80072EE5, CTM_TRANSIENT_NO},
		{0x80072EE6, CTM_TRANSIENT_NO},
		{0x80072EE7, CTM_TRANSIENT_YES},
		{0x80072EFD, CTM_TRANSIENT_YES},
		{0x80072EFE, CTM_TRANSIENT_YES},
		{0x80072F05, CTM_TRANSIENT_NO},
		{0x80072F06, CTM_TRANSIENT_NO},
		{0x80072F0C, CTM_TRANSIENT_NO},
		{0x80072F0D, CTM_TRANSIENT_NO},
		{0x80072F78, CTM_TRANSIENT_YES},
		{0x80072F7C, CTM_TRANSIENT_NO},
		{0x80072F7D, CTM_TRANSIENT_NO},
		{0x80072F8F, CTM_TRANSIENT_NO},
		{0x80091007, CTM_TRANSIENT_NO},
		{0x80190194, CTM_TRANSIENT_NO},
		{0x80190198, CTM_TRANSIENT_YES},
		{0x801901A9, CTM_TRANSIENT_YES},
		{0x801901AD, CTM_TRANSIENT_YES},
		{0x801901F4, CTM_TRANSIENT_YES},
		{0x801901F7, CTM_TRANSIENT_YES},
		{0x80200011, CTM_TRANSIENT_NO},
		{0x80200012, CTM_TRANSIENT_NO},
		{0x80200013, CTM_TRANSIENT_NO},
		{0x80200020, CTM_TRANSIENT_NO},
		{0x80200024, CTM_TRANSIENT_YES},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct ctm_explanation explanation;

		cr_assert(ctm_explain_hresult(table[i].hresult, &explanation));
		cr_expect_eq(explanation.transient, table[i].transient, "0x%08X", table[i].hresult);
	}
}

Test(explain, http_statuses)
{
	for (uint32_t status = 100; status <= 599; status++) {
		const struct ctm_http_status *row = ctm_http_status_find(status);
		struct ctm_explanation explanation;

		cr_assert(ctm_explain_hresult(CTM_E_HTTP(status), &explanation));
		cr_expect_str_eq(explanation.meaning, row->meaning);
		cr_expect_str_eq(explanation.remedy, row->remedy);
	}
}

Test(explain, unknown)
{
	struct ctm_explanation explanation = {.remedy = "untouched"};

	cr_expect_not(ctm_explain_hresult(1, &explanation));
	cr_expect_not(ctm_explain_hresult(0x80190063, &explanation));
	cr_expect_not(ctm_explain_hresult(0x80190258, &explanation));
	cr_expect_not(ctm_explain_hresult(UINT32_MAX, &explanation));
	cr_expect_str_eq(explanation.remedy, "untouched");
	cr_expect_null(ctm_explain_curl(20));
	cr_expect_null(ctm_explain_curl(1000));
	cr_expect_null(ctm_explain_curl(UINT32_MAX));
}

Test(explain, curl_texts)
{
	for (uint32_t code = 0; code < 1000; code++) {
		const struct ctm_curl_name *name = ctm_explain_curl(code);

		if (name)
			cr_expect(is_clause(name->meaning) && is_clause(name->remedy), "%u", code);
	}
}
