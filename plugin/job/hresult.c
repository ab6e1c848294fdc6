/* SPDX-License-Identifier: MIT */
#include "hresult.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "http_status.h"
#include "num.h"
#include "pack.h"

#define HTTP_NAME "BG_E_HTTP_ERROR_"
#define NEGATIVE_MAX (UINT64_C(1) << 31)

static const struct {
	uint32_t hresult;
	const char *name;
} names[] = {
	{CTM_S_OK, "S_OK"},
	{CTM_E_ABORT, "E_ABORT"},
	{CTM_E_FAIL, "E_FAIL"},
	{CTM_E_FILE_NOT_FOUND, "ERROR_FILE_NOT_FOUND"},
	{CTM_E_PATH_NOT_FOUND, "ERROR_PATH_NOT_FOUND"},
	{CTM_E_ACCESSDENIED, "E_ACCESSDENIED"},
	{CTM_E_INVALID_DATA, "ERROR_INVALID_DATA"},
	{CTM_E_OUTOFMEMORY, "E_OUTOFMEMORY"},
	{CTM_E_WRITE_FAULT, "ERROR_WRITE_FAULT"},
	{CTM_E_SHARING_VIOLATION, "ERROR_SHARING_VIOLATION"},
	{CTM_E_HANDLE_EOF, "ERROR_HANDLE_EOF"},
	{CTM_E_FILE_EXISTS, "ERROR_FILE_EXISTS"},
	{CTM_E_CANNOT_MAKE, "ERROR_CANNOT_MAKE"},
	{CTM_E_INVALIDARG, "E_INVALIDARG"},
	{CTM_E_OPEN_FAILED, "ERROR_OPEN_FAILED"},
	{CTM_E_DISK_FULL, "ERROR_DISK_FULL"},
	{CTM_E_BUSY, "ERROR_BUSY"},
	{CTM_E_ALREADY_EXISTS, "ERROR_ALREADY_EXISTS"},
	{CTM_E_DIRECTORY, "ERROR_DIRECTORY"},
	{CTM_E_IO_PENDING, "ERROR_IO_PENDING"},
	{CTM_E_IO_DEVICE, "ERROR_IO_DEVICE"},
	{CTM_E_NOT_FOUND, "ERROR_NOT_FOUND"},
	{CTM_E_CANCELLED, "ERROR_CANCELLED"},
	{CTM_E_FILE_CORRUPT, "ERROR_FILE_CORRUPT"},
	{CTM_E_TIMEOUT, "ERROR_TIMEOUT"},
	{CTM_E_RPC_SERVER_UNAVAILABLE, "RPC_S_SERVER_UNAVAILABLE"},
	{CTM_E_WINHTTP_TIMEOUT, "ERROR_WINHTTP_TIMEOUT"},
	{CTM_E_WINHTTP_INVALID_URL, "ERROR_WINHTTP_INVALID_URL"},
	{CTM_E_WINHTTP_UNRECOGNIZED_SCHEME, "ERROR_WINHTTP_UNRECOGNIZED_SCHEME"},
	{CTM_E_WINHTTP_NAME_NOT_RESOLVED, "ERROR_WINHTTP_NAME_NOT_RESOLVED"},
	{CTM_E_WINHTTP_CANNOT_CONNECT, "ERROR_WINHTTP_CANNOT_CONNECT"},
	{CTM_E_WINHTTP_CONNECTION_ERROR, "ERROR_WINHTTP_CONNECTION_ERROR"},
	{CTM_E_WINHTTP_SECURE_CERT_DATE_INVALID, "ERROR_WINHTTP_SECURE_CERT_DATE_INVALID"},
	{CTM_E_WINHTTP_SECURE_CERT_CN_INVALID, "ERROR_WINHTTP_SECURE_CERT_CN_INVALID"},
	{CTM_E_WINHTTP_CLIENT_AUTH_CERT_NEEDED, "ERROR_WINHTTP_CLIENT_AUTH_CERT_NEEDED"},
	{CTM_E_WINHTTP_SECURE_INVALID_CA, "ERROR_WINHTTP_SECURE_INVALID_CA"},
	{CTM_E_WINHTTP_INVALID_SERVER_RESPONSE, "ERROR_WINHTTP_INVALID_SERVER_RESPONSE"},
	{CTM_E_WINHTTP_REDIRECT_FAILED, "ERROR_WINHTTP_REDIRECT_FAILED"},
	{CTM_E_WINHTTP_SECURE_CHANNEL_ERROR, "ERROR_WINHTTP_SECURE_CHANNEL_ERROR"},
	{CTM_E_WINHTTP_SECURE_FAILURE, "ERROR_WINHTTP_SECURE_FAILURE"},
	{CTM_E_HASH_VALUE, "CRYPT_E_HASH_VALUE"},
	{CTM_E_BG_MISSING_FILE_SIZE, "BG_E_MISSING_FILE_SIZE"},
	{CTM_E_BG_INSUFFICIENT_HTTP_SUPPORT, "BG_E_INSUFFICIENT_HTTP_SUPPORT"},
	{CTM_E_BG_INSUFFICIENT_RANGE_SUPPORT, "BG_E_INSUFFICIENT_RANGE_SUPPORT"},
	{CTM_E_BG_TOO_LARGE, "BG_E_TOO_LARGE"},
	{CTM_E_BG_NO_PROGRESS, "BG_E_NO_PROGRESS"},
};

