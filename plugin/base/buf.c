/* SPDX-License-Identifier: MIT */
#include "buf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void ctm_buf_done(struct ctm_buf *b)
{
	free(b->data);
	b->data = NULL;
	b->len = b->cap = 0;
	b->error = 0;
}

void ctm_buf_reset(struct ctm_buf *b)
{
	b->len = 0;
	b->error = 0;
	if (b->data)
		b->data[0] = '\0';
}

/* Room for `more` bytes and the NUL behind them. */
static int reserve(struct ctm_buf *b, size_t more)
{
	if (b->error)
		return b->error;
	if (more > b->limit || b->len > b->limit - more)
		return b->error = -ENOBUFS;
	return b->len + more < b->cap ? 0 : ctm_buf_grow(b, b->len + more + 1);
}

void ctm_buf_add(struct ctm_buf *b, const void *data, size_t len)
{
	if (reserve(b, len) < 0)
		return;
	if (len)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void ctm_buf_add_str(struct ctm_buf *b, const char *s)
{
	ctm_buf_add(b, s, strlen(s));
}

void ctm_buf_add_char(struct ctm_buf *b, char c)
{
	ctm_buf_add(b, &c, 1);
}

void ctm_buf_printf(struct ctm_buf *b, const char *format, ...)
{
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	if (n < 0 || reserve(b, (size_t)n) < 0)
		return;
	va_start(ap, format);
	vsnprintf(b->data + b->len, (size_t)n + 1, format, ap);
	va_end(ap);
	b->len += (size_t)n;
}

char *ctm_buf_take(struct ctm_buf *b)
{
	char *data = NULL;

	if (!b->error && reserve(b, 0) == 0) {
		data = b->data;
		data[b->len] = '\0';
		b->data = NULL;
	}
	ctm_buf_done(b);
	return data;
}

void ctm_free_pointer(void *pointer_to_pointer)
{
	free(*(void **)pointer_to_pointer);
}
