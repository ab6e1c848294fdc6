/* SPDX-License-Identifier: MIT */
#include "sidecar_read.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "buf.h"
#include "told.h"

TestSuite(sidecar_keys, .init = test_enter, .fini = test_leave);

#define ID "id = {3F2504E0-4F89-11D3-9A0C-0305E82C3301}\n"

/* A job with one more line in [job], or in [file.1]. */
static enum ctm_sidecar_state load_with(
	const char *in_job, const char *in_file, struct ctm_sidecar **ret_sidecar)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(200000);

	ctm_buf_printf(&b,
		"[job]\n%s\nkind=listed\nendpoint=ctm\nlocal_path=/srv/x\nfiles_total=1\n%s"
		"\n[file.1]\n%s\n%s",
		strncmp(in_job, "id", 2) == 0 ? "" : ID, in_job,
		strncmp(in_file, "path", 4) == 0 ? "" : "path=a", in_file);
	ctm_buf_add_char(&b, '\n');
	test_write("s.ctm.ini", b.data, b.len);
	return test_load("s.ctm.ini", ret_sidecar);
}

Test(sidecar_keys, bad_values)
{
	static const char *const job[] = {"id=3F2504E0", "id={3F2504E0-4F89-11D3-9A0C-0305E82C330}",
		"bytes_total=-1", "bytes_total=18446744073709551616", "bytes_total=1k",
		"bytes_total=", "timeout=4294967296", "timeout=1d", "chunk_size=x",
		"flags=directory notify", "flags=0x", "flags=4294967296", "flags=-1",
		"priority=urgent", "priority=1", "delete_on_error=maybe",
		"delete_on_error=", "client_data_base64=%%", "client_data_base64=YQ",
		"client_data_base64=/w==", "client_data_base64=YQBi"};
	static const char *const file[] = {"size=-1", "size=18446744073709551616", "size=0x10",
		"gid=123", "gid=0000000000000000", "gid=2089b05ecca3d82g", "sha256=12",
		"sha256=", "uri=file:///etc/passwd", "uri=setup.exe", "uri=", "uri=https://",
		"uri=http://h/a b", "uri=http://h/a\tb", "uri=javascript:x", "path=", "path=.",
		"path=..", "path=../x", "path=a/..", "path=a/../b", "path=a/", "path=/",
		"path=/srv/x", "path=/srv/y/a", "path=/srv/xy/a", "path=/etc/passwd",
		"path=C:\\x\\setup.exe", "path=c:/setup.exe", "path=\\\\server\\x",
		"path_base64=Li4veA==", "path_base64=YQBi", "path_base64=", "path_base64=!"};

	for (size_t i = 0; i < sizeof job / sizeof *job; i++) {
		struct ctm_sidecar *sidecar = NULL;

		cr_expect_eq(load_with(job[i], "", &sidecar), CTM_SIDECAR_INVALID, "%s", job[i]);
		cr_expect_eq(
			strncmp(test_told, "E s.ctm.ini:", 12), 0, "%s: %s", job[i], test_told);
		ctm_sidecar_free(sidecar);
	}
	for (size_t i = 0; i < sizeof file / sizeof *file; i++) {
		struct ctm_sidecar *sidecar = NULL;

		cr_expect_eq(load_with("", file[i], &sidecar), CTM_SIDECAR_INVALID, "%s", file[i]);
		cr_expect_eq(
			strncmp(test_told, "E s.ctm.ini:", 12), 0, "%s: %s", file[i], test_told);
		ctm_sidecar_free(sidecar);
	}
}

