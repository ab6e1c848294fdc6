/* SPDX-License-Identifier: MIT */
#include "blame.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "errors.h"
#include "leaks.h"

TestSuite(blame, .fini = ctm_test_check_leaks);

/* Strings are only read. */
static char *text(const char *s)
{
	return (char *)(uintptr_t)s;
}

static struct ctm_report_file file_of(const char *path, const char *uri)
{
	return (struct ctm_report_file){.path = text(path), .uri = text(uri), .selected = true};
}

static struct ctm_report report_of(uint32_t code, const char *message)
{
	return (struct ctm_report){
		.gid = 0x2089b05ecca3d829,
		.status = CTM_REPORT_ERROR,
		.error_code = code,
		.error_message = text(message),
		.dir = text("/dl"),
	};
}

Test(blame, of_another)
{
	for (uint32_t code = 0; code < 40; code++)
		cr_expect_eq(ctm_blame_is_of_another(code), code >= 11 && code <= 13, "%u", code);
}

Test(blame, removal)
{
	struct ctm_report report = report_of(3, "");

	cr_expect_not(ctm_blame_is_removal(&report));
	report.error_code = 31;
	cr_expect(ctm_blame_is_removal(&report), "aria2's code for it");
	report.error_code = 0;
	report.status = CTM_REPORT_REMOVED;
	cr_expect(ctm_blame_is_removal(&report));
}

/* Fails the test where it is another; NULL: it can't be known. */
static void expect_path(const char *dir, const char *path, const char *uri, const char *want)
{
	struct ctm_report report = report_of(3, "");
	const struct ctm_report_file file = file_of(path, uri);
	char *got = text("untouched");

	report.dir = text(dir);
	cr_assert_eq(ctm_blame_path(&report, &file, &got), 0);
	if (want)
		cr_expect_str_eq(got ? got : "(none)", want, "\"%s\"", uri);
	else
		cr_expect_null(got, "\"%s\": %s", uri, got);
	free(got);
}

Test(blame, path)
{
	expect_path("/dl", "/elsewhere/a", "http://dp.example/b", "/elsewhere/a");
	expect_path("/dl", "", "http://dp.example/b", "/dl/b");
	expect_path("/dl", "", "http://dp.example/x/y/b.exe?sig=a/b#c/d", "/dl/b.exe");
	expect_path("/dl", "", "http://dp.example/x#a/b", "/dl/x");
	expect_path("/dl", "", "ftp://user:secret@dp.example/b", "/dl/b");
	expect_path("/dl", "", "http://[::1]:80/b", "/dl/b");
	expect_path("/", "", "http://dp.example/b", "/b");
	expect_path("/dl", "", "http://dp.example/a%20b%c3%a9", "/dl/a b\xc3\xa9");
	expect_path("/dl", "", "http://dp.example/100%", "/dl/100%");
	expect_path("/dl", "", "http://dp.example/100%2", "/dl/100%2");
	expect_path("/dl", "", "http://dp.example/100%zz", "/dl/100%zz");
	expect_path("/dl", "", "http://dp.example/a%2", "/dl/a%2");
	expect_path("/dl", "", "http://dp.example/%252e%252e", "/dl/%2e%2e");
	expect_path("/dl", "", "http://dp.example/...", "/dl/...");
}

/* A name that is none, or that leads elsewhere. */
Test(blame, hostile_names)
{
	static const char *const uris[] = {
		"",
		"no uri",
		"http://dp.example",
		"http://dp.example/",
		"http://dp.example/x/",
		"http://dp.example?/a",
		"http://dp.example/..",
		"http://dp.example/.",
		"http://dp.example/%2e%2e",
		"http://dp.example/.%2E",
		"http://dp.example/%2fetc%2fpasswd",
		"http://dp.example/a%2Fb",
		"http://dp.example/..%2f..%2fetc%2fpasswd",
		"http://dp.example/a%00",
		"http://dp.example/%00",
		"http://dp.example/a%00b",
		"magnet:?xt=urn:btih:abc",
		"/a/b",
	};

	for (size_t i = 0; i < sizeof uris / sizeof *uris; i++)
		expect_path("/dl", "", uris[i], NULL);
	expect_path("", "", "http://dp.example/b", NULL);
}

/* Longer than any path: it is not known, and nothing is cut. */
Test(blame, name_without_end)
{
	static char uri[20000] = "http://dp.example/";

	memset(uri + strlen(uri), 'x', sizeof uri - 1 - strlen(uri));
	expect_path("/dl", "", uri, NULL);
}

static const char *describe(const struct ctm_report *report, const char *path)
{
	static char buf[CTM_ERROR_TEXT];

	cr_assert_eq(ctm_blame_describe(report, path, buf, sizeof buf), buf);
	return buf;
}

