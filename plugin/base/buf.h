/* SPDX-License-Identifier: MIT */
/*
 * buf.h - bytes that grow, up to a limit that the owner sets
 *
 * Errors stick: after the first failure every append does nothing, and `error` says why, so that a
 * sequence of appends is checked once at its end. data is NUL-terminated whenever it is not NULL.
 */
#ifndef CTM_BUF_H
#define CTM_BUF_H

#include <stddef.h>
#include <stdint.h>

#include "errors.h"

struct ctm_buf {
	char *data;
	size_t len;
	size_t cap;
	size_t limit; /* bytes that len may reach */
	int error;    /* 0, -ENOMEM, or -ENOBUFS where the limit was met */
};

/* In the memory of an array, which is never left: not for ctm_buf_done() and ctm_buf_take(). */
#define CTM_BUF_IN(array)                                                                          \
	{                                                                                          \
		.data = (array), .cap = sizeof(array), .limit = sizeof(array) - 1                  \
	}

#define CTM_BUF_INIT(max)                                                                          \
	{                                                                                          \
		.limit = (max)                                                                     \
	}

/* Frees the bytes; good for a buffer that was only initialized. It can be used again. */
void ctm_buf_done(struct ctm_buf *b);

/* Empties it and forgets an error; keeps the memory. */
void ctm_buf_reset(struct ctm_buf *b);

void ctm_buf_add(struct ctm_buf *b, const void *data, size_t len);
void ctm_buf_add_str(struct ctm_buf *b, const char *s);
void ctm_buf_add_char(struct ctm_buf *b, char c);
void ctm_buf_printf(struct ctm_buf *b, const char *format, ...) CTM_PRINTF(2, 3);

/* Hands the bytes to the caller, who frees them; NULL after an error. The buffer is empty then. */
char *ctm_buf_take(struct ctm_buf *b);

/* For those above: room for `least` bytes, which is more than there is. 0, or the buffer's error.
 */
int ctm_buf_grow(struct ctm_buf *b, size_t least);

#define CTM_CLEANUP(f) __attribute__((cleanup(f)))
/* For `CTM_CLEANUP_FREE char *s = NULL;` */
void ctm_free_pointer(void *pointer_to_pointer);
#define CTM_CLEANUP_FREE CTM_CLEANUP(ctm_free_pointer)
/* For `CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(n);` */
#define CTM_CLEANUP_BUF CTM_CLEANUP(ctm_buf_done)

#endif
