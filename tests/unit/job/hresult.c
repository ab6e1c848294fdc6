/* SPDX-License-Identifier: MIT */
#include "hresult.h"

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(hresult, .fini = ctm_test_check_leaks);

Test(hresult, names)
{
	static const struct {
		uint32_t constant;
		uint32_t hresult;
		const char *name;
	} table[] = {
		{CTM_S_OK, 0x00000000, "S_OK"},
		{CTM_E_ABORT, 0x80004004, "E_ABORT"},
		{CTM_E_FAIL, 0x80004005, "E_FAIL"},
		{CTM_E_FILE_NOT_FOUND, 0x80070002, "ERROR_FILE_NOT_FOUND"},
		{CTM_E_PATH_NOT_FOUND, 0x80070003, "ERROR_PATH_NOT_FOUND"},
		{CTM_E_ACCESSDENIED, 0x80070005, "E_ACCESSDENIED"},
		{CTM_E_INVALID_DATA, 0x8007000D, "ERROR_INVALID_DATA"},
		{CTM_E_OUTOFMEMORY, 0x8007000E, "E_OUTOFMEMORY"},
		{CTM_E_WRITE_FAULT, 0x8007001D, "ERROR_WRITE_FAULT"},
		{CTM_E_SHARING_VIOLATION, 0x80070020, "ERROR_SHARING_VIOLATION"},
		{CTM_E_HANDLE_EOF, 0x80070026, "ERROR_HANDLE_EOF"},
		{CTM_E_FILE_EXISTS, 0x80070050, "ERROR_FILE_EXISTS"},
		{CTM_E_CANNOT_MAKE, 0x80070052, "ERROR_CANNOT_MAKE"},
		{CTM_E_INVALIDARG, 0x80070057, "E_INVALIDARG"},
		{CTM_E_OPEN_FAILED, 0x8007006E, "ERROR_OPEN_FAILED"},
		{CTM_E_DISK_FULL, 0x80070070, "ERROR_DISK_FULL"},
		{CTM_E_BUSY, 0x800700AA, "ERROR_BUSY"},
		{CTM_E_ALREADY_EXISTS, 0x800700B7, "ERROR_ALREADY_EXISTS"},
		{CTM_E_DIRECTORY, 0x8007010B, "ERROR_DIRECTORY"},
		{CTM_E_IO_PENDING, 0x800703E5, "ERROR_IO_PENDING"},
		{CTM_E_IO_DEVICE, 0x8007045D, "ERROR_IO_DEVICE"},
		{CTM_E_NOT_FOUND, 0x80070490, "ERROR_NOT_FOUND"},
		{CTM_E_CANCELLED, 0x800704C7, "ERROR_CANCELLED"},
		{CTM_E_FILE_CORRUPT, 0x80070570, "ERROR_FILE_CORRUPT"},
		{CTM_E_TIMEOUT, 0x800705B4, "ERROR_TIMEOUT"},
		{CTM_E_RPC_SERVER_UNAVAILABLE, 0x800706BA, "RPC_S_SERVER_UNAVAILABLE"},
		{CTM_E_WINHTTP_TIMEOUT, 0x80072EE2, "ERROR_WINHTTP_TIMEOUT"},
		{CTM_E_WINHTTP_INVALID_URL, 0x80072EE5, "ERROR_WINHTTP_INVALID_URL"},
		{CTM_E_WINHTTP_UNRECOGNIZED_SCHEME, 0x80072EE6,
			"ERROR_WINHTTP_UNRECOGNIZED_SCHEME"},
		{CTM_E_WINHTTP_NAME_NOT_RESOLVED, 0x80072EE7, "ERROR_WINHTTP_NAME_NOT_RESOLVED"},
		{CTM_E_WINHTTP_CANNOT_CONNECT, 0x80072EFD, "ERROR_WINHTTP_CANNOT_CONNECT"},
		{CTM_E_WINHTTP_CONNECTION_ERROR, 0x80072EFE, "ERROR_WINHTTP_CONNECTION_ERROR"},
		{CTM_E_WINHTTP_SECURE_CERT_DATE_INVALID, 0x80072F05,
			"ERROR_WINHTTP_SECURE_CERT_DATE_INVALID"},
		{CTM_E_WINHTTP_SECURE_CERT_CN_INVALID, 0x80072F06,
			"ERROR_WINHTTP_SECURE_CERT_CN_INVALID"},
		{CTM_E_WINHTTP_CLIENT_AUTH_CERT_NEEDED, 0x80072F0C,
			"ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED"},
		{CTM_E_WINHTTP_SECURE_INVALID_CA, 0x80072F0D, "ERROR_WINHTTP_SECURE_INVALID_CA"},
		{CTM_E_WINHTTP_INVALID_SERVER_RESPONSE, 0x80072F78,
			"ERROR_WINHTTP_INVALID_SERVER_RESPONSE"},
		{CTM_E_WINHTTP_REDIRECT_FAILED, 0x80072F7C, "ERROR_WINHTTP_REDIRECT_FAILED"},
		{CTM_E_WINHTTP_SECURE_CHANNEL_ERROR, 0x80072F7D,
			"ERROR_WINHTTP_SECURE_CHANNEL_ERROR"},
		{CTM_E_WINHTTP_SECURE_FAILURE, 0x80072F8F, "ERROR_WINHTTP_SECURE_FAILURE"},
		{CTM_E_HASH_VALUE, 0x80091007, "CRYPT_E_HASH_VALUE"},
		{CTM_E_BG_MISSING_FILE_SIZE, 0x80200011, "BG_E_MISSING_FILE_SIZE"},
		{CTM_E_BG_INSUFFICIENT_HTTP_SUPPORT, 0x80200012, "BG_E_INSUFFICIENT_HTTP_SUPPORT"},
		{CTM_E_BG_INSUFFICIENT_RANGE_SUPPORT, 0x80200013,
			"BG_E_INSUFFICIENT_RANGE_SUPPORT"},
		{CTM_E_BG_TOO_LARGE, 0x80200020, "BG_E_TOO_LARGE"},
		{CTM_E_BG_NO_PROGRESS, 0x80200024, "BG_E_NO_PROGRESS"},
		{CTM_E_HTTP(404), 0x80190194, "BG_E_HTTP_ERROR_404"},
		{CTM_E_HTTP(100), 0x80190064, "BG_E_HTTP_ERROR_100"},
		{CTM_E_HTTP(599), 0x80190257, "BG_E_HTTP_ERROR_599"},
	};
	char buf[32];

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		const char *name = ctm_hresult_name(table[i].hresult, buf, sizeof buf);

		cr_expect_eq(table[i].constant, table[i].hresult);
		cr_assert_not_null(name, "0x%08X", table[i].hresult);
		cr_expect_str_eq(name, table[i].name);
	}
}