Test(blame, words)
{
	struct ctm_report_file files[] = {
		file_of("/dl/x", ""), file_of("/dl/a", "https://dp.example:8443/a?token=hidden")};
	struct ctm_report report = report_of(3, "Resource not found");
	const char *words;

	report.files = files;
	report.n_files = 2;
	words = describe(&report, "/dl/a");
	cr_expect_eq(strncmp(words, "\"/dl/a\" from dp.example:8443: ", 30), 0, "%s", words);
	cr_expect_not_null(strstr(words, "aria2 error 3"), "%s", words);
	cr_expect_not_null(strstr(words, "\"Resource not found\""), "%s", words);
	cr_expect_null(strstr(words, "hidden"), "%s", words);
	cr_expect_null(strchr(words, '?'), "%s", words);
	words = describe(&report, NULL);
	cr_expect_eq(strncmp(words, "download 2089b05ecca3d829 from", 30), 0, "%s", words);
	files[1].selected = false;
	words = describe(&report, "/dl/a");
	cr_expect_null(strstr(words, "from"), "only of what is selected: %s", words);
	report.error_message = text("");
	words = describe(&report, "/dl/a");
	cr_expect_null(strstr(words, "\"\""), "%s", words);
	report.status = CTM_REPORT_REMOVED;
	words = describe(&report, "/dl/a");
	cr_expect_str_eq(words, "\"/dl/a\": the download was removed from aria2: add it again");
}

/* Nothing but the host of a URI is shown. */
Test(blame, passwords)
{
	static const struct {
		const char *uri, *from;
	} table[] = {
		{"ftp://user:secret@dp.example/a", " from dp.example: "},
		{"http://secret@dp.example:80?secret", " from dp.example:80: "},
		{"http://user:secret@dp.example#secret", " from dp.example: "},
		{"http://user:secret@secret@dp.example/secret@x", " from dp.example: "},
		{"http://user:secret@/a", "\": "},
		{"http://", "\": "},
		{"secret", "\": "},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct ctm_report_file file = file_of("", table[i].uri);
		struct ctm_report report = report_of(24, "");
		const char *words;

		report.files = &file;
		report.n_files = 1;
		words = describe(&report, "/dl/a");
		cr_expect_null(strstr(words, "secret"), "%s", words);
		cr_expect_not_null(strstr(words, table[i].from), "\"%s\": %s", table[i].uri, words);
	}
}

/* aria2 puts whole URIs into its messages: of those too nothing but scheme and host is shown. */
Test(blame, passwords_in_messages)
{
	static const struct {
		const char *message, *shown;
	} table[] = {
		{"Got EOF from https://user:secret@dp.example:8443/secret?token=secret",
			"\"Got EOF from https://dp.example:8443\""},
		{"URI=http://dp.example/secret, try again", "\"URI=http://dp.example try again\""},
		{"http://a/secret and ftp://b/secret", "\"http://a and ftp://b\""},
		{"it said \"http://a/secret\".", "\"it said \"http://a\".\""},
		{"http://secret@", "\"http://\""},
		{"://", "\"://\""},
		{"no URI: at all / any?where", "\"no URI: at all / any?where\""},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct ctm_report report = report_of(2, table[i].message);
		const char *words = describe(&report, "/dl/a");

		cr_expect_null(strstr(words, "secret"), "%s", words);
		cr_expect_not_null(strstr(words, table[i].shown), "%s: %s", table[i].shown, words);
	}
}

/* One that begins within what is shown and ends behind it. */
Test(blame, password_at_the_cut)
{
	static char message[300];
	struct ctm_report report = report_of(2, message);

	for (size_t at = 170; at < 215; at++) {
		memset(message, 'm', sizeof message - 1);
		memcpy(message + at, "http://user:secret@dp.example/secret", 36);
		cr_expect_null(strstr(describe(&report, "/dl/a"), "secret"), "at %zu", at);
		cr_expect_null(strstr(describe(&report, "/dl/a"), "user:"), "at %zu", at);
	}
}

/* The end of a long path tells more than its beginning, and the rest has room. */
Test(blame, long_path)
{
	static char path[8000] = "/begin/";
	static char message[5000];
	struct ctm_report report = report_of(9, message);
	const char *words;
	char small[8];

	memset(path + strlen(path), 'x', sizeof path - 9 - strlen(path));
	strcat(path, "/the-end");
	memset(message, 'm', sizeof message - 1);
	words = describe(&report, path);
	cr_expect_eq(strncmp(words, "\"...", 4), 0, "%s", words);
	cr_expect_not_null(strstr(words, "/the-end\""), "%s", words);
	cr_expect_null(strstr(words, "/begin"), "%s", words);
	cr_expect_not_null(strstr(words, "mmm\"): "), "what to do is said: %s", words);
	cr_expect_lt(strlen(words), CTM_ERROR_TEXT);
	ctm_blame_describe(&report, path, small, sizeof small);
	cr_expect_str_eq(small, "\"...xxx");
}
