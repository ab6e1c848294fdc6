/* SPDX-License-Identifier: MIT */
#include "lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "num.h"
#include "utf.h"

#define LEAST_WIDTH 20u /* a narrower terminal is taken for one of so many columns */
#define USUAL_WIDTH 80u

static size_t width_of(int fd)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	uint64_t width = 0;

	if (ioctl(fd, TIOCGWINSZ, &size) == 0)
		width = size.ws_col;
	if (!width && columns && ctm_num_parse(columns, 1, 10000, &width) < 0)
		width = 0;
	if (!width)
		width = USUAL_WIDTH;
	return width < LEAST_WIDTH ? LEAST_WIDTH : (size_t)width;
}

struct ctm_lines ctm_lines_for(int fd, struct ctm_buf *out)
{
	const bool terminal = isatty(fd);
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return (struct ctm_lines){
		.out = out,
		.width = terminal ? width_of(fd) : CTM_LINES_NO_LIMIT,
		.colours = terminal && !(no_color && *no_color) &&
			   !(term && strcmp(term, "dumb") == 0),
	};
}

static void add_blanks(struct ctm_lines *lines, size_t n)
{
	lines->column += n;
	while (n--)
		ctm_buf_add_char(lines->out, ' ');
}

void ctm_lines_begin(struct ctm_lines *lines, size_t indent, size_t hang)
{
	lines->column = 0;
	lines->hang = hang < lines->width / 2 ? hang : 0;
	add_blanks(lines, indent);
}

/* The columns of one character: 2 for wide ones, 0 for those that combine. */
static size_t columns_of(char32_t code)
{
	const int n = code < 0x80 ? 1 : wcwidth((wchar_t)code);

	return n < 0 ? 1 : (size_t)n;
}

/* The columns of len bytes of visible UTF-8. */
static size_t measure(const char *s, size_t len)
{
	size_t columns = 0;

	for (size_t i = 0; i < len;) {
		char32_t code = 0;
		const size_t n = ctm_utf8_next(s + i, len - i, &code);

		columns += columns_of(code);
		i += n ? n : 1;
	}
	return columns;
}

static void wrap(struct ctm_lines *lines)
{
	ctm_buf_add_char(lines->out, '\n');
	lines->column = 0;
	add_blanks(lines, lines->hang);
}

/* A word that is longer than a line is broken between characters. */
static void add_broken(struct ctm_lines *lines, const char *word, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		char32_t code = 0;
		size_t columns;

		n = ctm_utf8_next(word + i, len - i, &code);
		n = n ? n : 1;
		columns = columns_of(code);
		if (lines->column + columns > lines->width)
			wrap(lines);
		ctm_buf_add(lines->out, word + i, n);
		lines->column += columns;
	}
}

static void add_word(struct ctm_lines *lines, const char *word, size_t len)
{
	const size_t columns = measure(word, len);
	const bool fits_alone = columns <= lines->width - lines->hang;

	if (lines->column + columns > lines->width && fits_alone)
		wrap(lines);
	if (!fits_alone) {
		add_broken(lines, word, len);
		return;
	}
	ctm_buf_add(lines->out, word, len);
	lines->column += columns;
}

/* Blanks at the end of a line are left out together with the line. */
static void add_words(struct ctm_lines *lines, const char *text)
{
	while (*text) {
		const size_t blanks = strspn(text, " ");
		const size_t len = strcspn(text + blanks, " ");
		const size_t columns = measure(text + blanks, len);

		if (blanks && len && lines->column + blanks + columns > lines->width &&
			columns <= lines->width - lines->hang)
			wrap(lines);
		else if (lines->width == CTM_LINES_NO_LIMIT ||
			 lines->column + blanks < lines->width)
			add_blanks(lines, blanks);
		if (len)
			add_word(lines, text + blanks, len);
		text += blanks + len;
	}
}

void ctm_lines_add(struct ctm_lines *lines, enum ctm_colour colour, const char *text)
{
	static const char *const escapes[] = {
		[CTM_BOLD] = "\033[1m",
		[CTM_RED] = "\033[31m",
		[CTM_GREEN] = "\033[32m",
		[CTM_YELLOW] = "\033[33m",
		[CTM_FAINT] = "\033[2m",
	};
	CTM_CLEANUP_BUF struct ctm_buf visible = CTM_BUF_INIT(lines->out->limit);
	const bool coloured = lines->colours && colour != CTM_PLAIN;

	ctm_utf8_add_visible(&visible, text, SIZE_MAX);
	if (visible.error && !lines->out->error)
		lines->out->error = visible.error;
	if (visible.error || !visible.len)
		return;
	if (coloured)
		ctm_buf_add_str(lines->out, escapes[colour]);
	add_words(lines, visible.data);
	if (coloured)
		ctm_buf_add_str(lines->out, "\033[0m");
}

static void add_format(struct ctm_lines *lines, enum ctm_colour colour, const char *format,
	va_list ap) __attribute__((format(printf, 3, 0)));

static void add_format(
	struct ctm_lines *lines, enum ctm_colour colour, const char *format, va_list ap)
{
	CTM_CLEANUP_FREE char *text = NULL;

	if (vasprintf(&text, format, ap) < 0) {
		text = NULL;
		lines->out->error = -ENOMEM;
		return;
	}
	ctm_lines_add(lines, colour, text);
}

void ctm_lines_printf(struct ctm_lines *lines, enum ctm_colour colour, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	add_format(lines, colour, format, ap);
	va_end(ap);
}

void ctm_lines_pad(struct ctm_lines *lines, size_t column)
{
	add_blanks(lines, lines->column < column ? column - lines->column : 1);
}

void ctm_lines_end(struct ctm_lines *lines)
{
	ctm_buf_add_char(lines->out, '\n');
	lines->column = 0;
}

void ctm_lines_line(struct ctm_lines *lines, enum ctm_colour colour, const char *format, ...)
{
	va_list ap;

	ctm_lines_begin(lines, 0, 2);
	va_start(ap, format);
	add_format(lines, colour, format, ap);
	va_end(ap);
	ctm_lines_end(lines);
}

int ctm_lines_flush(struct ctm_buf *out, FILE *to)
{
	const size_t len = out->len;
	int r = out->error;

	if (r == 0 && len && fwrite(out->data, 1, len, to) != len)
		r = -EIO;
	ctm_buf_reset(out);
	return r;
}
