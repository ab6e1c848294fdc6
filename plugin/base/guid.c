/* SPDX-License-Identifier: MIT */
#include "guid.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define DIGITS 36

int ctm_guid_key(const char *s, char ret_key[CTM_GUID_KEY])
{
	size_t len = strlen(s);
	char key[CTM_GUID_KEY];

	if (len == DIGITS + 2 && s[0] == '{' && s[len - 1] == '}') {
		s++;
		len -= 2;
	}
	if (len != DIGITS)
		return -EINVAL;
	for (size_t i = 0; i < DIGITS; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? s[i] != '-' : !isxdigit((unsigned char)s[i]))
			return -EINVAL;
		key[i] = (char)tolower((unsigned char)s[i]);
	}
	key[DIGITS] = '\0';
	memcpy(ret_key, key, sizeof key);
	return 0;
}
