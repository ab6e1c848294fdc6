/* SPDX-License-Identifier: MIT */
#include "utf.h"

#include <errno.h>
#include <string.h>

/* The length that a first byte promises, 0 for one that can't be first. */
static size_t promised(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (first >= 0xc2 && first <= 0xdf)
		return 2;
	if (first >= 0xe0 && first <= 0xef)
		return 3;
	if (first >= 0xf0 && first <= 0xf4)
		return 4;
	return 0;
}

static bool is_surrogate(char32_t code)
{
	return code >= 0xd800 && code <= 0xdfff;
}

size_t ctm_utf8_next(const char *s, size_t len, char32_t *ret_code)
{
	static const char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	const unsigned char *p = (const unsigned char *)s;
	const size_t n = len ? promised(p[0]) : 0;
	char32_t code;

	if (!n || n > len)
		return 0;
	code = n == 1 ? p[0] : p[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		code = code << 6 | (p[i] & 0x3fu);
	}
	if (code < least[n] || code > 0x10ffff || is_surrogate(code))
		return 0;
	if (ret_code)
		*ret_code = code;
	return n;
}

/* How many bytes of ASCII there are at least, counted by eight. */
static size_t ascii_bytes(const char *s, size_t len)
{
	uint64_t eight;
	size_t n = 0;

	for (; len - n >= sizeof eight; n += sizeof eight) {
		memcpy(&eight, s + n, sizeof eight);
		if (eight & UINT64_C(0x8080808080808080))
			break;
	}
	return n;
}

bool ctm_utf8_valid(const char *s, size_t len)
{
	while (len) {
		const size_t ascii = ascii_bytes(s, len);
		const size_t n = ascii                      ? ascii
				 : (unsigned char)*s < 0x80 ? 1
							    : ctm_utf8_next(s, len, NULL);

		if (!n)
			return false;
		s += n;
		len -= n;
	}
	return true;
}

bool ctm_utf8_is_control(char32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 || code == 0x2029 ||
	       (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

static void add_escaped(struct ctm_buf *out, const char *s, size_t n)
{
	if (n == 1 && *s == '\n')
		ctm_buf_add_str(out, "\\n");
	else if (n == 1 && *s == '\t')
		ctm_buf_add_str(out, "\\t");
	else if (n == 1 && *s == '\r')
		ctm_buf_add_str(out, "\\r");
	else
		for (size_t i = 0; i < n; i++)
			ctm_buf_printf(out, "\\x%02x", (unsigned)(unsigned char)s[i]);
}

void ctm_utf8_add_visible(struct ctm_buf *out, const char *s, size_t max)
{
	const size_t len = strlen(s);
	size_t i = 0;

	while (i < len) {
		char32_t code = 0;
		const size_t n = ctm_utf8_next(s + i, len - i, &code);
		const size_t step = n ? n : 1;

		if (i + step > max) {
			ctm_buf_add_str(out, "...");
			return;
		}
		if (!n || ctm_utf8_is_control(code))
			add_escaped(out, s + i, step);
		else
			ctm_buf_add(out, s + i, n);
		i += step;
	}
}

static void add_code(struct ctm_buf *out, char32_t code)
{
	if (code < 0x80) {
		ctm_buf_add_char(out, (char)code);
		return;
	}
	if (code < 0x800) {
		ctm_buf_add_char(out, (char)(0xc0 | code >> 6));
	} else if (code < 0x10000) {
		ctm_buf_add_char(out, (char)(0xe0 | code >> 12));
		ctm_buf_add_char(out, (char)(0x80 | (code >> 6 & 0x3f)));
	} else {
		ctm_buf_add_char(out, (char)(0xf0 | code >> 18));
		ctm_buf_add_char(out, (char)(0x80 | (code >> 12 & 0x3f)));
		ctm_buf_add_char(out, (char)(0x80 | (code >> 6 & 0x3f)));
	}
	ctm_buf_add_char(out, (char)(0x80 | (code & 0x3f)));
}

int ctm_utf8_from_utf16(const char16_t *s, size_t limit, char **ret_utf8)
{
	CTM_CLEANUP_BUF struct ctm_buf out = CTM_BUF_INIT(limit);
	char *utf8;

	for (; *s; s++) {
		char32_t code = *s;

		if (is_surrogate(code)) {
			if (code >= 0xdc00 || s[1] < 0xdc00 || s[1] > 0xdfff)
				return -EINVAL;
			code = 0x10000 + ((code - 0xd800) << 10) + (*++s - 0xdc00u);
		}
		add_code(&out, code);
		if (out.error)
			return out.error;
	}
	utf8 = ctm_buf_take(&out);
	if (!utf8)
		return -ENOMEM;
	*ret_utf8 = utf8;
	return 0;
}
