/* SPDX-License-Identifier: MIT */
#include "log_format.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(log_format, .fini = ctm_test_check_leaks);

#define GUID "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}"

/* 2016-11-15 16:58:26.642 UTC, which is 17:58:26 in Berlin. */
static struct ctm_log_line example(const char *text)
{
	return (struct ctm_log_line){
		.level = CTM_LOG_WARNING,
		.component = "deliver",
		.text = text,
		.time = {.tv_sec = 1479229106, .tv_nsec = 642999999},
	};
}

typedef void format(struct ctm_buf *out, const struct ctm_log_line *line);

static void expect(format *f, const struct ctm_log_line *line, const char *expected)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(100000);

	f(&b, line);
	cr_assert_eq(b.error, 0);
	cr_expect_str_eq(b.data, expected);
}

Test(log_format, text)
{
	struct ctm_log_line line = example("a\nb");

	expect(ctm_log_format_text, &line, "deliver: warning: a\\nb\n");
	line.subject = (struct ctm_log_subject){
		.job = GUID, .gid = 0x2089b05ecca3d829, .hresult = 0x80190194, .endpoint = "ctm"};
	expect(ctm_log_format_text, &line,
		"deliver: warning: [" GUID "] a\\nb (0x80190194) (gid 2089b05ecca3d829)\n");
}

Test(log_format, stamped)
{
	const struct ctm_log_line line = example("x");
	char expected[128];

	snprintf(expected, sizeof expected, "2016-11-15T16:58:26.642Z deliver[%d] warning: x\n",
		(int)getpid());
	expect(ctm_log_format_stamped, &line, expected);
}

Test(log_format, json)
{
	struct ctm_log_line line = example("q\"b\\n\n\x01\xc2\x85\xff\xc3\xa4");
	char expected[512];

	line.subject = (struct ctm_log_subject){
		.job = GUID, .gid = 1, .hresult = 0x80004005, .endpoint = "a\"b"};
	snprintf(expected, sizeof expected,
		"{\"time\":\"2016-11-15T16:58:26.642Z\",\"level\":\"warning\","
		"\"component\":\"deliver\",\"pid\":%d,\"job\":\"" GUID
		"\",\"endpoint\":\"a\\\"b\",\"gid\":\"0000000000000001\","
		"\"hresult\":\"0x80004005\","
		"\"message\":\"q\\\"b\\\\n\\u000a\\u0001\\u0085\\\\xff\xc3\xa4\"}\n",
		(int)getpid());
	expect(ctm_log_format_json, &line, expected);
}

static void expect_cmtrace(const char *zone, const char *time, const char *date)
{
	const struct ctm_log_line line = example("message");
	char expected[512];

	setenv("TZ", zone, 1);
	tzset();
	snprintf(expected, sizeof expected,
		"<![LOG[message]LOG]!><time=\"%s\" date=\"%s\" component=\"deliver\" context=\"\" "
		"type=\"2\" thread=\"%ld\" file=\"aria2-ctm\">\n",
		time, date, syscall(SYS_gettid));
	expect(ctm_log_format_cmtrace, &line, expected);
}

/* UTC = local + bias: the sign is the other way round than people write offsets. */
Test(log_format, cmtrace_bias)
{
	expect_cmtrace("CET-1", "17:58:26.642-60", "11-15-2016");
	expect_cmtrace("EDT4", "12:58:26.642+240", "11-15-2016");
	expect_cmtrace("UTC0", "16:58:26.642+0", "11-15-2016");
	expect_cmtrace("IST-5:30", "22:28:26.642-330", "11-15-2016");
	expect_cmtrace("NZDT-13", "05:58:26.642-780", "11-16-2016");
}

Test(log_format, cmtrace_cannot_be_broken)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(10000);
	struct ctm_log_line line = example("a]LOG]!><time=\"x\"\n]LOG]!>]LOG]LOG]!>");
	char component[300];
	const char *field;
	const char *end;

	memset(component, 'c', sizeof component);
	component[3] = '"';
	component[sizeof component - 1] = '\0';
	line.component = component;
	ctm_log_format_cmtrace(&b, &line);
	end = strstr(b.data, "]LOG]!>");
	cr_assert_not_null(end);
	cr_expect_null(strstr(end + 1, "]LOG]!>"));
	cr_expect_eq(strncmp(b.data,
			     "<![LOG[a]LOG] !><time=\"x\"\\n]LOG] !>]LOG]LOG] !>]LOG]!><time=", 60),
		0, "%s", b.data);
	field = strstr(end, "component=\"") + strlen("component=\"");
	cr_expect_eq(strcspn(field, "\""), 100);
	cr_expect_eq(field[3], '?');
}

Test(log_format, cmtrace_types)
{
	static const char *const types[] = {"type=\"3\"", "type=\"2\"", "type=\"1\"", "type=\"1\""};

	for (unsigned i = 0; i < 4; i++) {
		CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(10000);
		struct ctm_log_line line = example("x");

		line.level = (enum ctm_log_level)i;
		ctm_log_format_cmtrace(&b, &line);
		cr_expect_not_null(strstr(b.data, types[i]));
	}
}

Test(log_format, journal)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(10000);
	struct ctm_log_line line = example("a\nb");
	static const char endpoint[] = "CTM_ENDPOINT\n\3\0\0\0\0\0\0\0x\ny\n";

	line.subject = (struct ctm_log_subject){
		.job = GUID, .gid = 0xabc, .hresult = 0x80004005, .endpoint = "x\ny"};
	ctm_log_format_journal(&b, &line);
	cr_expect_eq(strncmp(b.data, "MESSAGE=[" GUID "] a\\nb (0x80004005)", 60), 0);
	cr_expect_not_null(strstr(b.data, "\nPRIORITY=4\nSYSLOG_IDENTIFIER=aria2-ctm\n"));
	cr_expect_not_null(strstr(b.data, "\nCTM_JOB=" GUID "\n"));
	cr_expect_not_null(memmem(b.data, b.len, endpoint, sizeof endpoint - 1));
	cr_expect_not_null(memmem(b.data, b.len, "\nCTM_GID=0000000000000abc\n", 26));
	cr_expect_not_null(memmem(b.data, b.len, "\nCTM_HRESULT=0x80004005\n", 24));
}

Test(log_format, syslog_head)
{
	const struct ctm_log_line line = example("x");
	char expected[128];

	setenv("TZ", "UTC0", 1);
	tzset();
	snprintf(expected, sizeof expected, "<28>Nov 15 16:58:26 aria2-ctm[%d]: ", (int)getpid());
	expect(ctm_log_format_syslog_head, &line, expected);
}
