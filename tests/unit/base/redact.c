/* SPDX-License-Identifier: MIT */
#include "redact.h"

#include <string.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(redact, .fini = ctm_test_check_leaks);

Test(redact, no_secret)
{
	static const char *const texts[] = {"", "ctm", "https://ctm.example.net/notify?x=1"};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		cr_expect_eq(CTM_REDACT_URL(texts[i]), texts[i]);
}

Test(redact, user_and_password)
{
	static const struct {
		const char *text, *shown;
	} rows[] = {
		{"http://user:secret@h.example/n", "http://...@h.example/n"},
		{"HTTPS://user@h.example/n", "https://...@h.example/n"},
		{"https://user:se@cr/et@h.example/n", "https://...@h.example/n"},
		{"https:/user:secret@h.example", "...@h.example"},
		{"user:secret@h.example", "...@h.example"},
		{"secret@", "...@"},
	};

	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		cr_expect_str_eq(CTM_REDACT_URL(rows[i].text), rows[i].shown);
}

Test(redact, long_one_is_cut)
{
	char text[2 * CTM_REDACTED];
	struct ctm_redacted r;

	memset(text, 'a', sizeof text - 1);
	memcpy(text, "https://x@", 10);
	text[sizeof text - 1] = '\0';
	cr_expect_eq(strlen(ctm_redact_url(text, &r)), CTM_REDACTED - 1);
	cr_expect_eq(strncmp(r.text, "https://...@aaa", 15), 0);
}