Test(hresult, unknown)
{
	static const uint32_t unknown[] = {1, 0x80190063, 0x80190258, 0x80070001, UINT32_MAX};
	char buf[32];

	for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++)
		cr_expect_null(ctm_hresult_name(unknown[i], buf, sizeof buf), "0x%08X", unknown[i]);
}

Test(hresult, print)
{
	char buf[64];

	cr_expect_str_eq(ctm_hresult_print(CTM_E_FILE_CORRUPT, buf, sizeof buf),
		"0x80070570 (ERROR_FILE_CORRUPT)");
	cr_expect_str_eq(
		ctm_hresult_print(0x801901f7, buf, sizeof buf), "0x801901F7 (BG_E_HTTP_ERROR_503)");
	cr_expect_str_eq(ctm_hresult_print(0x8000abcd, buf, sizeof buf), "0x8000ABCD");
	cr_expect_str_eq(ctm_hresult_print(CTM_E_FILE_CORRUPT, buf, 8), "0x80070");
}

Test(hresult, parse)
{
	static const struct {
		const char *text;
		uint32_t hresult;
	} table[] = {
		{"0x80190194", 0x80190194},
		{"0X801901f7", 0x801901F7},
		{"80190194", 0x80190194},
		{"8007000d", 0x8007000D},
		{"00000000", 0},
		{"2149122452", 0x80190194},
		{"-2145844844", 0x80190194},
		{"0", 0},
		{"404", 404},
		{"4294967295", UINT32_MAX},
		{"-1", UINT32_MAX},
		{"-2147483648", 0x80000000},
		{"ERROR_TIMEOUT", 0x800705B4},
		{"error_timeout", 0x800705B4},
		{"S_OK", 0},
		{"E_AccessDenied", 0x80070005},
		{"BG_E_HTTP_ERROR_404", 0x80190194},
		{"bg_e_http_error_599", 0x80190257},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		uint32_t hresult = 1;

		cr_assert(ctm_hresult_parse(table[i].text, &hresult), "\"%s\"", table[i].text);
		cr_expect_eq(hresult, table[i].hresult, "\"%s\"", table[i].text);
	}
}

Test(hresult, parse_is_strict)
{
	static const char *const wrong[] = {"", " ", "0x", "0x8019019", "0x801901944", "0x8019019g",
		"x80190194", " 0x80190194", "0x80190194 ", "0x-8019019", "8019019g", "8019a",
		"4294967296", "18446744073709551616", "-", "--1", "-0", "- 1", "+1", "-2147483649",
		"-0x80190194", "1.0", "1e3", "ERROR", "ERROR_", "ERROR_TIMEOUT ", " ERROR_TIMEOUT",
		"ERROR_TIMEOUTS", "TIMEOUT", "BG_E_HTTP_ERROR_", "BG_E_HTTP_ERROR_40",
		"BG_E_HTTP_ERROR_099", "BG_E_HTTP_ERROR_600", "BG_E_HTTP_ERROR_4040",
		"BG_E_HTTP_ERROR_0404", "BG_E_HTTP_ERROR_-40", "BG_E_HTTP_ERROR_ 40",
		"0x80190194 (BG_E_HTTP_ERROR_404)"};

	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		uint32_t hresult = 1;

		cr_expect_not(ctm_hresult_parse(wrong[i], &hresult), "\"%s\"", wrong[i]);
		cr_expect_eq(hresult, 1, "\"%s\"", wrong[i]);
	}
}

Test(hresult, parse_reads_what_is_printed)
{
	static const uint32_t some[] = {CTM_S_OK, CTM_E_FAIL, CTM_E_BG_NO_PROGRESS, 0x80190194};
	char buf[32];

	for (size_t i = 0; i < sizeof some / sizeof *some; i++) {
		uint32_t hresult = 1;

		cr_assert(ctm_hresult_parse(ctm_hresult_name(some[i], buf, sizeof buf), &hresult));
		cr_expect_eq(hresult, some[i]);
	}
}
