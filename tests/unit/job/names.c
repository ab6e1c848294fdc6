/* SPDX-License-Identifier: MIT */
#include "names.h"

#include <errno.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(names, .fini = ctm_test_check_leaks);

Test(names, before_renaming)
{
	static const struct {
		const char *name;
		const char *before; /* NULL: not such a name */
	} table[] = {
		{"setup.1.exe", "setup.exe"},
		{"setup.9999.exe", "setup.exe"},
		{"setup.10000.exe", NULL},
		{"setup.0.exe", NULL},
		{"setup.01.exe", NULL},
		{"setup.1a.exe", NULL},
		{"setup.-1.exe", NULL},
		{"setup..exe", NULL},
		{"setup.exe", NULL},
		{"setup", NULL},
		{"", NULL},
		{".", NULL},
		{"data.1", "data"},
		{"data.9999", "data"},
		{"data.10000", NULL},
		{"data.0", NULL},
		{"data.", NULL},
		{"x.tar.7.gz", "x.tar.gz"},
		{"x.7.tar.gz", NULL},
		{"a.1.2", "a.1"},
		{".1", NULL},
		{".1.exe", NULL},
		{".hidden.3.txt", ".hidden.txt"},
		{".hidden.3", ".hidden"},
		{"käse.2.bin", "käse.bin"},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		char *before = NULL;
		int r = ctm_name_before_renaming(table[i].name, &before);

		cr_expect_eq(r, table[i].before ? 0 : -ENOENT, "\"%s\": %d", table[i].name, r);
		if (r == 0 && table[i].before)
			cr_expect_str_eq(
				before, table[i].before, "\"%s\": \"%s\"", table[i].name, before);
		free(before);
	}
}

Test(names, description)
{
	static const char *const yes[] = {"a.torrent", "a.TORRENT", "a.b.metalink", "a.meta4"};
	static const char *const no[] = {
		"", "torrent", ".torrent", "a.torrents", "a.torrent.exe", "a.meta3", "atorrent"};

	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
		cr_expect(ctm_name_is_description(yes[i]), "%s", yes[i]);
	for (size_t i = 0; i < sizeof no / sizeof *no; i++)
		cr_expect_not(ctm_name_is_description(no[i]), "%s", no[i]);
}

Test(names, control)
{
	cr_expect(ctm_name_is_control("setup.exe.aria2"));
	cr_expect_not(ctm_name_is_control("aria2"));
	cr_expect_not(ctm_name_is_control(".aria2"));
	cr_expect_not(ctm_name_is_control("setup.aria2.exe"));
}
