/* SPDX-License-Identifier: MIT */
#include "told.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "buf.h"

/* Structure: sections, required keys, what stands twice, what is not known. */
TestSuite(sidecar_text, .init = test_enter, .fini = test_leave);

#define ID "id={3F2504E0-4F89-11D3-9A0C-0305E82C3301}\n"
#define LISTED "[job]\n" ID "kind=listed\nendpoint=ctm\nlocal_path=/srv/x\n"
#define JOB LISTED "files_total=1\n"
#define JOB_OF LISTED "files_total=%u\n"
#define ONE "[file.1]\npath=a\n"

static const struct {
	const char *text;
	enum ctm_sidecar_state state;
	const char *told;
	bool has_job; /* an invalid one that names at least id and endpoint */
} cases[] = {
	{JOB ONE, CTM_SIDECAR_GOOD, "", false},
	{"\xef\xbb\xbf" JOB ONE, CTM_SIDECAR_GOOD, "", false},
	{"junk\n" JOB ONE, CTM_SIDECAR_INVALID, "E s.ctm.ini:1: a line without \"=\"", true},
	{"k=v\n" JOB ONE, CTM_SIDECAR_INVALID,
		"E s.ctm.ini:1: key \"k\" stands before any section; put it below [job]", true},
	{JOB ONE "[job]\n", CTM_SIDECAR_INVALID,
		"E s.ctm.ini:9: [job] stands here again, first on line 1", true},
	{JOB ONE "[file.1]\npath=b\n", CTM_SIDECAR_INVALID,
		"E s.ctm.ini:6: [job] files_total: \"1\"", true},
	{JOB ONE "[file.1]\npath=b\n", CTM_SIDECAR_INVALID,
		"E s.ctm.ini:10: [file.1] stands here again, first at line 8", true},
	{JOB "kind=single\n" ONE, CTM_SIDECAR_INVALID,
		"E s.ctm.ini:7: [job] kind: stands here again, first on line 3; remove one", true},
	{JOB ONE "path=b\n", CTM_SIDECAR_INVALID,
		"E s.ctm.ini:9: [file.1] path: stands here again, first on line 8", true},
	{JOB "[file.1]\n", CTM_SIDECAR_INVALID, "E s.ctm.ini:7: [file.1] has no path", true},
	{JOB "[file.x]\npath=a\n" ONE, CTM_SIDECAR_INVALID,
		"E s.ctm.ini:7: section \"file.x\": N of [file.N] is a number from 1", true},
	{JOB "[file.0]\npath=a\n" ONE, CTM_SIDECAR_INVALID, "E s.ctm.ini:7: section \"file.0\"",
		true},
	{JOB "[file.4294967296]\npath=a\n" ONE, CTM_SIDECAR_INVALID, "section \"file.4294967296\"",
		true},
	{JOB "[file.4294967295]\npath=a\n", CTM_SIDECAR_GOOD, "", false},
	{JOB ONE "[jobs]\nx=y\n", CTM_SIDECAR_GOOD,
		"W s.ctm.ini:9: unknown section \"jobs\", did you mean \"job\"?\n", false},
	{JOB "endpiont=x\n" ONE, CTM_SIDECAR_GOOD,
		"W s.ctm.ini:7: unknown key \"endpiont\" in [job], did you mean \"endpoint\"?\n",
		false},
	{JOB ONE "sise=1\n", CTM_SIDECAR_GOOD,
		"W s.ctm.ini:9: unknown key \"sise\" in [file.1], did you mean \"size\"?\n", false},
	{JOB "client_data=a\nclient_data_base64=YQ==\n" ONE, CTM_SIDECAR_INVALID,
		"E s.ctm.ini:8: [job] client_data_base64: stands beside client_data on line 7",
		true},
	{JOB ONE "path_base64=YQ==\n", CTM_SIDECAR_INVALID,
		"E s.ctm.ini:9: [file.1] path_base64: stands beside path on line 8", true},
	{JOB "client_data = a ; b\n" ONE, CTM_SIDECAR_GOOD,
		"W s.ctm.ini:7: [job] client_data: what follows the \" ;\" is a comment", false},
	{JOB "[file.1]\npath = a ; b\n", CTM_SIDECAR_GOOD,
		"W s.ctm.ini:8: [file.1] path: what follows the \" ;\" is a comment", false},
	{JOB "content_id = a ; b\n" ONE, CTM_SIDECAR_GOOD, "", false},
	{JOB "client_data = \"a\"\n" ONE, CTM_SIDECAR_GOOD,
		"W s.ctm.ini:7: [job] client_data: the quotes around \"a\" are part of the value",
		false},
	{"[job]\nkind=listed\nendpoint=ctm\nlocal_path=/srv/x\nfiles_total=1\n" ONE,
		CTM_SIDECAR_INVALID, "E s.ctm.ini:1: [job] has no id, which is required\n", false},
	{"[job]\n" ID "endpoint=ctm\nlocal_path=/srv/x\n", CTM_SIDECAR_INVALID,
		"E s.ctm.ini:1: [job] has no kind, which is required\n", true},
	{"[job]\n" ID "kind=single\nlocal_path=/srv/x\n", CTM_SIDECAR_INVALID,
		"E s.ctm.ini:1: [job] has no endpoint, which is required\n", true},
	{"[job]\n" ID "kind=single\nendpoint=ctm\n", CTM_SIDECAR_INVALID,
		"E s.ctm.ini:1: [job] has no local_path, which is required\n", true},
	{"[job]\n" ID "kind=totals\nendpoint=ctm\nlocal_path=/srv/x\n", CTM_SIDECAR_INVALID,
		"E s.ctm.ini:1: [job] has no files_total, which kind totals requires\n", true},
	{"[job]\n" ID "kind=listed\nendpoint=ctm\nlocal_path=/srv/x\n" ONE, CTM_SIDECAR_INVALID,
		"E s.ctm.ini:1: [job] has no files_total, which kind listed requires\n", true},
	{"[job]\n" ID "kind=single\nendpoint=ctm\nlocal_path=/srv/x\n", CTM_SIDECAR_GOOD, "",
		false},
	{"[job]\n" ID "kind=single\nendpoint=ctm\nlocal_path=/srv/x\n" ONE, CTM_SIDECAR_INVALID,
		"E s.ctm.ini:7: [file.1] in a job of kind single", true},
	{"[job]\n" ID "kind=totals\nendpoint=ctm\nlocal_path=/srv/x\nfiles_total=1\n" ONE,
		CTM_SIDECAR_INVALID, "E s.ctm.ini:8: [file.1] in a job of kind totals", true},
	{"; nothing\n", CTM_SIDECAR_INVALID, "E s.ctm.ini:1: [job] has no id", false},
	{"", CTM_SIDECAR_NOT_WHOLE, "", false},
	{JOB, CTM_SIDECAR_NOT_WHOLE, "", false},
	{JOB "size=\n", CTM_SIDECAR_NOT_WHOLE, "", false},
};

