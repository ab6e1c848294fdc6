/* SPDX-License-Identifier: MIT */
/* By itself: a program whose buffers have room from the beginning needs no malloc() (hook.c). */
#include <errno.h>
#include <stdlib.h>

#include "buf.h"

int ctm_buf_grow(struct ctm_buf *b, size_t least)
{
	size_t cap = b->cap ? b->cap : 64;
	char *data;

	while (cap < least)
		cap *= 2;
	data = realloc(b->data, cap);
	if (!data)
		return b->error = -ENOMEM;
	b->data = data;
	b->cap = cap;
	return 0;
}
