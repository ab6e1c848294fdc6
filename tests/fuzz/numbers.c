/* SPDX-License-Identifier: MIT */
/*
 * Numbers, durations, GIDs, GUIDs, HRESULTs, base64: what is taken is what another reader makes of
 * the same text, and what was printed reads as what it was.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <nettle/base64.h>

#include "base64.h"
#include "fuzz.h"
#include "guid.h"
#include "hresult.h"
#include "num.h"

static bool is_digits(const char *text)
{
	return text[0] && strspn(text, "0123456789") == strlen(text);
}

/* strtoull of decimal digits. 0, -EINVAL or -ERANGE. */
static int read_decimal(const char *text, uint64_t *ret_value)
{
	if (!is_digits(text))
		return -EINVAL;
	errno = 0;
	*ret_value = strtoull(text, NULL, 10);
	return errno == ERANGE ? -ERANGE : 0;
}

static void check_decimal(const char *text, uint64_t min, uint64_t max)
{
	uint64_t value = 77;
	uint64_t expected = 0;
	int wanted = read_decimal(text, &expected);

	if (wanted == 0 && (expected < min || expected > max))
		wanted = -ERANGE;
	FUZZ_CHECK(ctm_num_parse(text, min, max, &value) == wanted);
	FUZZ_CHECK(value == (wanted == 0 ? expected : 77));
}

static void check_duration(const char *text, uint64_t max)
{
	const size_t len = strlen(text);
	const char unit = len ? text[len - 1] : '\0';
	const uint64_t factor = unit == 'd' ? 86400 : unit == 'h' ? 3600 : unit == 'm' ? 60 : 1;
	char *digits = fuzz_copy(text, len && unit && strchr("smhd", unit) ? len - 1 : len);
	uint64_t value = 77;
	uint64_t expected = 0;
	int wanted = read_decimal(digits, &expected);

	if (wanted == 0 && (expected > max / factor || expected * factor > max))
		wanted = -ERANGE;
	FUZZ_CHECK(ctm_num_parse_duration(text, max, &value) == wanted);
	FUZZ_CHECK(value == (wanted == 0 ? expected * factor : 77));
	free(digits);
}

static void check_u32_any(const char *text)
{
	const bool hex = text[0] == '0' && tolower((unsigned char)text[1]) == 'x';
	const char *digits = text + (hex ? 2 : 0);
	const size_t len = strlen(digits);
	uint32_t value = 77;
	unsigned long long expected = 0;
	int wanted = 0;

	if (!len || strspn(digits, hex ? "0123456789abcdefABCDEF" : "0123456789") != len)
		wanted = -EINVAL;
	errno = 0;
	if (wanted == 0)
		expected = strtoull(digits, NULL, hex ? 16 : 10);
	if (errno == ERANGE || expected > UINT32_MAX)
		wanted = -ERANGE;
	FUZZ_CHECK(ctm_num_parse_u32_any(text, &value) == wanted);
	FUZZ_CHECK(value == (wanted == 0 ? expected : 77));
}

static void check_hex(const char *text)
{
	unsigned char bytes[8];
	char printed[17];
	uint64_t gid;

	if (ctm_num_parse_hex(text, bytes, sizeof bytes) == 0) {
		ctm_num_print_hex(bytes, sizeof bytes, printed);
		FUZZ_CHECK(strcasecmp(text, printed) == 0);
	} else {
		FUZZ_CHECK(strlen(text) != 16 || strspn(text, "0123456789abcdefABCDEF") != 16);
	}
	if (ctm_num_parse_gid(text, &gid) == 0) {
		snprintf(printed, sizeof printed, "%016" PRIx64, gid);
		FUZZ_CHECK(gid && strcasecmp(text, printed) == 0);
	}
}

static void check_guid(const char *text)
{
	char key[CTM_GUID_KEY];
	char again[CTM_GUID_KEY];
	char braced[CTM_GUID_KEY + 2];

	if (ctm_guid_key(text, key) < 0)
		return;
	FUZZ_CHECK(strlen(key) == 36 && strspn(key, "0123456789abcdef-") == 36);
	snprintf(braced, sizeof braced, "{%s}", key);
	FUZZ_CHECK(strcasecmp(text, text[0] == '{' ? braced : key) == 0);
	FUZZ_CHECK(ctm_guid_key(braced, again) == 0 && strcmp(again, key) == 0);
}

static void check_hresult(const char *text)
{
	uint32_t value = 0;
	uint32_t again = 0;
	char printed[128];
	char made[32];
	const char *name;

	if (!ctm_hresult_parse(text, &value))
		return;
	name = ctm_hresult_name(value, made, sizeof made);
	FUZZ_CHECK(!name || (ctm_hresult_parse(name, &again) && again == value));
	ctm_hresult_print(value, printed, sizeof printed);
	printed[10] = '\0';
	FUZZ_CHECK(ctm_hresult_parse(printed, &again) && again == value);
	if (is_digits(text) && strlen(text) != 8)
		FUZZ_CHECK(strtoull(text, NULL, 10) == value);
	if (text[0] == '-')
		FUZZ_CHECK((uint32_t)strtoll(text, NULL, 10) == value);
}

/* One text for each string of bytes: what decodes is what encoding gives. */
static void check_base64(const char *text)
{
	CTM_CLEANUP_BUF struct ctm_buf bytes = CTM_BUF_INIT(1 << 20);
	char *encoded;

	if (ctm_base64_decode(text, &bytes) < 0)
		return;
	encoded = fuzz_copy(text, strlen(text));
	FUZZ_CHECK(BASE64_ENCODE_RAW_LENGTH(bytes.len) == strlen(text));
	base64_encode_raw(encoded, bytes.len, (const uint8_t *)(bytes.data ? bytes.data : ""));
	FUZZ_CHECK(strcmp(encoded, text) == 0);
	free(encoded);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	const uint64_t max = fuzz_take_number(&in);
	const uint64_t min = max / 3;
	char *text = fuzz_take_text(&in);

	check_decimal(text, 0, UINT64_MAX);
	check_decimal(text, min, max);
	check_duration(text, max);
	check_duration(text, UINT64_MAX);
	check_u32_any(text);
	check_hex(text);
	check_guid(text);
	check_hresult(text);
	check_base64(text);
	free(text);
	return 0;
}
