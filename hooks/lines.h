/* SPDX-License-Identifier: MIT */
/*
 * lines.h - lines for a terminal or a pipe
 *
 * On a terminal lines are wrapped between words to its width, never within a character, and can
 * have colours (not with NO_COLOR). Elsewhere a line stays one line, without colours. Control
 * characters, and bytes that are not UTF-8, are made visible.
 *
 *	ctm_lines_begin(&lines, 2, 4);
 *	ctm_lines_add(&lines, CTM_RED, "failed");
 *	ctm_lines_printf(&lines, CTM_PLAIN, " after %u attempts", n);
 *	ctm_lines_end(&lines);
 *
 * The text is appended to a buffer, whose error sticks.
 */
#ifndef CTM_LINES_H
#define CTM_LINES_H

#include <stdbool.h>
#include <stdio.h>

#include "buf.h"

#define CTM_LINES_NO_LIMIT SIZE_MAX

enum ctm_colour {
	CTM_PLAIN,
	CTM_BOLD,
	CTM_RED,
	CTM_GREEN,
	CTM_YELLOW,
	CTM_FAINT,
};

struct ctm_lines {
	struct ctm_buf *out;
	size_t width; /* columns; CTM_LINES_NO_LIMIT where nothing is wrapped */
	bool colours;
	size_t column; /* where the next character goes */
	size_t hang;   /* the indent of what is wrapped */
};

/* As the descriptor is a terminal or not, by its size, COLUMNS, NO_COLOR. */
struct ctm_lines ctm_lines_for(int fd, struct ctm_buf *out);

/* Starts a line with `indent` blanks; what does not fit goes on behind `hang` blanks. */
void ctm_lines_begin(struct ctm_lines *lines, size_t indent, size_t hang);

/* Adds text as it stands, blanks too. */
void ctm_lines_add(struct ctm_lines *lines, enum ctm_colour colour, const char *text);
void ctm_lines_printf(struct ctm_lines *lines, enum ctm_colour colour, const char *format, ...)
	CTM_PRINTF(3, 4);

/* Blanks up to a column, at least one. */
void ctm_lines_pad(struct ctm_lines *lines, size_t column);

void ctm_lines_end(struct ctm_lines *lines);

/* A line of its own that begins at the left. */
void ctm_lines_line(struct ctm_lines *lines, enum ctm_colour colour, const char *format, ...)
	CTM_PRINTF(3, 4);

/* Writes the buffer to `to` and empties it. 0; -EIO or the buffer's error. */
int ctm_lines_flush(struct ctm_buf *out, FILE *to);

#endif
