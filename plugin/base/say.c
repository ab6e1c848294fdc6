/* SPDX-License-Identifier: MIT */
#include "say.h"

#include <stdbool.h>
#include <string.h>

#include "buf.h"
#include "utf.h"

#define LINE_LIMIT ((size_t)1 << 20)
#define SHORT_LIMIT 2048

static void say_with_none(FILE *to, const char *format, va_list ap) CTM_PRINTF(2, 0);
static bool say_whole(FILE *to, const char *format, va_list ap) CTM_PRINTF(2, 0);

/* Without any memory: cut, and what is not ASCII is hidden rather than shown. */
static void say_with_none(FILE *to, const char *format, va_list ap)
{
	char line[SHORT_LIMIT];
	int n = vsnprintf(line, sizeof line - 1, format, ap);

	if (n < 0)
		return;
	for (char *c = line; *c; c++)
		if (*c < ' ' || *c > '~')
			*c = '?';
	strcat(line, "\n");
	fputs(line, to);
}

/* In one write: others may write to the same terminal. False: there is no memory for it. */
static bool say_whole(FILE *to, const char *format, va_list ap)
{
	CTM_CLEANUP_BUF struct ctm_buf line = CTM_BUF_INIT(LINE_LIMIT);
	CTM_CLEANUP_FREE char *text = NULL;

	if (vasprintf(&text, format, ap) < 0) {
		text = NULL;
		return false;
	}
	ctm_utf8_add_visible(&line, text, SIZE_MAX);
	ctm_buf_add_char(&line, '\n');
	if (!line.error)
		fputs(line.data, to);
	return !line.error;
}

void ctm_say_list(FILE *to, const char *format, va_list ap)
{
	va_list again;

	va_copy(again, ap);
	if (!say_whole(to, format, ap))
		say_with_none(to, format, again);
	va_end(again);
}

void ctm_say(FILE *to, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	ctm_say_list(to, format, ap);
	va_end(ap);
}