const char *ctm_hresult_name(uint32_t hresult, char *buf, size_t size)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].hresult == hresult)
			return names[i].name;
	if (hresult < CTM_E_HTTP(CTM_HTTP_STATUS_FIRST) ||
		hresult > CTM_E_HTTP(CTM_HTTP_STATUS_LAST))
		return NULL;
	snprintf(buf, size, HTTP_NAME "%" PRIu32, hresult & 0xFFFF);
	return buf;
}

const char *ctm_hresult_print(uint32_t hresult, char *buf, size_t size)
{
	char made[32];
	const char *name = ctm_hresult_name(hresult, made, sizeof made);

	if (name)
		snprintf(buf, size, "0x%08" PRIX32 " (%s)", hresult, name);
	else
		snprintf(buf, size, "0x%08" PRIX32, hresult);
	return buf;
}

static bool parse_hex(const char *digits, uint32_t *ret_hresult)
{
	unsigned char raw[4];

	if (ctm_num_parse_hex(digits, raw, sizeof raw) < 0)
		return false;
	*ret_hresult = ctm_get_u32(raw);
	return true;
}

static bool parse_decimal(const char *text, uint32_t *ret_hresult)
{
	const bool negative = text[0] == '-';
	uint64_t value;

	if (ctm_num_parse(text + negative, negative, negative ? NEGATIVE_MAX : UINT32_MAX, &value) <
		0)
		return false;
	*ret_hresult = negative ? (uint32_t)-value : (uint32_t)value;
	return true;
}

static bool parse_name(const char *text, uint32_t *ret_hresult)
{
	const size_t len = sizeof HTTP_NAME - 1;
	uint64_t status;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strcasecmp(names[i].name, text) == 0) {
			*ret_hresult = names[i].hresult;
			return true;
		}
	}
	if (strncasecmp(text, HTTP_NAME, len) != 0 || strlen(text + len) != 3 ||
		ctm_num_parse(text + len, CTM_HTTP_STATUS_FIRST, CTM_HTTP_STATUS_LAST, &status) < 0)
		return false;
	*ret_hresult = CTM_E_HTTP(status);
	return true;
}

bool ctm_hresult_parse(const char *text, uint32_t *ret_hresult)
{
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		return parse_hex(text + 2, ret_hresult);
	return parse_hex(text, ret_hresult) || parse_decimal(text, ret_hresult) ||
	       parse_name(text, ret_hresult);
}
