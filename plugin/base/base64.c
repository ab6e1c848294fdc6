/* SPDX-License-Identifier: MIT */
#include "base64.h"

#include <errno.h>
#include <string.h>

static int sextet(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

/* Four characters into up to three bytes; pads is how many of the four are "=". */
static int decode_group(const char *s, size_t pads, unsigned char bytes[3])
{
	unsigned value = 0;

	for (size_t i = 0; i < 4; i++) {
		const int v = i < 4 - pads ? sextet(s[i]) : 0;

		if (v < 0)
			return -EINVAL;
		value = value << 6 | (unsigned)v;
	}
	/* Bits that no byte takes are zero, so that each string of bytes has one form. */
	if (pads && value & (pads == 1 ? 0xffu : 0xffffu))
		return -EINVAL;
	bytes[0] = (unsigned char)(value >> 16);
	bytes[1] = (unsigned char)(value >> 8);
	bytes[2] = (unsigned char)value;
	return 0;
}

int ctm_base64_decode(const char *s, struct ctm_buf *out)
{
	const size_t len = strlen(s);
	size_t pads = 0;

	if (len % 4)
		return -EINVAL;
	while (pads < 2 && pads < len && s[len - 1 - pads] == '=')
		pads++;
	for (size_t i = 0; i < len; i += 4) {
		const size_t missing = i + 4 == len ? pads : 0;
		unsigned char bytes[3];

		if (decode_group(s + i, missing, bytes) < 0)
			return -EINVAL;
		ctm_buf_add(out, bytes, 3 - missing);
	}
	return out->error;
}
