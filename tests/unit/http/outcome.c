/* SPDX-License-Identifier: MIT */
#include "outcome.h"

#include <stddef.h>
#include <string.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(outcome, .fini = ctm_test_check_leaks);

static void expect(const char *given, const char *text)
{
	struct ctm_transport_outcome o = {.size = sizeof o, .tag = 3, .http_status = 5};

	ctm_outcome_set(&o, CTM_TRANSPORT_RETRY, 0x80004005, "%s", given);
	cr_expect_eq(o.verdict, CTM_TRANSPORT_RETRY);
	cr_expect_eq(o.hresult, 0x80004005);
	cr_expect_eq(o.tag, 3);
	cr_expect_eq(o.http_status, 5);
	cr_expect_str_eq(o.text, text);
}

Test(outcome, text_is_fit_for_a_log)
{
	expect("plain", "plain");
	expect("two\nlines\r\n", "two lines  ");
	expect("\x1b[31m\x7f", " [31m ");
	expect("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
	expect("\xff\xfe", "??");
	expect("\xc0\x80", "??");
	expect("\xe0\x80\x80", "???");
	expect("\xed\xa0\x80", "???");
	expect("\xf4\x90\x80\x80", "????");
	expect("\xc2\x9b", "??");
	expect("end \xe2\x82", "end ??");
	/* Lines that break or turn without a control character. */
	expect("a\xe2\x80\xa8"
	       "b\xe2\x80\xaa"
	       "c\xe2\x80\xae",
		"a???b???c???");
	expect("a\xe2\x81\xa6"
	       "b\xe2\x81\xa9",
		"a???b???");
	expect("\xe2\x80\xa7\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa",
		"\xe2\x80\xa7\xe2\x80\xaf\xe2\x81\xa5\xe2\x81\xaa");
}

Test(outcome, long_text_is_cut_between_characters)
{
	static const char *const characters[] = {
		"x", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};

	for (size_t i = 0; i < sizeof characters / sizeof *characters; i++) {
		for (size_t shift = 0; shift < 5; shift++) {
			const size_t step = strlen(characters[i]);
			const size_t room = sizeof((struct ctm_transport_outcome *)0)->text - 1;
			struct ctm_transport_outcome o = {.size = sizeof o};
			char given[1024] = "";

			memset(given, '.', shift);
			while (strlen(given) < 600)
				strcat(given, characters[i]);
			ctm_outcome_set(&o, CTM_TRANSPORT_RETRY, 0, "%s", given);
			cr_expect_eq(strlen(o.text), shift + (room - shift) / step * step);
			cr_expect_eq(strncmp(o.text, given, strlen(o.text)), 0);
		}
	}
}