Test(sidecar_keys, bad_required_values)
{
	static const struct {
		const char *text, *told;
	} cases[] = {
		{"kind=list",
			"s.ctm.ini:2: [job] kind: \"list\" is none of listed, totals and single"},
		{"kind=", "[job] kind: \"\" is none of"},
		{"endpoint=", "s.ctm.ini:2: [job] endpoint: \"\" is no endpoint"},
		{"endpoint=a\tb", "[job] endpoint: \"a\\tb\" is no endpoint"},
		{"local_path=srv/x", "[job] local_path: \"srv/x\" is not absolute"},
		{"local_path=C:\\x", "[job] local_path: \"C:\\x\" is a path of Windows"},
		{"local_path=/srv/../x", "[job] local_path: \"/srv/../x\" has a \"..\" in it"},
		{"files_total=0", "[job] files_total: \"0\" is not a number from 1 to 4294967295"},
		{"files_total=4294967296", "is not a number from 1 to 4294967295"},
		{"files_total=2\t2", "is not a number"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(1000);
		struct ctm_sidecar *sidecar = NULL;

		ctm_buf_printf(&b, "[job]\n%s\n" ID, cases[i].text);
		test_write("s.ctm.ini", b.data, b.len);
		cr_expect_eq(test_load("s.ctm.ini", &sidecar), CTM_SIDECAR_INVALID);
		cr_expect_not_null(strstr(test_told, cases[i].told), "%s", test_told);
		ctm_sidecar_free(sidecar);
	}
}

Test(sidecar_keys, all_values)
{
	static const char file[] =
		"size=18446744073709551615\ngid=2089B05ECCA3D829\n"
		"sha256=9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08\n"
		"uri=HTTPS://h/a\nuri=magnet:?xt=urn:btih:1\nuri=sftp://h/a\nuri=ftp://h/a";
	struct ctm_sidecar *s = NULL;

	cr_assert_eq(
		load_with("client_data=<o;p:a=que>\ncontent_id=PS1\ncontent_version=3\n"
			  "bytes_total=18446744073709551615\ntimeout=4294967295\nchunk_size=7\n"
			  "flags=Directory,NOTIFYPROGRESS useinputmanifest\npriority=LOW\n"
			  "delete_on_error=True",
			file, &s),
		CTM_SIDECAR_GOOD, "%s", test_told);
	cr_expect_str_eq(test_told, "");
	cr_expect_str_eq(s->id, "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}");
	cr_expect_eq(s->kind, CTM_KIND_LISTED);
	cr_expect_str_eq(s->client_data, "<o;p:a=que>");
	cr_expect_str_eq(s->content_id, "PS1");
	cr_expect_str_eq(s->content_version, "3");
	cr_expect_str_eq(s->local_path, "/srv/x");
	cr_expect(s->has_bytes_total);
	cr_expect_eq(s->bytes_total, UINT64_MAX);
	cr_expect_eq(s->timeout_s, UINT32_MAX);
	cr_expect_eq(s->chunk_size, 7);
	cr_expect_eq(s->flags, 0x86);
	cr_expect_eq(s->priority, CTM_PRIORITY_LOW);
	cr_expect(s->delete_on_error);
	cr_assert_eq(s->n_files, 1);
	cr_expect_str_eq(s->files[0].path, "a");
	cr_expect_eq(s->files[0].size, UINT64_MAX);
	cr_expect_eq(s->files[0].gid, UINT64_C(0x2089b05ecca3d829));
	cr_expect(s->files[0].has_size && s->files[0].has_sha256);
	cr_expect_eq(s->files[0].sha256[0], 0x9f);
	cr_assert_eq(s->files[0].n_uris, 4);
	cr_expect_str_eq(s->files[0].uris[1], "magnet:?xt=urn:btih:1");
	ctm_sidecar_free(s);
}

Test(sidecar_keys, defaults)
{
	struct ctm_sidecar *s = NULL;

	cr_assert_eq(load_with("flags=0x6", "", &s), CTM_SIDECAR_GOOD);
	cr_expect_str_eq(s->client_data, "");
	cr_expect_str_eq(s->content_id, "");
	cr_expect_str_eq(s->content_version, "");
	cr_expect_eq(s->priority, CTM_PRIORITY_NORMAL);
	cr_expect_eq(s->flags, 6);
	cr_expect_eq(s->timeout_s, 0);
	cr_expect_not(s->has_bytes_total || s->delete_on_error || s->files[0].has_size ||
		      s->files[0].has_sha256);
	cr_expect_eq(s->files[0].gid, 0);
	ctm_sidecar_free(s);
}

Test(sidecar_keys, base64)
{
	struct ctm_sidecar *s = NULL;

	/* " ;\n" and "a ;b\nc" */
	cr_assert_eq(load_with("client_data_base64=IDsK", "path_base64=YSA7YgpjCg==", &s),
		CTM_SIDECAR_GOOD, "%s", test_told);
	cr_expect_str_eq(s->client_data, " ;\n");
	cr_expect_str_eq(s->files[0].path, "a ;b\nc\n");
	ctm_sidecar_free(s);
}

Test(sidecar_keys, longest_client_data)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(100000);
	struct ctm_sidecar *s = NULL;

	ctm_buf_add_str(&b, "client_data=");
	for (size_t i = 0; i < CTM_INI_VALUE_LIMIT; i++)
		ctm_buf_add_char(&b, (char)('!' + i % 90 + (i % 90 > 25)));
	cr_assert_eq(load_with(b.data, "", &s), CTM_SIDECAR_GOOD, "%s", test_told);
	cr_expect_str_eq(s->client_data, b.data + 12);
	ctm_sidecar_free(s);
}

Test(sidecar_keys, sums)
{
	static const struct {
		const char *total, *size1, *size2;
		enum ctm_sidecar_state state;
	} cases[] = {
		{"bytes_total=3", "size=1", "size=2", CTM_SIDECAR_GOOD},
		{"bytes_total=4", "size=1", "size=2", CTM_SIDECAR_INVALID},
		{"bytes_total=2", "size=1", "size=2", CTM_SIDECAR_INVALID},
		{"bytes_total=2", "size=3", "", CTM_SIDECAR_INVALID},
		{"bytes_total=4", "size=3", "", CTM_SIDECAR_GOOD},
		{"", "size=18446744073709551615", "size=0", CTM_SIDECAR_GOOD},
		{"", "size=18446744073709551615", "size=1", CTM_SIDECAR_INVALID},
		{"bytes_total=0", "size=0", "size=0", CTM_SIDECAR_GOOD},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(1000);
		struct ctm_sidecar *s = NULL;

		ctm_buf_printf(&b,
			"[job]\n" ID
			"kind=listed\nendpoint=ctm\nlocal_path=/srv/x\nfiles_total=2\n%s\n"
			"[file.1]\npath=a\n%s\n[file.2]\npath=b\n%s\n",
			cases[i].total, cases[i].size1, cases[i].size2);
		test_write("s.ctm.ini", b.data, b.len);
		cr_expect_eq(
			test_load("s.ctm.ini", &s), cases[i].state, "case %zu: %s", i, test_told);
		ctm_sidecar_free(s);
	}
}

Test(sidecar_keys, table)
{
	const char *names[CTM_SIDECAR_MOST_KEYS];

	cr_expect_leq(ctm_n_sidecar_keys, CTM_SIDECAR_MOST_KEYS);
	cr_expect_eq(ctm_sidecar_key_names(CTM_SIDECAR_JOB, names), 15);
	cr_expect_eq(ctm_sidecar_key_names(CTM_SIDECAR_FILE, names), 6);
}
