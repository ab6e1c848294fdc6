/* SPDX-License-Identifier: MIT */
#include "ini_text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "files.h"
#include "told.h"

TestSuite(ini_text, .init = test_enter, .fini = test_leave);

static char seen[200000];
static int stop_at; /* the entry that the handler refuses; 0: none */

/* "line[section]key=value" of each entry, "+" behind those with a comment. */
static int see(void *context, const struct ctm_ini_entry *entry)
{
	const size_t used = strlen(seen);

	(void)context;
	if (stop_at && (unsigned)stop_at == entry->line)
		return -ECANCELED;
	if (entry->key)
		snprintf(seen + used, sizeof seen - used, "%u[%s]%s=%s%s|", entry->line,
			entry->section, entry->key, entry->value, entry->commented ? "+" : "");
	else
		snprintf(seen + used, sizeof seen - used, "%u[%s]|", entry->line, entry->section);
	return 0;
}

static int read_text(const char *text, size_t len, struct ctm_ini_outcome *outcome)
{
	CTM_CLEANUP_FD int fd = -1;

	seen[0] = '\0';
	test_told_reset();
	test_write("t", text, len);
	fd = open("t", O_RDONLY | O_CLOEXEC);
	return ctm_ini_read(fd, "t", see, test_tell, NULL, outcome);
}

#define READ(text, outcome) read_text((text), sizeof(text) - 1, (outcome))

