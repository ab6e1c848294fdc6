/* SPDX-License-Identifier: MIT */
#include "told.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "buf.h"

/* content/real/, content/in -> real, content/out -> /etc, content/file -> /etc/passwd, link ->
 * content */
static void enter(void)
{
	test_enter();
	cr_assert_eq(mkdir("content", 0755), 0);
	cr_assert_eq(mkdir("content/real", 0755), 0);
	cr_assert_eq(symlink("real", "content/in"), 0);
	cr_assert_eq(symlink("/etc", "content/out"), 0);
	cr_assert_eq(symlink("/etc/passwd", "content/file"), 0);
	cr_assert_eq(symlink("../nowhere", "content/dangling"), 0);
	cr_assert_eq(symlink("real/x", "content/inner"), 0);
	cr_assert_eq(symlink("content", "link"), 0);
}

TestSuite(sidecar_paths, .init = enter, .fini = test_leave);

static enum ctm_sidecar_state load_paths(
	const char *local, const char *const *paths, unsigned n, struct ctm_sidecar **ret_sidecar)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(100000);

	ctm_buf_printf(&b,
		"[job]\nid={3F2504E0-4F89-11D3-9A0C-0305E82C3301}\nkind=listed\nendpoint=ctm\n"
		"local_path=%s/%s\nfiles_total=%u\n",
		test_dir, local, n);
	for (unsigned i = 0; i < n; i++)
		ctm_buf_printf(&b, "[file.%u]\npath=%s%s\n", i + 1,
			paths[i][0] == '/' ? test_dir : "", paths[i]);
	test_write("s.ctm.ini", b.data, b.len);
	return test_load("s.ctm.ini", ret_sidecar);
}

Test(sidecar_paths, good)
{
	static const struct {
		const char *local, *path, *canonical;
	} cases[] = {
		{"content", "a", "a"},
		{"content/", "./a//b/./c", "a/b/c"},
		{"content", "real/x", "real/x"},
		{"content", "in/x", "real/x"},
		{"content", "in/sub/x", "real/sub/x"},
		{"content", "inner", "inner"},
		{"content", "/content/a", "a"},
		{"content", "/link/a", "a"},
		{"link", "/link/in/a", "real/a"},
		{"link", "/content/a", "a"},
		{"none/yet", "a/b", "a/b"},
		{"none/yet", "/none/yet/a", "a"},
		{"link/none", "/link/none/a", "a"},
		{"content", "a b\\c:d...", "a b\\c:d..."},
		{"content", "..a/...", "..a/..."},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ctm_sidecar *s = NULL;

		cr_assert_eq(load_paths(cases[i].local, &cases[i].path, 1, &s), CTM_SIDECAR_GOOD,
			"%s: %s", cases[i].path, test_told);
		cr_expect_str_eq(s->files[0].path, cases[i].canonical);
		cr_expect_null(strstr(s->local_path, "link"));
		ctm_sidecar_free(s);
	}
}

