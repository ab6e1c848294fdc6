/* SPDX-License-Identifier: MIT */
#include "outcome.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* Characters that break a line, or turn the direction of what follows. */
static bool turns_line(const unsigned char *s)
{
	if (s[0] != 0xE2)
		return false;
	return s[1] == 0x80 ? s[2] >= 0xA8 && s[2] <= 0xAE
			    : s[1] == 0x81 && s[2] >= 0xA6 && s[2] <= 0xA9;
}

/*
 * The bytes of the character at s by its first one, 0 where that can't begin one. Overlong forms,
 * surrogates and what lies beyond U+10FFFF fall to their second byte, and so do the controls of C1,
 * which some terminals obey.
 */
static size_t character_len(const unsigned char *s)
{
	static const struct {
		unsigned char first, last, second_min, second_max, len;
	} forms[] = {
		{0x20, 0x7E, 0x00, 0xFF, 1},
		{0xC2, 0xC2, 0xA0, 0xBF, 2},
		{0xC3, 0xDF, 0x80, 0xBF, 2},
		{0xE0, 0xE0, 0xA0, 0xBF, 3},
		{0xED, 0xED, 0x80, 0x9F, 3},
		{0xE1, 0xEF, 0x80, 0xBF, 3},
		{0xF0, 0xF0, 0x90, 0xBF, 4},
		{0xF1, 0xF3, 0x80, 0xBF, 4},
		{0xF4, 0xF4, 0x80, 0x8F, 4},
	};

	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		if (s[0] < forms[i].first || s[0] > forms[i].last)
			continue;
		if (s[1] < forms[i].second_min || s[1] > forms[i].second_max)
			return 0;
		for (size_t k = 2; k < forms[i].len; k++) {
			if ((s[k] & 0xC0) != 0x80)
				return 0;
		}
		return forms[i].len;
	}
	return 0;
}

/* The tail of a character that vsnprintf cut. */
static void drop_cut_character(char *text, size_t len)
{
	size_t start = len;

	while (start > 0 && len - start < 3 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
		start--;
	if (start > 0 && (unsigned char)text[start - 1] >= 0xC0 &&
		!character_len((const unsigned char *)text + start - 1))
		text[start - 1] = '\0';
}

static void clean(char *text)
{
	unsigned char *s = (unsigned char *)text;

	while (*s) {
		size_t len = character_len(s);

		if (turns_line(s))
			memset(s, '?', len);
		else if (!len)
			*s = *s < 0x20 || *s == 0x7F ? ' ' : '?';
		s += len ? len : 1;
	}
}

void ctm_outcome_set(struct ctm_transport_outcome *o, enum ctm_transport_verdict verdict,
	uint32_t hresult, const char *format, ...)
{
	va_list args;
	int n;

	o->verdict = verdict;
	o->hresult = hresult;
	va_start(args, format);
	n = vsnprintf(o->text, sizeof o->text, format, args);
	va_end(args);
	if (n < 0)
		o->text[0] = '\0';
	else if ((size_t)n >= sizeof o->text)
		drop_cut_character(o->text, strlen(o->text));
	clean(o->text);
}
