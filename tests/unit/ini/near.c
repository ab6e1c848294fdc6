/* SPDX-License-Identifier: MIT */
#include "near.h"

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(near, .fini = ctm_test_check_leaks);

static const char *const words[] = {"id", "kind", "endpoint", "client_data", "local_path", "size"};

Test(near, finds)
{
	static const struct {
		const char *word, *nearest;
		bool close;
	} cases[] = {
		{"endpiont", "endpoint", true},
		{"Endpoint", "endpoint", true},
		{"clientdata", "client_data", true},
		{"client-data", "client_data", true},
		{"localpath", "local_path", true},
		{"sise", "size", true},
		{"zsie", "size", true},
		{"knid", "kind", true},
		{"colour", "id", false},
		{"", "id", false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		bool close = !cases[i].close;
		const char *nearest =
			ctm_near_find(cases[i].word, words, sizeof words / sizeof *words, &close);

		cr_assert_not_null(nearest);
		if (cases[i].close)
			cr_expect_str_eq(nearest, cases[i].nearest);
		cr_expect_eq(close, cases[i].close, "%s: %s", cases[i].word, nearest);
	}
}

Test(near, nothing_known_and_long_words)
{
	char longest[5000];
	bool close = true;

	memset(longest, 'x', sizeof longest);
	longest[sizeof longest - 1] = '\0';
	cr_expect_null(ctm_near_find("id", words, 0, &close));
	cr_expect_not(close);
	cr_expect_not_null(ctm_near_find(longest, words, 6, &close));
	cr_expect_not(close);
}
