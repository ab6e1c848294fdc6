/* SPDX-License-Identifier: MIT */
/* A store comes to be whole or not at all, whatever an earlier try has left behind. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "files.h"
#include "shelf.h"
#include "store_make.h"

TestSuite(store_make, .init = shelf_init, .fini = shelf_done, .timeout = 120);

#define MADE scratch_path("made.mdb")
#define BEGUN scratch_path("made.mdb.new")
#define MAP_BYTES ((size_t)1 << 20)

static void expect_opens(void)
{
	struct ctm_error e = CTM_ERROR_INIT;
	struct ctm_store *store = NULL;

	cr_assert_eq(ctm_store_open(MADE, &store, &e), 0, "%s", e.text);
	ctm_store_close(store);
	cr_assert_neq(access(BEGUN, F_OK), 0);
}

Test(store_make, beside_what_was_begun)
{
	cr_assert_eq(ctm_files_replace(BEGUN, "half a page", 11, 0600), 0);
	expect_opens();
}

Test(store_make, over_a_file_that_was_only_opened)
{
	cr_assert_eq(ctm_files_replace(MADE, "", 0, 0600), 0);
	expect_opens();
}

Test(store_make, what_is_there_is_left_alone)
{
	char text[] = "somebody's, if damaged";
	char got[64] = "";
	FILE *f;

	cr_assert_eq(ctm_files_replace(MADE, text, sizeof text, 0600), 0);
	cr_assert_eq(ctm_store_make(MADE, MAP_BYTES), 0);
	f = fopen(MADE, "r");
	cr_assert_eq(fread(got, 1, sizeof got, f), sizeof text);
	fclose(f);
	cr_assert_str_eq(got, text);
}

Test(store_make, for_the_owner_alone)
{
	struct stat st;

	expect_opens();
	cr_assert_eq(stat(MADE, &st), 0);
	cr_assert_eq(st.st_mode & 0777, 0600);
}

Test(store_make, not_where_nobody_can_look)
{
	const char *path = scratch_path("file/made.mdb");

	scratch_write("file", "no directory");
	cr_assert_eq(ctm_store_make(path, MAP_BYTES), ENOTDIR);
}

Test(store_make, nowhere)
{
	cr_assert_eq(ctm_store_make("/no/such/directory/made.mdb", MAP_BYTES), ENOENT);
}
