/* SPDX-License-Identifier: MIT */
#include "terms.h"

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(terms, .fini = ctm_test_check_leaks);

Test(terms, kinds)
{
	enum ctm_kind kind = CTM_KIND_LISTED;

	cr_expect(ctm_kind_from_name("Totals", &kind));
	cr_expect_eq(kind, CTM_KIND_TOTALS);
	cr_expect(ctm_kind_from_name("single", &kind));
	cr_expect_eq(kind, CTM_KIND_SINGLE);
	cr_expect_not(ctm_kind_from_name("list", &kind));
	cr_expect_not(ctm_kind_from_name("", &kind));
	cr_expect_eq(kind, CTM_KIND_SINGLE);
	cr_expect_str_eq(ctm_kind_name(CTM_KIND_LISTED), "listed");
	cr_expect_null(ctm_kind_name((enum ctm_kind)9));
}

/* CCM_DTS_PRIORITY: 0 to 3. */
Test(terms, priorities)
{
	static const char *const names[] = {"foreground", "high", "normal", "low"};

	for (unsigned i = 0; i < 4; i++) {
		enum ctm_priority priority;

		cr_assert(ctm_priority_from_name(names[i], &priority));
		cr_expect_eq(priority, (enum ctm_priority)i);
		cr_expect_str_eq(ctm_priority_name(priority), names[i]);
	}
}

Test(terms, flags)
{
	static const char *const names[] = {"SINGLEFILE", "DIRECTORY", "NOTIFYPROGRESS",
		"INSECURETRANSPORT", "TOPLEVELFILESONLY", "SENDAUTHHEADERS",
		"SENDAUTHHEADERS_MIXED", "USEINPUTMANIFEST", "SKIPHOSTCHANGEHANDLING"};
	uint32_t flag = 0;

	for (unsigned i = 0; i < sizeof names / sizeof *names; i++) {
		cr_assert(ctm_flag_from_name(names[i], &flag), "%s", names[i]);
		cr_expect_eq(flag, 1u << i);
	}
	cr_expect_not(ctm_flag_from_name("CCM_DTS_FLAG_DIRECTORY", &flag));
}
