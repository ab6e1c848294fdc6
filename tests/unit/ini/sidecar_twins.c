/* SPDX-License-Identifier: MIT */
/* Two [file.N] of one number, or of one file, among many; and names beside each other. */
#include "told.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "buf.h"
#include "hash.h"

static void enter(void)
{
	test_enter();
	cr_assert_eq(mkdir("content", 0755), 0);
	cr_assert_eq(mkdir("content/real", 0755), 0);
	cr_assert_eq(symlink("real", "content/in"), 0);
}

TestSuite(sidecar_twins, .init = enter, .fini = test_leave);

static void begin(struct ctm_buf *b, unsigned n)
{
	ctm_buf_printf(b,
		"[job]\nid={3F2504E0-4F89-11D3-9A0C-0305E82C3301}\nkind=listed\nendpoint=ctm\n"
		"local_path=%s/content\nfiles_total=%u\n",
		test_dir, n);
}

static enum ctm_sidecar_state load(const struct ctm_buf *b, struct ctm_sidecar **ret_sidecar)
{
	cr_assert_eq(b->error, 0);
	test_told_reset();
	test_write("s.ctm.ini", b->data, b->len);
	return test_load("s.ctm.ini", ret_sidecar);
}

#define MANY 3000u

/* Names that no order puts beside each other; the second one at `at` is like the first at 0. */
static enum ctm_sidecar_state load_many(unsigned at, bool number, struct ctm_sidecar **ret_sidecar)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(1000000);

	begin(&b, MANY);
	for (unsigned i = 0; i < MANY; i++) {
		const bool twin = at && i == at;

		ctm_buf_printf(&b, "[file.%u]\npath=%u/%u\n", twin && number ? 1 : i + 1,
			twin && !number ? 0 : i % 7, twin && !number ? 0 : i * 7919 % MANY);
	}
	return load(&b, ret_sidecar);
}

Test(sidecar_twins, many)
{
	static const unsigned places[] = {1, 2, 1499, MANY - 1};
	struct ctm_sidecar *s = NULL;

	cr_expect_eq(load_many(0, false, &s), CTM_SIDECAR_GOOD, "%s", test_told);
	cr_expect_eq(s->n_files, MANY);
	ctm_sidecar_free(s);
	for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
		char told[128];

		cr_expect_eq(load_many(places[i], false, &s), CTM_SIDECAR_INVALID);
		snprintf(told, sizeof told,
			"E s.ctm.ini:%u: [file.%u] path: \"0/0\" is the file of [file.1] on line 8; name "
			"each once\n",
			8 + 2 * places[i], places[i] + 1);
		cr_expect_str_eq(test_told, told);
		ctm_sidecar_free(s);
		cr_expect_eq(load_many(places[i], true, &s), CTM_SIDECAR_INVALID);
		snprintf(told, sizeof told,
			"E s.ctm.ini:%u: [file.1] stands here again, first at line 8; number each file "
			"anew\n",
			8 + 2 * places[i]);
		cr_expect_str_eq(test_told, told);
		ctm_sidecar_free(s);
	}
}

/* Numbers may come in any order. */
Test(sidecar_twins, falling_numbers)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(1000000);
	struct ctm_sidecar *s = NULL;

	begin(&b, 3);
	ctm_buf_add_str(&b, "[file.9]\npath=a\n[file.2]\npath=b\n[file.3]\npath=c\n");
	cr_expect_eq(load(&b, &s), CTM_SIDECAR_GOOD, "%s", test_told);
	ctm_sidecar_free(s);
}

/* Other paths of one hash are no twins. */
Test(sidecar_twins, hashes_collide)
{
	static const char first[] = "8yn0iYCKYHlIj4-BwPqk";
	static const char second[] = "GReLUrM4wMqfg9yzV3KQ";
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(1000000);
	struct ctm_sidecar *s = NULL;

	cr_assert_eq(ctm_hash(first, strlen(first)), ctm_hash(second, strlen(second)));
	begin(&b, 2);
	ctm_buf_printf(&b, "[file.1]\npath=%s\n[file.2]\npath=%s\n", first, second);
	cr_expect_eq(load(&b, &s), CTM_SIDECAR_GOOD, "%s", test_told);
	ctm_sidecar_free(s);
}

/* What is known of a directory is known of no other, and of its names as they are written. */
Test(sidecar_twins, beside)
{
	static const struct {
		const char *written;
		const char *canonical;
	} files[] = {{"none/a", "none/a"}, {"none/b", "none/b"}, {"none/./c", "none/c"},
		{"none/d", "none/d"}, {"none//e", "none/e"}, {"none/f", "none/f"},
		{"none/more/g", "none/more/g"}, {"none/h", "none/h"}, {"none.i", "none.i"},
		{"nonej", "nonej"}, {"in/k", "real/k"}, {"in/l", "real/l"}, {"none/m", "none/m"},
		{"in/none/n", "real/none/n"}, {"in/none/o", "real/none/o"},
		{"real/none/p", "real/none/p"}, {"real/none/q", "real/none/q"}, {"r", "r"},
		{"./s", "s"}, {"t", "t"}};
	const unsigned n = sizeof files / sizeof *files;
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(1000000);
	struct ctm_sidecar *s = NULL;

	begin(&b, n);
	for (unsigned i = 0; i < n; i++)
		ctm_buf_printf(&b, "[file.%u]\npath=%s\n", i + 1, files[i].written);
	cr_assert_eq(load(&b, &s), CTM_SIDECAR_GOOD, "%s", test_told);
	for (unsigned i = 0; i < n; i++)
		cr_expect_str_eq(s->files[i].path, files[i].canonical);
	ctm_sidecar_free(s);
}

/* A directory that is there is asked for each name: one of them can be a link. */
Test(sidecar_twins, beside_a_link)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(1000000);
	struct ctm_sidecar *s = NULL;

	cr_assert_eq(symlink("/etc/passwd", "content/real/leak"), 0);
	begin(&b, 3);
	ctm_buf_add_str(&b, "[file.1]\npath=real/a\n[file.2]\npath=real/b\n[file.3]\n"
			    "path=real/leak\n");
	cr_expect_eq(load(&b, &s), CTM_SIDECAR_INVALID);
	cr_expect_eq(strncmp(test_told, "E s.ctm.ini:12: [file.3] path: ", 31), 0, "%s", test_told);
	ctm_sidecar_free(s);
}

/* Beside a name that is good, one that makes its path too long is refused all the same. */
Test(sidecar_twins, beside_and_too_long)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(1000000);
	struct ctm_sidecar *s = NULL;

	begin(&b, 2);
	ctm_buf_add_str(&b, "[file.1]\npath=none/a\n[file.2]\npath=none/");
	for (unsigned i = 0; i < 8180; i++)
		ctm_buf_add_char(&b, 'x');
	ctm_buf_add_char(&b, '\n');
	cr_expect_eq(load(&b, &s), CTM_SIDECAR_INVALID);
	cr_expect_eq(strncmp(test_told, "E s.ctm.ini:10: [file.2] path: ", 31), 0, "%s", test_told);
	ctm_sidecar_free(s);
}
