/* SPDX-License-Identifier: MIT */
#include "status_job.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "leaks.h"

static void use_utf8(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
}

TestSuite(status_job, .init = use_utf8, .fini = ctm_test_check_leaks);

#define ID "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}"

/* Literals are only read. */
static char *text(const char *s)
{
	return (char *)(uintptr_t)s;
}

static struct ctm_status_job sample(void)
{
	return (struct ctm_status_job){
		.job = {.number = 1,
			.state = CTM_JOB_OPEN,
			.kind = CTM_KIND_LISTED,
			.priority = CTM_PRIORITY_HIGH,
			.files_total = 4,
			.files_evident = 3,
			.has_bytes_total = true,
			.bytes_total = 4096,
			.bytes_evident = 2048,
			.age_ms = 240000},
		.text = {.id = text(ID),
			.endpoint = text("ctm"),
			.content_id = text("PS1"),
			.content_version = text("3"),
			.local_path = text("/d"),
			.sidecar = text("/s.ctm.ini"),
			.cause = text("")},
	};
}

static struct ctm_message waiting(const struct ctm_stamp *now)
{
	return (struct ctm_message){
		.kind = CTM_MESSAGE_SUCCESS,
		.state = CTM_MESSAGE_WAITING,
		.attempts = 2,
		.delay_ms = 240000,
		.from = *now,
		.bytes_total = 4096,
		.bytes_transferred = 4096,
		.files_total = 4,
		.files_transferred = 4,
		.hresult = 0x801901F7,
		.http_status = 503,
		.source = text(""),
		.text = text("the server answered 503"),
	};
}

static void expect(const struct ctm_status_job *job, size_t width, const char *wanted)
{
	CTM_CLEANUP_BUF struct ctm_buf out = CTM_BUF_INIT(65536);
	struct ctm_lines lines = {.out = &out, .width = width};
	const struct ctm_stamp now = {.boot = 1};

	ctm_status_add_job(&lines, job, &now);
	cr_expect_str_eq(out.data, wanted);
}

Test(status_job, open_job)
{
	const struct ctm_status_job job = sample();

	expect(&job, CTM_LINES_NO_LIMIT,
		ID
		"  PS1 version 3\n"
		"  open       [#########---------]  3 of 4 files, 2.0 KiB of 4.0 KiB  age 4 min\n"
		"  listed, priority high, endpoint ctm\n");
}

Test(status_job, waiting_message)
{
	const struct ctm_stamp now = {.boot = 1};
	struct ctm_message message = waiting(&now);
	struct ctm_status_job job = sample();

	job.job.state = CTM_JOB_SUCCEEDED;
	job.message = &message;
	expect(&job, CTM_LINES_NO_LIMIT,
		ID
		"  PS1 version 3\n"
		"  succeeded  [##################]  4 of 4 files, 4.0 KiB of 4.0 KiB  ended 4 min ago\n"
		"  listed, priority high, endpoint ctm\n"
		"  success: waiting, 2 attempts, next try in 4 min; 0x801901F7 "
		"(BG_E_HTTP_ERROR_503): the server answered 503\n");
	message.state = CTM_MESSAGE_DEAD;
	message.attempts = 1;
	message.text = text("");
	expect(&job, CTM_LINES_NO_LIMIT,
		ID
		"  PS1 version 3\n"
		"  succeeded  [##################]  4 of 4 files, 4.0 KiB of 4.0 KiB  ended 4 min ago\n"
		"  listed, priority high, endpoint ctm\n"
		"  success: dead, 1 attempt; \"aria2-ctm retry\" tries it again; 0x801901F7 "
		"(BG_E_HTTP_ERROR_503)\n");
}

Test(status_job, little_is_known)
{
	struct ctm_status_job job = sample();

	job.job.kind = CTM_KIND_SINGLE;
	job.job.files_total = job.job.files_evident = 0;
	job.job.has_bytes_total = false;
	job.job.bytes_evident = 0;
	job.text.content_id = job.text.content_version = text("");
	expect(&job, CTM_LINES_NO_LIMIT,
		ID "\n"
		   "  open       0 files  age 4 min\n"
		   "  single, priority high, endpoint ctm\n");
}

Test(status_job, cause)
{
	struct ctm_status_job job = sample();

	job.job.cause = 0x80070570;
	job.text.cause = text("a\nb");
	expect(&job, CTM_LINES_NO_LIMIT,
		ID
		"  PS1 version 3\n"
		"  open       [#########---------]  3 of 4 files, 2.0 KiB of 4.0 KiB  age 4 min\n"
		"  listed, priority high, endpoint ctm\n"
		"  cause: 0x80070570 (ERROR_FILE_CORRUPT): a\\nb\n");
}

