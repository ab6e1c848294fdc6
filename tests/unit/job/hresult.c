/* SPDX-License-Identifier: MIT */
#include "hresult.h"

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(hresult, .fini = ctm_test_check_leaks);

Test(hresult, names)
{
	static const struct {
		uint32_t hresult;
		const char *name;
	} table[] = {
		{CTM_S_OK, "S_OK"},
		{CTM_E_FAIL, "E_FAIL"},
		{CTM_E_ABORT, "E_ABORT"},
		{CTM_E_FILE_NOT_FOUND, "ERROR_FILE_NOT_FOUND"},
		{CTM_E_PATH_NOT_FOUND, "ERROR_PATH_NOT_FOUND"},
		{CTM_E_ACCESSDENIED, "E_ACCESSDENIED"},
		{CTM_E_INVALID_DATA, "ERROR_INVALID_DATA"},
		{CTM_E_OUTOFMEMORY, "E_OUTOFMEMORY"},
		{CTM_E_INVALIDARG, "E_INVALIDARG"},
		{CTM_E_DISK_FULL, "ERROR_DISK_FULL"},
		{CTM_E_BUSY, "ERROR_BUSY"},
		{CTM_E_ALREADY_EXISTS, "ERROR_ALREADY_EXISTS"},
		{CTM_E_IO_PENDING, "ERROR_IO_PENDING"},
		{CTM_E_IO_DEVICE, "ERROR_IO_DEVICE"},
		{CTM_E_NOT_FOUND, "ERROR_NOT_FOUND"},
		{CTM_E_FILE_CORRUPT, "ERROR_FILE_CORRUPT"},
		{CTM_E_DIRECTORY, "ERROR_DIRECTORY"},
		{CTM_E_HASH_VALUE, "CRYPT_E_HASH_VALUE"},
		{CTM_E_WINHTTP_INVALID_URL, "ERROR_WINHTTP_INVALID_URL"},
		{0x80190194, "BG_E_HTTP_ERROR_404"},
		{0x80190064, "BG_E_HTTP_ERROR_100"},
		{0x80190257, "BG_E_HTTP_ERROR_599"},
	};
	char buf[32];

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		const char *name = ctm_hresult_name(table[i].hresult, buf, sizeof buf);

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
