/* SPDX-License-Identifier: MIT */
#include "values.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "utf.h"

bool ctm_value_bool(const char *value, bool *ret_flag)
{
	static const char *const names[] = {"no", "yes", "false", "true", "off", "on", "0", "1"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		if (strcasecmp(value, names[i]) == 0) {
			*ret_flag = i % 2;
			return true;
		}
	}
	return false;
}

bool ctm_value_has_control(const char *value)
{
	size_t len = strlen(value);

	while (len) {
		char32_t code = 0;
		const size_t n = ctm_utf8_next(value, len, &code);

		if (!n || ctm_utf8_is_control(code))
			return true;
		value += n;
		len -= n;
	}
	return false;
}

bool ctm_value_is_windows_path(const char *value)
{
	if (isalpha((unsigned char)value[0]) && value[1] == ':')
		return value[2] == '\\' || value[2] == '/';
	return value[0] == '\\' && value[1] == '\\';
}

const char *ctm_value_word(const char **cursor, size_t *ret_len)
{
	const char *word = *cursor + strspn(*cursor, CTM_VALUE_SEPARATORS);

	*ret_len = strcspn(word, CTM_VALUE_SEPARATORS);
	*cursor = word + *ret_len;
	return word;
}

int ctm_value_append(char ***list, size_t *n, const char *value, size_t len)
{
	char **longer = realloc(*list, (*n + 1) * sizeof **list);

	if (!longer)
		return -ENOMEM;
	*list = longer;
	longer[*n] = strndup(value, len);
	if (!longer[*n])
		return -ENOMEM;
	++*n;
	return 0;
}

void ctm_value_free_list(char **list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(list[i]);
	free(list);
}
