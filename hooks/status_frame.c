/* SPDX-License-Identifier: MIT */
#include "status_frame.h"

#include <string.h>
#include <sys/ioctl.h>

#define USUAL_ROWS 24u
#define LEAST_ROWS 3u

#define HIDE_CURSOR "\033[?25l"
#define SHOW_CURSOR "\033[?25h"
#define HOME "\033[H"
#define CLEAR_LINE "\033[K"
#define CLEAR_BELOW "\033[J"
#define PLAIN "\033[0m"

size_t ctm_frame_rows(int fd)
{
	struct winsize size;

	return ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_row ? size.ws_row : USUAL_ROWS;
}

static size_t count_lines(const char *text)
{
	size_t n = 0;

	while ((text = strchr(text, '\n'))) {
		text++;
		n++;
	}
	return n;
}

void ctm_frame_add(struct ctm_buf *out, const char *text, size_t rows)
{
	const size_t n = count_lines(text);
	/* The cursor stands below the last line: that is a row too. */
	const size_t room = (rows < LEAST_ROWS ? LEAST_ROWS : rows) - 1;
	const size_t shown = n <= room ? n : room - 1;

	ctm_buf_add_str(out, HIDE_CURSOR HOME);
	for (size_t i = 0; i < shown; i++) {
		const size_t len = strcspn(text, "\n") + 1;

		/* Before the text: behind a line that is full the last column would go. */
		ctm_buf_add_str(out, CLEAR_LINE);
		ctm_buf_add(out, text, len);
		text += len;
	}
	if (shown < n)
		ctm_buf_printf(out, PLAIN CLEAR_LINE "... %zu more\n", n - shown);
	ctm_buf_add_str(out, CLEAR_BELOW SHOW_CURSOR);
}
