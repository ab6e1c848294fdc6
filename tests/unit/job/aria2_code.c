/* SPDX-License-Identifier: MIT */
#include "aria2_code.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#include <criterion/criterion.h>

#include "http_status.h"
#include "leaks.h"

#define BAD_STATUS "The response status is not successful. status="

TestSuite(aria2_code, .fini = ctm_test_check_leaks);

static const uint32_t by_code[CTM_ARIA2_CODE_LAST + 1] = {
	0,          /* 0 complete */
	0x80004005, /* 1 */
	0x80072EE2, /* 2 */
	0x80190194, /* 3 */
	0x80190194, /* 4 */
	0x80200024, /* 5 */
	0x80072EFE, /* 6 */
	0,          /* 7 unfinished */
	0x80200013, /* 8 */
	0x80070070, /* 9 */
	0x8007000D, /* 10 */
	0x800700AA, /* 11 */
	0x800700AA, /* 12 */
	0x80070050, /* 13 */
	0x800700B7, /* 14 */
	0x8007006E, /* 15 */
	0x80070052, /* 16 */
	0x8007045D, /* 17 */
	0x80070003, /* 18 */
	0x80072EE7, /* 19 */
	0x8007000D, /* 20 */
	0x80072F78, /* 21 */
	0x80072F78, /* 22 */
	0x80072F7C, /* 23 */
	0x80190191, /* 24 */
	0x8007000D, /* 25 */
	0x8007000D, /* 26 */
	0x80072EE5, /* 27 */
	0x80070057, /* 28 */
	0x801901F7, /* 29 */
	0x8007000D, /* 30 */
	0x800704C7, /* 31 */
	0x80091007, /* 32 */
};

Test(aria2_code, without_a_status)
{
	static const char *const messages[] = {NULL, "", "No URI available.", "Download aborted."};

	for (uint32_t code = 0; code <= CTM_ARIA2_CODE_LAST; code++)
		for (size_t i = 0; i < sizeof messages / sizeof *messages; i++)
			cr_expect_eq(ctm_aria2_hresult(code, messages[i]), by_code[code],
				"%u, \"%s\"", code, messages[i] ? messages[i] : "NULL");
}

Test(aria2_code, unknown_codes)
{
	static const uint32_t unknown[] = {33, 100, 404, INT32_MAX, UINT32_MAX};

	for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
		cr_expect_eq(ctm_aria2_hresult(unknown[i], NULL), 0x80004005);
		cr_expect_eq(ctm_aria2_hresult(unknown[i], BAD_STATUS "403"), 0x80190193);
		cr_expect(*ctm_aria2_happened(unknown[i]));
		cr_expect(*ctm_aria2_remedy(unknown[i], 0x80004005));
	}
}

Test(aria2_code, a_status_wins)
{
	for (uint32_t code = 0; code <= CTM_ARIA2_CODE_LAST; code++) {
		uint32_t expected = code == 0 || code == 7 ? 0
				    : code == 21           ? 0x80072F78
							   : 0x80190193;

		cr_expect_eq(ctm_aria2_hresult(code, BAD_STATUS "403"), expected, "%u", code);
	}
	cr_expect_eq(ctm_aria2_hresult(22, BAD_STATUS "100"), 0x80190064);
	cr_expect_eq(ctm_aria2_hresult(22, BAD_STATUS "599"), 0x80190257);
	cr_expect_eq(ctm_aria2_hresult(29, BAD_STATUS "503"), 0x801901F7);
}

