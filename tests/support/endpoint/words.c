/* SPDX-License-Identifier: MIT */
#include "words.h"

#include <stdbool.h>
#include <stddef.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

char *word_next(char **line)
{
	char *in = *line;
	char *word;
	char *out;
	bool quoted = false;

	while (is_blank(*in))
		in++;
	if (!*in)
		return NULL;
	word = out = in;
	for (; *in && (quoted || !is_blank(*in)); in++) {
		if (*in == '"')
			quoted = !quoted;
		else
			*out++ = *in;
	}
	*line = *in ? in + 1 : in;
	*out = '\0';
	return word;
}