Test(status_job, suspended)
{
	struct ctm_status_job job = sample();

	job.job.suspended = true;
	expect(&job, CTM_LINES_NO_LIMIT,
		ID
		"  PS1 version 3\n"
		"  suspended  [#########---------]  3 of 4 files, 2.0 KiB of 4.0 KiB  age 4 min\n"
		"  listed, priority high, endpoint ctm\n");
}

static void expect_terms(const struct ctm_status_job *job, const char *wanted)
{
	CTM_CLEANUP_BUF struct ctm_buf out = CTM_BUF_INIT(65536);
	struct ctm_lines lines = {.out = &out, .width = CTM_LINES_NO_LIMIT};
	const struct ctm_stamp now = {.boot = 1};

	ctm_status_add_job(&lines, job, &now);
	cr_expect(strstr(out.data, wanted), "no \"%s\" in\n%s", wanted, out.data);
}

Test(status_job, deadline)
{
	struct ctm_status_job job = sample();

	job.has_deadline = true;
	job.left_ms = 86160001;
	expect_terms(&job, "  listed, priority high, endpoint ctm, deadline in 23 h 56 min\n");
	job.left_ms = 1;
	expect_terms(&job, ", deadline in 1 s\n");
	job.left_ms = 0;
	expect_terms(&job, ", past its deadline\n");
	job.job.state = CTM_JOB_VERIFYING;
	expect_terms(&job, ", past its deadline\n");
}

Test(status_job, progress)
{
	struct ctm_status_job job = sample();

	job.job.progress = 1;
	expect_terms(&job, "\n  progress: 1 message, the last of 0 B\n");
	job.job.progress = 7;
	job.job.bytes_told = 1536;
	expect_terms(&job, "\n  progress: 7 messages, the last of 1.5 KiB\n");
}

/* What CTM is told counts, whatever was remembered before. */
Test(status_job, error)
{
	const struct ctm_stamp now = {.boot = 1};
	struct ctm_message message = waiting(&now);
	struct ctm_status_job job = sample();

	job.job.state = CTM_JOB_FAILED;
	job.job.cause = 0x80070570;
	job.text.cause = text("before");
	job.message = &message;
	message.kind = CTM_MESSAGE_ERROR;
	message.error_code = 0x800705B4;
	message.error_message = text("the timeout of 5 s is over");
	expect(&job, CTM_LINES_NO_LIMIT,
		ID
		"  PS1 version 3\n"
		"  failed     [#########---------]  3 of 4 files, 2.0 KiB of 4.0 KiB  ended 4 min ago\n"
		"  listed, priority high, endpoint ctm\n"
		"  cause: 0x800705B4 (ERROR_TIMEOUT): the timeout of 5 s is over\n"
		"  error: waiting, 2 attempts, next try in 4 min; 0x801901F7 (BG_E_HTTP_ERROR_503): "
		"the server answered 503\n");
}

/* No line is wider than the terminal, and what is there is whole. */
Test(status_job, every_width)
{
	struct ctm_status_job job = sample();

	job.text.content_id = text("日本語 Größe 😀 a-very-long-name-that-fits-on-no-line-anywhere");
	job.job.cause = 0x80070570;
	job.text.cause = text("\"ä b.exe\" has 12 bytes, not 40");
	for (size_t width = 20; width < 140; width++) {
		CTM_CLEANUP_BUF struct ctm_buf out = CTM_BUF_INIT(65536);
		struct ctm_lines lines = {.out = &out, .width = width};
		const struct ctm_stamp now = {.boot = 1};

		ctm_status_add_job(&lines, &job, &now);
		cr_assert_eq(out.error, 0);
		for (char *line = strtok(out.data, "\n"); line; line = strtok(NULL, "\n")) {
			wchar_t wide[512];
			const size_t n = mbstowcs(wide, line, 512);

			cr_assert_neq(n, (size_t)-1, "width %zu: %s", width, line);
			cr_expect_leq(wcswidth(wide, n), (int)width, "width %zu: %s", width, line);
		}
	}
}

Test(status_job, bar)
{
	static const struct {
		uint64_t part, total;
		const char *bar;
	} cases[] = {
		{0, 0, ""},
		{0, 5, "[-----]"},
		{1, 5, "[#----]"},
		{999999, 1000000, "[####-]"},
		{5, 5, "[#####]"},
		{9, 5, "[#####]"},
		{UINT64_MAX - 1, UINT64_MAX, "[####-]"},
		{UINT64_MAX, UINT64_MAX, "[#####]"},
	};
	char buf[8];

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		cr_expect_str_eq(
			ctm_status_bar(cases[i].part, cases[i].total, 7, buf), cases[i].bar);
	cr_expect_str_eq(ctm_status_bar(1, 1, 2, buf), "");
}