Test(sidecar_paths, leads_out)
{
	static const struct {
		const char *path, *told;
	} cases[] = {
		{"out/passwd", "leads by a link out of local_path"},
		{"out/none/x", "leads by a link out of local_path"},
		{"in/../out/x", "has a \"..\" in it"},
		{"file", "leads by a link out of local_path"},
		{"dangling", "leads by a link out of local_path"},
		{"/other/x", "lies outside local_path"},
		{"/contents/x", "lies outside local_path"},
		{"/content", "lies outside local_path"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ctm_sidecar *s = NULL;

		cr_expect_eq(load_paths("content", &cases[i].path, 1, &s), CTM_SIDECAR_INVALID,
			"%s", cases[i].path);
		cr_expect_eq(strncmp(test_told, "E s.ctm.ini:8: [file.1] path: \"", 30), 0, "%s",
			test_told);
		cr_expect_not_null(strstr(test_told, cases[i].told), "%s", test_told);
		ctm_sidecar_free(s);
	}
}

Test(sidecar_paths, twins)
{
	static const char *const twins[][2] = {
		{"a", "a"}, {"a/b", "a//./b"}, {"in/x", "real/x"}, {"a", "/content/a"}};
	static const char *const fine[] = {"a", "A", "a/b", "a.b"};
	struct ctm_sidecar *s = NULL;

	for (size_t i = 0; i < sizeof twins / sizeof *twins; i++) {
		cr_expect_eq(load_paths("content", twins[i], 2, &s), CTM_SIDECAR_INVALID);
		cr_expect_not_null(
			strstr(test_told, "E s.ctm.ini:10: [file.2] path: \""), "%s", test_told);
		cr_expect_not_null(
			strstr(test_told, "is the file of [file.1] on line 8; name each once"));
		ctm_sidecar_free(s);
	}
	cr_expect_eq(load_paths("content", fine, 4, &s), CTM_SIDECAR_GOOD);
	ctm_sidecar_free(s);
}

static enum ctm_sidecar_state load_beside(
	const char *name, const char *more, struct ctm_sidecar **ret_sidecar)
{
	const uid_t owners[] = {geteuid()};
	const struct ctm_sidecar_trust trust = {
		.state_owner = geteuid() + 1, .owners = owners, .n_owners = 1, .beside = true};
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(1000);
	enum ctm_sidecar_state state = CTM_SIDECAR_REFUSED;
	struct stat st;

	ctm_buf_printf(
		&b, "[job]\nid={3F2504E0-4F89-11D3-9A0C-0305E82C3301}\nendpoint=ctm\n%s", more);
	test_write(name, b.data, b.len);
	test_told_reset();
	cr_assert_eq(
		ctm_sidecar_load(name, &trust, test_tell, NULL, &state, ret_sidecar, &st, NULL), 0);
	return state;
}

Test(sidecar_paths, beside_a_directory)
{
	struct ctm_sidecar *s = NULL;
	char expected[128];

	cr_assert_eq(load_beside("content.ctm.ini", "kind=single\n", &s), CTM_SIDECAR_GOOD, "%s",
		test_told);
	snprintf(expected, sizeof expected, "%s/content", test_dir);
	cr_expect_str_eq(s->local_path, expected);
	ctm_sidecar_free(s);
	cr_assert_eq(
		load_beside("new.ctm.ini", "kind=totals\nfiles_total=2\n", &s), CTM_SIDECAR_GOOD);
	snprintf(expected, sizeof expected, "%s/new", test_dir);
	cr_expect_str_eq(s->local_path, expected);
	ctm_sidecar_free(s);
}

Test(sidecar_paths, beside_a_file)
{
	struct ctm_sidecar *s = NULL;

	test_write("f.iso", "x", 1);
	cr_assert_eq(load_beside("f.iso.ctm.ini", "kind=single\nbytes_total=1\n", &s),
		CTM_SIDECAR_GOOD, "%s", test_told);
	cr_expect_str_eq(s->local_path, test_dir);
	cr_expect_eq(s->kind, CTM_KIND_LISTED);
	cr_assert_eq(s->n_files, 1);
	cr_expect_eq(s->files_total, 1);
	cr_expect_str_eq(s->files[0].path, "f.iso");
	cr_expect(s->files[0].has_size);
	ctm_sidecar_free(s);
	cr_assert_eq(load_beside("f.iso.ctm.ini",
			     "kind=listed\nfiles_total=1\n[file.1]\npath=f.iso\n", &s),
		CTM_SIDECAR_GOOD);
	ctm_sidecar_free(s);
	cr_expect_eq(load_beside("f.iso.ctm.ini", "kind=totals\nfiles_total=1\n", &s),
		CTM_SIDECAR_INVALID);
	cr_expect_not_null(strstr(test_told, "kind totals counts the files of a directory"));
	ctm_sidecar_free(s);
}

Test(sidecar_paths, inside_its_own_local_path)
{
	static const char *const paths[] = {"a"};
	struct ctm_sidecar *s = NULL;

	cr_expect_eq(load_paths("", paths, 1, &s), CTM_SIDECAR_INVALID);
	cr_expect_eq(strncmp(test_told,
			     "E s.ctm.ini:5: the sidecar stands inside its own local_path", 50),
		0, "%s", test_told);
	ctm_sidecar_free(s);
	cr_expect_eq(load_paths("../..", paths, 1, &s), CTM_SIDECAR_INVALID);
	ctm_sidecar_free(s);
	cr_assert_eq(chdir("content"), 0);
	cr_expect_eq(load_paths("link", paths, 1, &s), CTM_SIDECAR_INVALID);
	cr_expect_not_null(strstr(test_told, "inside its own local_path"));
	ctm_sidecar_free(s);
}

/* A hundred thousand files are registered while nobody notices. */
Test(sidecar_paths, many, .timeout = 50)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(20000000);
	struct ctm_sidecar *s = NULL;
	struct timespec from;
	struct timespec to;

	ctm_buf_printf(&b,
		"[job]\nid={3F2504E0-4F89-11D3-9A0C-0305E82C3301}\nkind=listed\nendpoint=ctm\n"
		"local_path=%s/content\nfiles_total=100000\n",
		test_dir);
	for (unsigned i = 1; i <= 100000; i++)
		ctm_buf_printf(
			&b, "[file.%u]\npath=dir%u/in/file-%u.bin\nsize=%u\n", i, i % 97, i, i);
	test_write("s.ctm.ini", b.data, b.len);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	cr_assert_eq(test_load("s.ctm.ini", &s), CTM_SIDECAR_GOOD, "%s", test_told);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	cr_expect_eq(s->n_files, 100000);
	cr_expect_lt(to.tv_sec - from.tv_sec, 10);
	ctm_sidecar_free(s);
}
