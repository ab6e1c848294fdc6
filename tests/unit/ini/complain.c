/* SPDX-License-Identifier: MIT */
#include "complain.h"

#include <stdint.h>

#include <criterion/criterion.h>

#include "leaks.h"
#include "told.h"

TestSuite(complain, .init = test_told_reset, .fini = ctm_test_check_leaks);

static const struct ctm_ini_entry entry = {
	.file = "a.ini", .line = 7, .section = "job", .key = "endpiont", .value = "\"x\x1b\""};
static const char *const known[] = {"id", "endpoint"};

Test(complain, texts_and_counts)
{
	struct ctm_complaints c = {.complain = test_tell, .file = "a.ini"};

	ctm_complain_error(&c, 3, "bad %d", 1);
	ctm_complain_warning(&c, 0, "odd");
	ctm_complain_key(&c, &entry, "\"%s\" is bad", CTM_SHOW(entry.value));
	ctm_complain_key_warning(&c, &entry, "odd");
	cr_expect_eq(c.errors, 2);
	cr_expect_str_eq(test_told, "E a.ini:3: bad 1\nW a.ini: odd\n"
				    "E a.ini:7: [job] endpiont: \"\"x\\x1b\"\" is bad\n"
				    "W a.ini:7: [job] endpiont: odd\n");
}

Test(complain, suggestions)
{
	struct ctm_complaints c = {.complain = test_tell, .file = "a.ini"};
	struct ctm_ini_entry far = entry;

	far.key = "zzzzzzzzzz";
	ctm_complain_unknown_key(&c, &entry, known, 2);
	ctm_complain_unknown_key(&c, &far, known, 2);
	ctm_complain_unknown_section(&c, &entry, known, 0);
	ctm_complain_quotes(&c, &entry);
	cr_expect_eq(c.errors, 0);
	cr_expect_not_null(strstr(
		test_told, "unknown key \"endpiont\" in [job], did you mean \"endpoint\"?\n"));
	cr_expect_not_null(
		strstr(test_told, "\"zzzzzzzzzz\" in [job]; the nearest known one is \""));
	cr_expect_not_null(strstr(test_told, "unknown section \"job\"\n"));
	cr_expect_not_null(strstr(test_told, "the quotes around"));
}

Test(complain, quotes)
{
	static const char *const fine[] = {"", "\"", "a\"b\"", "\"a'", "\"a\" b"};
	struct ctm_complaints c = {.complain = test_tell, .file = "a.ini"};
	struct ctm_ini_entry e = entry;

	for (size_t i = 0; i < sizeof fine / sizeof *fine; i++) {
		e.value = fine[i];
		ctm_complain_quotes(&c, &e);
	}
	cr_expect_str_eq(test_told, "");
	e.value = "''";
	ctm_complain_quotes(&c, &e);
	cr_expect_str_neq(test_told, "");
}

Test(complain, shown_is_bounded)
{
	char hostile[1000];
	struct ctm_shown shown;

	memset(hostile, '\x01', sizeof hostile);
	hostile[sizeof hostile - 1] = '\0';
	cr_expect_lt(strlen(ctm_shown(hostile, &shown)), sizeof shown.text);
	cr_expect_str_eq(shown.text + strlen(shown.text) - 7, "\\x01...");
	cr_expect_str_eq(ctm_shown("", &shown), "");
}

Test(complain, nobody_listens)
{
	struct ctm_complaints c = {.file = "a.ini"};

	ctm_complain_error(&c, 1, "x");
	cr_expect_eq(c.errors, 1);
}