Test(sidecar_text, verdicts)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ctm_sidecar *sidecar = NULL;
		enum ctm_sidecar_state state;

		test_write("s.ctm.ini", cases[i].text, strlen(cases[i].text));
		state = test_load("s.ctm.ini", &sidecar);
		cr_expect_eq(state, cases[i].state, "%s%s", cases[i].text, test_told);
		if (cases[i].told[0])
			cr_expect_not_null(
				strstr(test_told, cases[i].told), "case %zu: %s", i, test_told);
		else
			cr_expect_str_eq(test_told, "");
		cr_expect_eq(sidecar != NULL, state == CTM_SIDECAR_GOOD || cases[i].has_job, "%s",
			cases[i].text);
		if (sidecar && state == CTM_SIDECAR_INVALID) {
			cr_expect_str_eq(sidecar->id, "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}");
			cr_expect(strstr(cases[i].told, "has no endpoint")
					  ? !sidecar->endpoint
					  : strcmp(sidecar->endpoint, "ctm") == 0);
			cr_expect_eq(sidecar->n_files, 0);
			cr_expect_not_null(sidecar->client_data);
			cr_expect_not_null(sidecar->local_path);
		}
		ctm_sidecar_free(sidecar);
	}
}

/* Thousands of complaints about one sidecar are too many to read. */
Test(sidecar_text, complaints_are_bounded)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(1000000);
	struct ctm_sidecar *sidecar = NULL;

	ctm_buf_add_str(&b, JOB ONE);
	for (int i = 0; i < 5000; i++)
		ctm_buf_add_str(&b, "junk\n");
	test_write("s.ctm.ini", b.data, b.len);
	cr_expect_eq(test_load("s.ctm.ini", &sidecar), CTM_SIDECAR_INVALID);
	cr_expect_not_null(strstr(test_told, "E s.ctm.ini:9: a line without"));
	cr_expect_lt(strlen(test_told), sizeof test_told);
	ctm_sidecar_free(sidecar);
}

#define ANYWAY 65536

/* [job] with files_total, in front of so many files or behind them. */
static enum ctm_sidecar_state load_many(uint32_t total, uint32_t n, bool job_first)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(10000000);
	struct ctm_sidecar *sidecar = NULL;
	enum ctm_sidecar_state state;

	test_told_reset();
	if (job_first)
		ctm_buf_printf(&b, JOB_OF, total);
	for (uint32_t i = 1; i <= n; i++)
		ctm_buf_printf(&b, "[file.%u]\npath=%u\n", i, i);
	if (!job_first)
		ctm_buf_printf(&b, JOB_OF, total);
	test_write("s.ctm.ini", b.data, b.len);
	state = test_load("s.ctm.ini", &sidecar);
	cr_expect_eq(sidecar ? sidecar->n_files : 0, state == CTM_SIDECAR_GOOD ? n : 0);
	ctm_sidecar_free(sidecar);
	return state;
}

Test(sidecar_text, many_files)
{
	cr_expect_eq(load_many(ANYWAY + 100, ANYWAY + 100, true), CTM_SIDECAR_GOOD);
	cr_expect_str_eq(test_told, "");
	cr_expect_eq(load_many(ANYWAY + 100, ANYWAY + 99, true), CTM_SIDECAR_NOT_WHOLE);
	cr_expect_eq(load_many(UINT32_MAX, ANYWAY + 100, true), CTM_SIDECAR_NOT_WHOLE);
	cr_expect_eq(load_many(ANYWAY + 100, ANYWAY + 102, true), CTM_SIDECAR_INVALID);
	cr_expect_not_null(
		strstr(test_told, "is not the number of [file.N], 65638"), "%s", test_told);
	cr_expect_eq(load_many(1, ANYWAY + 2, true), CTM_SIDECAR_INVALID);
	cr_expect_not_null(
		strstr(test_told, "\"1\" is not the number of [file.N], 65538"), "%s", test_told);
}

Test(sidecar_text, many_files_before_job)
{
	cr_expect_eq(load_many(ANYWAY, ANYWAY, false), CTM_SIDECAR_GOOD);
	cr_expect_str_eq(test_told, "");
	cr_expect_eq(load_many(ANYWAY + 2, ANYWAY + 2, false), CTM_SIDECAR_INVALID);
	cr_expect_str_eq(test_told,
		"E s.ctm.ini:131073: more than 65536 [file.N] before [job], which says how many "
		"there are; write it first\n");
}
