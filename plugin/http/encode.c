/* SPDX-License-Identifier: MIT */
#include "encode.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static bool is_control(unsigned char c)
{
	return c < 0x20 || c == 0x7F;
}

static bool is_plain(unsigned char c)
{
	return c > 0x20 && c < 0x7F && c != '"' && c != '%';
}

int ctm_encode_value(const char *value, char **ret_encoded)
{
	static const char digits[] = "0123456789ABCDEF";
	char *encoded;
	char *p;

	if (!value || !*value)
		return -EINVAL;
	encoded = p = calloc(strlen(value) + 1, 3);
	if (!encoded)
		return -ENOMEM;
	for (const unsigned char *s = (const unsigned char *)value; *s; s++) {
		if (is_control(*s)) {
			free(encoded);
			return -EINVAL;
		}
		if (is_plain(*s)) {
			*p++ = (char)*s;
			continue;
		}
		*p++ = '%';
		*p++ = digits[*s >> 4];
		*p++ = digits[*s & 15];
	}
	*ret_encoded = encoded;
	return 0;
}

int ctm_encode_time(long long time_s, char ret_text[CTM_ENCODE_TIME_SIZE])
{
	const time_t t = (time_t)time_s;
	struct tm tm;

	if ((long long)t != time_s || !gmtime_r(&t, &tm) || tm.tm_year < -1900 || tm.tm_year > 8099)
		return -ERANGE;
	/* %Y is not padded by every libc. */
	ret_text[0] = (char)('0' + (tm.tm_year + 1900) / 1000);
	ret_text[1] = (char)('0' + (tm.tm_year + 1900) / 100 % 10);
	ret_text[2] = (char)('0' + (tm.tm_year + 1900) / 10 % 10);
	ret_text[3] = (char)('0' + (tm.tm_year + 1900) % 10);
	strftime(ret_text + 4, CTM_ENCODE_TIME_SIZE - 4, "-%m-%dT%H:%M:%SZ", &tm);
	return 0;
}
