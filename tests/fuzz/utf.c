/* SPDX-License-Identifier: MIT */
/*
 * UTF-8 is what jansson, too, takes for it; what is made visible is; UTF-16 comes out whole or is
 * refused.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "fuzz.h"
#include "utf.h"
#include "values.h"

#define UNITS 512

static void check_valid(const char *text, size_t len)
{
	json_t *string = json_stringn(text, len);

	FUZZ_CHECK(ctm_utf8_valid(text, len) == (string != NULL));
	json_decref(string);
}

static void check_visible(const char *text, size_t max)
{
	CTM_CLEANUP_BUF struct ctm_buf out = CTM_BUF_INIT(1 << 20);
	const size_t len = strlen(text);

	ctm_utf8_add_visible(&out, text, max);
	FUZZ_CHECK(out.error == 0);
	FUZZ_CHECK(fuzz_is_visible(out.data ? out.data : "", out.len));
	/* Four bytes at most for one, and the dots. */
	FUZZ_CHECK(max > len || out.len <= 4 * max + 3);
	if (len && len <= max && fuzz_is_visible(text, len))
		FUZZ_CHECK(strcmp(out.data, text) == 0);
	FUZZ_CHECK(ctm_value_has_control(text) == !fuzz_is_visible(text, len));
}

static bool has_lone_surrogate(const char16_t *s)
{
	for (; *s; s++) {
		if (*s >= 0xd800 && *s < 0xdc00 && s[1] >= 0xdc00 && s[1] < 0xe000)
			s++;
		else if (*s >= 0xd800 && *s < 0xe000)
			return true;
	}
	return false;
}

/* Back to UTF-16, character by character. */
static void check_same(const char *utf8, const char16_t *s)
{
	size_t len = strlen(utf8);

	while (len) {
		char32_t code = 0;
		const size_t n = ctm_utf8_next(utf8, len, &code);

		FUZZ_CHECK(n > 0);
		if (code >= 0x10000) {
			FUZZ_CHECK(*s++ == 0xd800 + ((code - 0x10000) >> 10));
			FUZZ_CHECK(*s++ == 0xdc00 + (code & 0x3ff));
		} else {
			FUZZ_CHECK(*s++ == code);
		}
		utf8 += n;
		len -= n;
	}
	FUZZ_CHECK(*s == 0);
}

static void check_utf16(const uint8_t *data, size_t size, size_t limit)
{
	const size_t units = size / 2 < UNITS ? size / 2 : UNITS;
	char16_t *s = calloc(units + 1, sizeof *s);
	char *utf8 = NULL;
	int r;

	if (!s)
		exit(1);
	memcpy(s, data, units * 2);
	r = ctm_utf8_from_utf16(s, limit, &utf8);
	if (r == 0) {
		FUZZ_CHECK(!has_lone_surrogate(s) && strlen(utf8) <= limit);
		check_same(utf8, s);
	} else {
		FUZZ_CHECK(!utf8 && (r == -ENOBUFS || (r == -EINVAL && has_lone_surrogate(s))));
	}
	free(utf8);
	free(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	const uint8_t max = fuzz_take_byte(&in);
	char *text;

	check_valid((const char *)in.data, in.len);
	check_utf16(in.data, in.len, 3 * UNITS);
	check_utf16(in.data, in.len, max);
	text = fuzz_take_text(&in);
	check_visible(text, SIZE_MAX);
	check_visible(text, max);
	free(text);
	return 0;
}
