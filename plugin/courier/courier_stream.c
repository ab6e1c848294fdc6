/* SPDX-License-Identifier: MIT */
#include "courier_stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define HEADER 5u

/* Read at once. */
#define CHUNK 65536u

struct ctm_stream_frame {
	struct ctm_stream_frame *next;
	size_t len;
	size_t written;
	unsigned char bytes[];
};

void ctm_stream_init(struct ctm_stream *s, int fd)
{
	*s = (struct ctm_stream){.fd = fd};
}

static void drop_first(struct ctm_stream *s)
{
	struct ctm_stream_frame *frame = s->first;

	s->first = frame->next;
	if (!s->first)
		s->last = NULL;
	explicit_bzero(frame->bytes, frame->len);
	free(frame);
}

/* Behind `end` nothing was read, or it was wiped: pages that nobody touched are left so. */
static void wipe_read(struct ctm_stream *s)
{
	if (s->bytes)
		explicit_bzero(s->bytes, s->end);
	free(s->bytes);
}

void ctm_stream_done(struct ctm_stream *s)
{
	while (s->first)
		drop_first(s);
	wipe_read(s);
	if (s->fd >= 0)
		close(s->fd);
	ctm_stream_init(s, -1);
}

int ctm_stream_put(struct ctm_stream *s, uint8_t kind, const struct ctm_buf *head, const void *tail,
	size_t tail_len)
{
	struct ctm_stream_frame *frame;
	size_t len;

	if (head->error)
		return head->error;
	if (tail_len > UINT32_MAX - head->len)
		return -EMSGSIZE;
	len = head->len + tail_len;
	frame = malloc(sizeof *frame + HEADER + len);
	if (!frame)
		return -ENOMEM;
	*frame = (struct ctm_stream_frame){.len = HEADER + len};
	ctm_put_u32(frame->bytes, (uint32_t)len);
	frame->bytes[4] = kind;
	if (head->len)
		memcpy(frame->bytes + HEADER, head->data, head->len);
	if (tail_len)
		memcpy(frame->bytes + HEADER + head->len, tail, tail_len);
	if (s->last)
		s->last->next = frame;
	else
		s->first = frame;
	s->last = frame;
	return 0;
}

bool ctm_stream_has_more(const struct ctm_stream *s)
{
	return s->first;
}

/* So many frames go out by one system call. */
#define FRAMES 64

static size_t gather(const struct ctm_stream *s, struct iovec parts[FRAMES])
{
	size_t n = 0;

	for (struct ctm_stream_frame *f = s->first; f && n < FRAMES; f = f->next)
		parts[n++] = (struct iovec){
			.iov_base = f->bytes + f->written,
			.iov_len = f->len - f->written,
		};
	return n;
}

static void pass(struct ctm_stream *s, size_t n)
{
	while (n) {
		struct ctm_stream_frame *frame = s->first;
		const size_t left = frame->len - frame->written;
		const size_t now = n < left ? n : left;

		frame->written += now;
		n -= now;
		if (frame->written == frame->len)
			drop_first(s);
	}
}

int ctm_stream_flush(struct ctm_stream *s)
{
	while (s->first) {
		struct iovec parts[FRAMES];
		const struct msghdr message = {.msg_iov = parts, .msg_iovlen = gather(s, parts)};
		/* MSG_NOSIGNAL: a process that is gone must not end us by SIGPIPE. */
		const ssize_t n = sendmsg(s->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -errno;
		pass(s, (size_t)n);
	}
	return 0;
}

/* Room for a chunk behind what is left, which moves to the front. */
static int make_room(struct ctm_stream *s)
{
	const size_t len = s->end - s->start;
	size_t cap = s->cap ? s->cap : CHUNK;
	unsigned char *bytes;

	if (s->cap - s->end >= CHUNK)
		return 0;
	if (s->cap >= len + CHUNK && s->start) {
		memmove(s->bytes, s->bytes + s->start, len);
		explicit_bzero(s->bytes + len, s->end - len);
	} else {
		while (cap < len + CHUNK)
			cap *= 2;
		bytes = malloc(cap);
		if (!bytes)
			return -ENOMEM;
		if (len)
			memcpy(bytes, s->bytes + s->start, len);
		wipe_read(s);
		s->bytes = bytes;
		s->cap = cap;
	}
	s->start = 0;
	s->end = len;
	return 0;
}

/* Wipes the frames that were handed out. */
static void forget_passed(struct ctm_stream *s)
{
	if (s->start)
		explicit_bzero(s->bytes, s->start);
	if (s->start == s->end)
		s->start = s->end = 0;
}

int ctm_stream_fill(struct ctm_stream *s)
{
	ssize_t n;
	int r;

	forget_passed(s);
	r = make_room(s);
	if (r < 0)
		return r;
	do {
		n = recv(s->fd, s->bytes + s->end, CHUNK, MSG_DONTWAIT);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN ? 0 : -errno;
	if (n == 0)
		return -EPIPE;
	s->end += (size_t)n;
	return 1;
}

int ctm_stream_next(
	struct ctm_stream *s, size_t limit, uint8_t *ret_kind, struct ctm_view *ret_view)
{
	const size_t left = s->end - s->start;
	const unsigned char *frame;
	size_t len;

	/* Nothing was ever read where there are no bytes. */
	if (left < HEADER)
		return 0;
	frame = s->bytes + s->start;
	len = ctm_get_u32(frame);
	if (len > limit)
		return -EMSGSIZE;
	if (left - HEADER < len)
		return 0;
	*ret_kind = frame[4];
	*ret_view = (struct ctm_view){.data = frame + HEADER, .len = len};
	s->start += HEADER + len;
	return 1;
}
