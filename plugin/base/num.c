/* SPDX-License-Identifier: MIT */
#include "num.h"

#include <errno.h>
#include <string.h>

#include "pack.h"

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* The whole of s[0..len) in the base. */
static int parse(const char *s, size_t len, unsigned base, uint64_t *ret_value)
{
	uint64_t value = 0;

	if (!len)
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		int d = digit(s[i]);

		if (d < 0 || (unsigned)d >= base)
			return -EINVAL;
	}
	for (size_t i = 0; i < len; i++) {
		if (__builtin_mul_overflow(value, (uint64_t)base, &value) ||
			__builtin_add_overflow(value, (uint64_t)digit(s[i]), &value))
			return -ERANGE;
	}
	*ret_value = value;
	return 0;
}

int ctm_num_parse(const char *s, uint64_t min, uint64_t max, uint64_t *ret_value)
{
	uint64_t value;
	int r = parse(s, strlen(s), 10, &value);

	if (r < 0)
		return r;
	if (value < min || value > max)
		return -ERANGE;
	*ret_value = value;
	return 0;
}

int ctm_num_parse_duration(const char *s, uint64_t max, uint64_t *ret_seconds)
{
	static const struct {
		char unit;
		uint64_t seconds;
	} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
	size_t len = strlen(s);
	uint64_t factor = 1;
	uint64_t value;
	int r;

	for (size_t i = 0; len && i < sizeof units / sizeof *units; i++) {
		if (s[len - 1] == units[i].unit) {
			factor = units[i].seconds;
			len--;
			break;
		}
	}
	r = parse(s, len, 10, &value);
	if (r < 0)
		return r;
	if (__builtin_mul_overflow(value, factor, &value) || value > max)
		return -ERANGE;
	*ret_seconds = value;
	return 0;
}

int ctm_num_parse_u32_any(const char *s, uint32_t *ret_value)
{
	uint64_t value;
	int r;

	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X'))
		r = parse(s + 2, strlen(s + 2), 16, &value);
	else
		r = parse(s, strlen(s), 10, &value);
	if (r < 0)
		return r;
	if (value > UINT32_MAX)
		return -ERANGE;
	*ret_value = (uint32_t)value;
	return 0;
}

int ctm_num_parse_hex(const char *s, unsigned char *ret_bytes, size_t len)
{
	if (strlen(s) != 2 * len)
		return -EINVAL;
	for (size_t i = 0; i < 2 * len; i++)
		if (digit(s[i]) < 0)
			return -EINVAL;
	for (size_t i = 0; i < len; i++)
		ret_bytes[i] = (unsigned char)(digit(s[2 * i]) << 4 | digit(s[2 * i + 1]));
	return 0;
}

void ctm_num_print_hex(const unsigned char *bytes, size_t len, char *to)
{
	for (size_t i = 0; i < len; i++) {
		*to++ = "0123456789abcdef"[bytes[i] >> 4];
		*to++ = "0123456789abcdef"[bytes[i] & 15];
	}
	*to = '\0';
}

int ctm_num_parse_gid(const char *s, uint64_t *ret_gid)
{
	unsigned char raw[8];
	uint64_t gid;

	if (ctm_num_parse_hex(s, raw, sizeof raw) < 0)
		return -EINVAL;
	gid = ctm_get_u64(raw);
	if (!gid)
		return -EINVAL;
	*ret_gid = gid;
	return 0;
}
