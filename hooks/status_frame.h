/* SPDX-License-Identifier: MIT */
/*
 * status_frame.h - a text that is drawn over the one before it
 *
 * A frame is one string, to be written at once: the cursor goes home, each line takes the place of
 * what stood there, what is left below is cleared. Nothing is blank in between, so nothing
 * flickers; the cursor is hidden only while a frame is drawn, so that whoever ends or stops us at
 * any other moment finds his terminal in order.
 */
#ifndef CTM_STATUS_FRAME_H
#define CTM_STATUS_FRAME_H

#include "buf.h"

/* text is whole lines, none wider than the terminal; what `rows` do not hold is only counted. */
void ctm_frame_add(struct ctm_buf *out, const char *text, size_t rows);

/* Behind a frame that may be cut off: the cursor is there, on a new line. */
#define CTM_FRAME_END "\033[0m\033[?25h\n"

/* The rows of a terminal. */
size_t ctm_frame_rows(int fd);

#endif