Test(ini_text, good)
{
	static const struct {
		const char *text, *seen;
	} cases[] = {
		{"", ""},
		{"[a]\nk=v\n", "1[a]|2[a]k=v|"},
		{"[a]\r\nk = v \r\n\r\n", "1[a]|2[a]k=v|"},
		{"\xef\xbb\xbf[a]\nk=v", "1[a]|2[a]k=v|"},
		{"\xef\xbb\xbfk=v\n", "1[]k=v|"},
		{"# c\n; c\n\t; indented comment\n   \n[a] ; c\n", "5[a]|"},
		{"[a]\nk = v ; c\n", "1[a]|2[a]k=v+|"},
		{"[a]\nk = v;w ;c;d\n", "1[a]|2[a]k=v;w+|"},
		{"[a]\nk = ; c\n", "1[a]|2[a]k=+|"},
		{"[a]\nk =;v\n", "1[a]|2[a]k=;v|"},
		{"[a]\nk =\t;v\n", "1[a]|2[a]k=+|"},
		{"[a]\nk = v # w\n", "1[a]|2[a]k=v # w|"},
		{"[a]\nk=a=b:c\n", "1[a]|2[a]k=a=b:c|"},
		{"[a]\nk = \"v \"\n", "1[a]|2[a]k=\"v \"|"},
		{"[a]\nk=v\nk=w\n[a]\n", "1[a]|2[a]k=v|3[a]k=w|4[a]|"},
		{"[a]\na b = c d\n", "1[a]|2[a]a b=c d|"},
		{"[\xc3\xa4 b]\n\xc3\xb6=\xc3\xbc\n",
			"1[\xc3\xa4 b]|2[\xc3\xa4 b]\xc3\xb6=\xc3\xbc|"},
		{"[]\nk=v\n", "1[]|2[]k=v|"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ctm_ini_outcome outcome;

		cr_assert_eq(read_text(cases[i].text, strlen(cases[i].text), &outcome), 0);
		cr_expect_str_eq(seen, cases[i].seen);
		cr_expect_str_eq(test_told, "");
		cr_expect_eq(outcome.errors, 0);
	}
}

Test(ini_text, bad_lines)
{
	static const struct {
		const char *text, *told, *seen;
	} cases[] = {
		{"[a]\n k=v\nl=w\n", "E t:2: the line is indented; remove the indent\n",
			"1[a]|3[a]l=w|"},
		{"[a]\n\tk=v\n", "remove the indent", "1[a]|"},
		{" [a]\nk=v\n", "E t:1: the line is indented", "2[]k=v|"},
		{"\xef\xbb\xbf k=v\n", "E t:1: the line is indented", ""},
		{"[a]\njunk\n", "E t:2: a line without \"=\"; write key = value", "1[a]|"},
		{"[a]\nk ; c = v\n", "E t:2: a line without \"=\"", "1[a]|"},
		{"[a]\npath: v\n", "E t:2: a line without \"=\"", "1[a]|"},
		{"[a]\nuri: https://x?a=b\n", "E t:2: \":\" in a key; only \"=\"", "1[a]|"},
		{"[a]\n= v\n", "E t:2: no key before \"=\"", "1[a]|"},
		{"[a\nk=v\n[b]\nk=w\n", "E t:1: \"]\" is missing", "3[b]|4[b]k=w|"},
		{"[a ; ]\n", "E t:1: \"]\" is missing", ""},
		{"[a] b\n", "E t:1: text behind the section's \"]\"", ""},
		{"[12345678901234567890123456789012345678901234567890]\nk=v\n",
			"E t:1: the section's name is too long; it has at most 49 bytes", ""},
		{"[a]\nk=\xff\nl=w\n", "E t:2: bytes that are not UTF-8", "1[a]|3[a]l=w|"},
		{"[a]\n;\xc3\n", "E t:2: bytes that are not UTF-8", "1[a]|"},
		{"[a]\nk=\xed\xa0\x80\n", "E t:2: bytes that are not UTF-8", "1[a]|"},
		{"\xff\xfe[\n", "E t:1: bytes that are not UTF-8", ""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ctm_ini_outcome outcome;

		cr_assert_eq(read_text(cases[i].text, strlen(cases[i].text), &outcome), 0);
		cr_expect_str_eq(seen, cases[i].seen);
		cr_expect_not_null(strstr(test_told, cases[i].told), "%s", test_told);
		cr_expect_eq(outcome.errors, 1, "%s", cases[i].text);
	}
}

/* Which errors leave it open what section the lines behind them belong to. */
Test(ini_text, section_damaged)
{
	static const struct {
		const char *text;
		size_t len;
		bool damaged;
	} cases[] = {
#define TEXT(text) (text), sizeof(text) - 1
		{TEXT("[a\n"), true},
		{TEXT("[a] b\n"), true},
		{TEXT(" [a]\n"), true},
		{TEXT("a]\n"), true},
		{TEXT("a] ; c\n"), true},
		{TEXT("[b]\n\xef\xbb\xbf[a]\n"), true},
		{TEXT("\xa0" "[a]\n"), true},
		{TEXT("[a\xff]\n"), true},
		{TEXT("\0[\0a\0]\n"), true},
		{TEXT("[a\nk=v\n[b]\njunk\n"), true},
		{TEXT("[a]\nk=v\n"), false},
		{TEXT("[a]\njunk\n"), false},
		{TEXT(" k=[v]\n"), false},
		{TEXT("k=\xff]\n"), false},
		{TEXT("; \xff [a]\n"), false},
		{TEXT("k:]=v\n"), false},
		{TEXT("k=a\0]\n"), false},
#undef TEXT
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ctm_ini_outcome outcome;

		cr_assert_eq(read_text(cases[i].text, cases[i].len, &outcome), 0);
		cr_expect_eq(outcome.section_damaged, cases[i].damaged, "%s", cases[i].text);
	}
}

Test(ini_text, nul_bytes)
{
	struct ctm_ini_outcome outcome;

	cr_assert_eq(READ("[a]\nk=a\0b\nl=w\n", &outcome), 0);
	cr_expect_str_eq(seen, "1[a]|3[a]l=w|");
	cr_expect_str_eq(test_told, "E t:2: a NUL byte; the text is plain UTF-8\n");
}

Test(ini_text, ends_in_newline)
{
	struct ctm_ini_outcome outcome;

	cr_assert_eq(READ("", &outcome), 0);
	cr_expect_not(outcome.ends_in_newline);
	cr_assert_eq(READ("k=v\n", &outcome), 0);
	cr_expect(outcome.ends_in_newline);
	cr_expect_eq(outcome.lines, 1);
	cr_assert_eq(READ("k=v\nx=y", &outcome), 0);
	cr_expect_not(outcome.ends_in_newline);
	cr_expect_eq(outcome.lines, 2);
	cr_assert_eq(READ("k=v\r", &outcome), 0);
	cr_expect_not(outcome.ends_in_newline);
	cr_assert_eq(READ("\n", &outcome), 0);
	cr_expect(outcome.ends_in_newline);
}

/* A line with a value of n bytes is read, alone and behind others that move it over chunks. */
static void expect_value(size_t n, bool fits)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(400000);
	struct ctm_ini_outcome outcome;

	ctm_buf_add_str(&b, "[a]\nk = ");
	for (size_t i = 0; i < n; i++)
		ctm_buf_add_char(&b, (char)('a' + i % 26));
	ctm_buf_add_str(&b, " ; comment\nl=w\n");
	cr_assert_eq(read_text(b.data, b.len, &outcome), 0);
	cr_expect_eq(outcome.errors, !fits, "%zu", n);
	if (fits) {
		cr_expect_eq(strlen(seen), n + strlen("1[a]|2[a]k=+|3[a]l=w|"), "%zu", n);
		cr_expect_eq(strncmp(seen + 11, b.data + 8, n), 0);
	} else {
		cr_expect_str_eq(seen, "1[a]|3[a]l=w|");
	}
}

Test(ini_text, long_values_arrive_whole)
{
	static const size_t sizes[] = {0, 1, 48, 49, 50, 190, 198, 199, 200, 201, 4095, 4096, 65526,
		65527, 65528, 65535, 65536};

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		expect_value(sizes[i], true);
	expect_value(65537, false);
	expect_value(131072, false);
	expect_value(300000, false);
}

/* A line of any length costs no more memory than a value can have. */
Test(ini_text, endless_line)
{
	CTM_CLEANUP_FD int fd = open("t", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	struct ctm_ini_outcome outcome;
	struct rusage before;
	struct rusage after;

	cr_assert_eq(ftruncate(fd, 300 << 20), 0);
	cr_assert_eq(pwrite(fd, "[a]\nk=", 6, 0), 6);
	cr_assert_eq(pwrite(fd, "\nl=w\n", 5, 300 << 20), 5);
	test_told_reset();
	getrusage(RUSAGE_SELF, &before);
	cr_assert_eq(ctm_ini_read(fd, "t", see, test_tell, NULL, &outcome), 0);
	getrusage(RUSAGE_SELF, &after);
	cr_expect_str_eq(seen, "1[a]|3[a]l=w|");
	cr_expect_str_eq(
		test_told, "E t:2: the line is too long; a value has at most 65536 bytes\n");
	cr_expect_lt(after.ru_maxrss - before.ru_maxrss, 4096);
}

Test(ini_text, long_section_and_key)
{
	static const char text[] =
		"[1234567890123456789012345678901234567890123456789]\n"
		"a_key_that_is_longer_than_what_inih_keeps_of_a_name_for_continuations = v\n"
		"[b]\nk=v\n";
	struct ctm_ini_outcome outcome;

	cr_assert_eq(READ(text, &outcome), 0);
	cr_expect_eq(outcome.errors, 0);
	cr_expect_eq(
		strncmp(seen, "1[1234567890123456789012345678901234567890123456789]|2[1234", 59),
		0);
	cr_expect_not_null(strstr(seen, "]a_key_that_is_longer_than_what_inih_keeps_of_a_name_for_"
					"continuations=v|3[b]|4[b]k=v|"));
}

Test(ini_text, handler_ends_it)
{
	struct ctm_ini_outcome outcome;

	stop_at = 2;
	cr_expect_eq(READ("[a]\nk=v\nl=w\n", &outcome), -ECANCELED);
	cr_expect_str_eq(seen, "1[a]|");
	stop_at = 0;
}

Test(ini_text, reading_fails)
{
	CTM_CLEANUP_FD int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct ctm_ini_outcome outcome;

	cr_expect_eq(ctm_ini_read(fd, "t", see, test_tell, NULL, &outcome), -EISDIR);
}
