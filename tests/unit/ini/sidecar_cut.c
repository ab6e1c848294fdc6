/* SPDX-License-Identifier: MIT */
#include "told.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

/*
 * A sidecar that was cut at any byte, while nobody has it open any more: the case that only its
 * text can tell. It must never be another job, or another list. What a cut can take from a listed
 * sidecar that still counts as whole is optional keys of its last section, blank lines and
 * comments; every cut inside a line is told by the missing newline.
 */
TestSuite(sidecar_cut, .init = test_enter, .fini = test_leave);

#define JOB                                                                                        \
	"[job]\nid={3F2504E0-4F89-11D3-9A0C-0305E82C3301}\nkind=listed\nendpoint=ctm\n"            \
	"client_data=opaque\nlocal_path=/srv/x\n"

static const char *const texts[] = {
	JOB "files_total=2\nbytes_total=30\ntimeout=10\n[file.1]\npath=a\nsize=10\n"
	    "[file.2]\nsize=20\npath=bbb\n; end\n\n",
	/* 12 can be cut to 1. */
	JOB
	"files_total=12\n[file.1]\npath=a\n[file.2]\npath=ab\n[file.3]\npath=abc\n"
	"[file.4]\npath=d\n[file.5]\npath=e\n[file.6]\npath=f\n[file.7]\npath=g\n[file.8]\npath=h\n"
	"[file.9]\npath=i\n[file.10]\npath=j\n[file.11]\npath=k\n[file.12]\npath=l\n",
	/* CRLF: a cut between the two. */
	"[job]\r\nid=3F2504E0-4F89-11D3-9A0C-0305E82C3301\r\nkind=listed\r\nendpoint=ctm\r\n"
	"local_path=/srv/x\r\nfiles_total=1\r\n[file.1]\r\npath=setup.exe\r\n",
	/* The list first: [job] is not there yet. */
	"[file.1]\npath=a\n[file.2]\npath=b\n" JOB "files_total=2\n",
	/* The count before the kind. */
	"[job]\nfiles_total=2\nid={3F2504E0-4F89-11D3-9A0C-0305E82C3301}\nendpoint=ctm\n"
	"local_path=/srv/x\nkind=listed\n[file.1]\npath=a\n[file.2]\npath=b\nsha256="
	"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n",
};

/* The same job with the same list; only the last file may lack what is optional. */
static void expect_same(const struct ctm_sidecar *cut, const struct ctm_sidecar *whole)
{
	cr_expect_str_eq(cut->id, whole->id);
	cr_expect_eq(cut->kind, whole->kind);
	cr_expect_str_eq(cut->endpoint, whole->endpoint);
	cr_expect_str_eq(cut->client_data, whole->client_data);
	cr_expect_str_eq(cut->local_path, whole->local_path);
	cr_expect_eq(cut->files_total, whole->files_total);
	cr_expect_eq(cut->bytes_total, whole->bytes_total);
	cr_expect_eq(cut->timeout_s, whole->timeout_s);
	cr_assert_eq(cut->n_files, whole->n_files);
	for (uint32_t i = 0; i < cut->n_files; i++) {
		cr_expect_str_eq(cut->files[i].path, whole->files[i].path);
		if (i + 1 == cut->n_files)
			break;
		cr_expect_eq(cut->files[i].has_size, whole->files[i].has_size);
		cr_expect_eq(cut->files[i].size, whole->files[i].size);
	}
}

Test(sidecar_cut, every_byte_of_a_list, .timeout = 50)
{
	for (size_t t = 0; t < sizeof texts / sizeof *texts; t++) {
		const size_t len = strlen(texts[t]);
		struct ctm_sidecar *whole = NULL;

		test_write("s.ctm.ini", texts[t], len);
		cr_assert_eq(
			test_load("s.ctm.ini", &whole), CTM_SIDECAR_GOOD, "%zu %s", t, test_told);
		for (size_t n = 0; n < len; n++) {
			struct ctm_sidecar *cut = NULL;
			enum ctm_sidecar_state state;

			test_write("s.ctm.ini", texts[t], n);
			state = test_load("s.ctm.ini", &cut);
			if (!n || texts[t][n - 1] != '\n')
				cr_expect_eq(
					state, CTM_SIDECAR_NOT_WHOLE, "text %zu cut at %zu", t, n);
			if (state == CTM_SIDECAR_GOOD)
				expect_same(cut, whole);
			if (state == CTM_SIDECAR_NOT_WHOLE) {
				cr_expect_null(cut);
				cr_expect_str_eq(test_told, "");
			}
			ctm_sidecar_free(cut);
		}
		ctm_sidecar_free(whole);
	}
}

/* totals and single have nothing to count, but no value of theirs is ever cut. */
Test(sidecar_cut, every_byte_without_a_list)
{
	static const char text[] =
		"[job]\nid={3F2504E0-4F89-11D3-9A0C-0305E82C3301}\nkind=totals\n"
		"endpoint=ctm2\nlocal_path=/srv/xy\nfiles_total=12\nbytes_total=345\n";

	for (size_t n = 0; n < sizeof text - 1; n++) {
		struct ctm_sidecar *cut = NULL;
		enum ctm_sidecar_state state;

		test_write("s.ctm.ini", text, n);
		state = test_load("s.ctm.ini", &cut);
		if (!n || text[n - 1] != '\n')
			cr_expect_eq(state, CTM_SIDECAR_NOT_WHOLE, "cut at %zu", n);
		if (state == CTM_SIDECAR_GOOD) {
			cr_expect_str_eq(cut->endpoint, "ctm2");
			cr_expect_str_eq(cut->local_path, "/srv/xy");
			cr_expect_eq(cut->files_total, 12);
			cr_expect_not(cut->has_bytes_total);
		}
		ctm_sidecar_free(cut);
	}
}

/* `add` takes what is there, and says what is missing. */
Test(sidecar_cut, at_once)
{
	struct ctm_sidecar *s = NULL;

	test_write("s.ctm.ini", texts[2], strlen(texts[2]) - 2);
	cr_expect_eq(test_load("s.ctm.ini", &s), CTM_SIDECAR_NOT_WHOLE);
	cr_expect_eq(test_load_at_once("s.ctm.ini", &s), CTM_SIDECAR_GOOD);
	ctm_sidecar_free(s);
	test_write("s.ctm.ini", JOB "files_total=2\n", strlen(JOB "files_total=2\n"));
	cr_expect_eq(test_load_at_once("s.ctm.ini", &s), CTM_SIDECAR_INVALID);
	cr_expect_not_null(strstr(test_told,
		"E s.ctm.ini:7: [job] files_total: \"2\" is not the number of [file.N], 0"));
	ctm_sidecar_free(s);
}