Test(aria2_code, what_is_a_status)
{
	static const struct {
		const char *message;
		uint32_t hresult;
	} table[] = {
		{"status=403", 0x80190193},
		{"status=403.", 0x80190193},
		{"status=403\n", 0x80190193},
		{"(status=403) and more", 0x80190193},
		{"Bad: status=500, then status=403", 0x80190193},
		{"status=403, then status=", 0x80190193},
		{"status=403 of http://h/?status=200", 0x80190193},
		{"http://h/?status=200 gave status=403", 0x80190193},
		{"status=status=403", 0x80072F78},
		{"http://h/?status=403", 0x80072F78},
		{"http://h/?a=b&status=403", 0x80072F78},
		{"exitstatus=403", 0x80072F78},
		{"Status=403", 0x80072F78},
		{"status=", 0x80072F78},
		{"status=4", 0x80072F78},
		{"status=40", 0x80072F78},
		{"status=4031", 0x80072F78},
		{"status=0403", 0x80072F78},
		{"status=403&x", 0x80072F78},
		{"status=403x", 0x80072F78},
		{"status=403%", 0x80072F78},
		{"status=403\xc3\xa9", 0x80072F78},
		{"status=099", 0x80072F78},
		{"status=000", 0x80072F78},
		{"status=600", 0x80072F78},
		{"status=999", 0x80072F78},
		{"status=-40", 0x80072F78},
		{"status=+403", 0x80072F78},
		{"status= 403", 0x80072F78},
		{"status=4294967699", 0x80072F78},
		{"status=\xff\xff\xff", 0x80072F78},
		{"statu", 0x80072F78},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		cr_expect_eq(ctm_aria2_hresult(22, table[i].message), table[i].hresult, "\"%s\"",
			table[i].message);
}

/* Dense only at its end: the sanitizers measure what is left of it at every step. */
Test(aria2_code, long_messages)
{
	static char message[1 << 20];
	const size_t dense = sizeof message - (1 << 16);

	memset(message, 'x', sizeof message - 1);
	cr_expect_eq(ctm_aria2_hresult(1, message), 0x80004005);
	for (size_t i = dense; i + 7 < sizeof message; i += 7)
		memcpy(message + i, "status=", 7);
	cr_expect_eq(ctm_aria2_hresult(22, message), 0x80072F78);
	memcpy(message + sizeof message - 12, " status=503", 12);
	cr_expect_eq(ctm_aria2_hresult(22, message), 0x801901F7);
}

Test(aria2_code, connections)
{
	static const struct {
		const char *message;
		bool connection;
	} table[] = {
		{"Failed to establish connection, cause: Connection refused", true},
		{"Connection refused", true},
		{"Could not connect to 127.0.0.1:9", true},
		{"CONNECTION RESET", true},
		{"Got EOF from the server.", false},
		{"Failed to open /dl/connection.bin", false},
		{"Failed to open disconnected", false},
		{"connec", false},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		cr_expect_eq(ctm_aria2_hresult(1, table[i].message),
			table[i].connection ? 0x80072EFD : 0x80004005, "%s", table[i].message);
		cr_expect_eq(ctm_aria2_hresult(17, table[i].message), 0x8007045D);
	}
}

/* A clause: it can stand behind a colon, and another behind it. */
static bool is_clause(const char *text)
{
	size_t len = strlen(text);

	return len && text[len - 1] != '.' && !isspace((unsigned char)text[0]) &&
	       !isupper((unsigned char)text[0]);
}

Test(aria2_code, texts)
{
	for (uint32_t code = 0; code <= CTM_ARIA2_CODE_LAST; code++) {
		cr_expect(is_clause(ctm_aria2_happened(code)), "%u", code);
		cr_expect(is_clause(ctm_aria2_remedy(code, by_code[code])), "%u", code);
		cr_expect_str_eq(ctm_aria2_remedy(code, 0), ctm_aria2_remedy(code, by_code[code]));
	}
	cr_expect_str_eq(ctm_aria2_happened(3), "the server does not have it");
	cr_expect_str_eq(ctm_aria2_happened(9), "the disk is full");
	cr_expect_str_eq(
		ctm_aria2_remedy(9, 0x80070070), "free disk space, then add the download again");
}

Test(aria2_code, remedies_follow_the_status)
{
	for (uint32_t status = 100; status <= 599; status++) {
		cr_expect_str_eq(ctm_aria2_remedy(22, 0x80190000 | status),
			ctm_http_status_find(status)->remedy);
		cr_expect(is_clause(ctm_http_status_find(status)->meaning), "%u", status);
		cr_expect(is_clause(ctm_http_status_find(status)->remedy), "%u", status);
	}
	cr_expect(strstr(ctm_aria2_remedy(22, 0x80190191), "credentials"));
	cr_expect(strstr(ctm_aria2_remedy(22, 0x80190193), "permission"));
	cr_expect(strstr(ctm_aria2_remedy(22, 0x80190197), "credentials"));
	cr_expect(strstr(ctm_aria2_remedy(24, 0x80190191), "http-user"));
	cr_expect(strstr(ctm_aria2_remedy(1, 0x80072EFD), "network"));
	cr_expect_str_eq(ctm_aria2_remedy(22, 0x80190000), ctm_aria2_remedy(22, 0));
	cr_expect_str_eq(ctm_aria2_remedy(22, 0x80190258), ctm_aria2_remedy(22, 0));
}
