/* SPDX-License-Identifier: MIT */
#include "errors.h"

#include <stdio.h>
#include <string.h>

CTM_PRINTF(5, 0)
static void set(struct ctm_error *e, int code, const char *file, unsigned line, const char *format,
	va_list ap)
{
	if (!e)
		return;
	e->code = code;
	e->line = line;
	snprintf(e->file, sizeof e->file, "%s", file ? file : "");
	vsnprintf(e->text, sizeof e->text, format, ap);
}

int ctm_error_set(struct ctm_error *e, int code, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	set(e, code, NULL, 0, format, ap);
	va_end(ap);
	return code;
}

int ctm_error_at(
	struct ctm_error *e, int code, const char *file, unsigned line, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	set(e, code, file, line, format, ap);
	va_end(ap);
	return code;
}

int ctm_error_wrap(struct ctm_error *e, const char *format, ...)
{
	char text[CTM_ERROR_TEXT];
	size_t used;
	va_list ap;

	if (!e)
		return 0;
	va_start(ap, format);
	vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	used = strlen(text);
	snprintf(
		text + used, sizeof text - used, ": %s", e->text[0] ? e->text : strerror(-e->code));
	memcpy(e->text, text, sizeof text);
	return e->code;
}

const struct ctm_error *ctm_error_of(struct ctm_error *e, int code)
{
	if (!e->code)
		e->code = code;
	return e;
}

const char *ctm_error_print(const struct ctm_error *e, char *buf, size_t size)
{
	const char *text = e->text[0] ? e->text : strerror(-e->code);

	if (!e->file[0])
		snprintf(buf, size, "%s", text);
	else if (!e->line)
		snprintf(buf, size, "%s: %s", e->file, text);
	else
		snprintf(buf, size, "%s:%u: %s", e->file, e->line, text);
	return buf;
}
