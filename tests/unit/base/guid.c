/* SPDX-License-Identifier: MIT */
#include "guid.h"

#include <errno.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(guid, .fini = ctm_test_check_leaks);

Test(guid, one_key_for_all_spellings)
{
	static const char *const good[] = {
		"{3F2504E0-4F89-11D3-9A0C-0305E82C3301}",
		"{3f2504e0-4f89-11d3-9a0c-0305e82c3301}",
		"3F2504E0-4F89-11D3-9A0C-0305E82C3301",
	};
	char key[CTM_GUID_KEY];

	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		cr_assert_eq(ctm_guid_key(good[i], key), 0);
		cr_expect_str_eq(key, "3f2504e0-4f89-11d3-9a0c-0305e82c3301");
	}
}

Test(guid, refuses)
{
	static const char *const bad[] = {"", "{}", "{3F2504E0-4F89-11D3-9A0C-0305E82C3301",
		"3F2504E0-4F89-11D3-9A0C-0305E82C3301}", "3F2504E04F8911D39A0C0305E82C3301",
		"{3F2504E0-4F89-11D3-9A0C-0305E82C330G}", "(3F2504E0-4F89-11D3-9A0C-0305E82C3301)",
		"{3F2504E0-4F89-11D3-9A0C-0305E82C33011}", "{3F2504E0 4F89 11D3 9A0C 0305E82C3301}",
		" 3F2504E0-4F89-11D3-9A0C-0305E82C3301"};
	char key[CTM_GUID_KEY] = "same";

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		cr_expect_eq(ctm_guid_key(bad[i], key), -EINVAL, "%s", bad[i]);
	cr_expect_str_eq(key, "same");
}
