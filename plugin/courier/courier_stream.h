/* SPDX-License-Identifier: MIT */
/*
 * courier_stream.h - frames over a socket, never waiting
 *
 * A frame is a length of 32 bits, a kind of 8, and so many bytes; the length counts the bytes only.
 *
 *	ctm_stream_init(&s, fd)                  takes the descriptor, which is non-blocking
 *	ctm_stream_put(&s, kind, ...)            queues a frame
 *	ctm_stream_flush(&s)                     writes what the socket takes
 *	ctm_stream_fill(&s)                      reads what is there
 *	ctm_stream_next(&s, limit, &kind, &v)    frames one by one, until it returns 0
 *	ctm_stream_done(&s)
 *
 * What frames hold can be secret: their bytes are wiped as soon as they are written, or passed over
 * by the next call that reads.
 */
#ifndef CTM_COURIER_STREAM_H
#define CTM_COURIER_STREAM_H

#include <stdbool.h>

#include "pack.h"

struct ctm_stream_frame;

struct ctm_stream {
	int fd;
	struct ctm_stream_frame *first; /* to be written */
	struct ctm_stream_frame *last;
	unsigned char *bytes; /* read: what is left begins at `start` and ends at `end` */
	size_t start;
	size_t end;
	size_t cap;
};

void ctm_stream_init(struct ctm_stream *s, int fd);

/* Closes the descriptor and wipes all. It is as after ctm_stream_init(s, -1) then. */
void ctm_stream_done(struct ctm_stream *s);

/* The bytes of `head` and then those of `tail`. 0; the buffer's error, or -ENOMEM. */
int ctm_stream_put(struct ctm_stream *s, uint8_t kind, const struct ctm_buf *head, const void *tail,
	size_t tail_len);

/* Whether something waits until the socket takes it. */
bool ctm_stream_has_more(const struct ctm_stream *s);

/* 0, also where something is left to write; negative errno: nobody reads any more. */
int ctm_stream_flush(struct ctm_stream *s);

/* At most one read. 1: something came. 0: nothing is there. -EPIPE: the end. -ENOMEM, others. */
int ctm_stream_fill(struct ctm_stream *s);

/*
 * 1: a frame, whose bytes die with the next call. 0: none is whole yet. -EMSGSIZE: one is longer
 * than limit.
 */
int ctm_stream_next(
	struct ctm_stream *s, size_t limit, uint8_t *ret_kind, struct ctm_view *ret_view);

#endif
