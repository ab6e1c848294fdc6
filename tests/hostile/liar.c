/* SPDX-License-Identifier: MIT */
/*
 * In the place of the program `transport`: it is not what it should be, in the way that CTM_LIAR
 * names. Whoever believes it, or waits for it, is at fault.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "courier_stream.h"
#include "courier_wire.h"

static struct ctm_stream stream;

static void flush(void)
{
	while (ctm_stream_has_more(&stream)) {
		struct pollfd fd = {.fd = stream.fd, .events = POLLOUT};

		if (ctm_stream_flush(&stream) < 0)
			_exit(1);
		poll(&fd, 1, 1000);
	}
}

static void put(uint8_t kind, struct ctm_buf *b, const void *tail, size_t tail_len)
{
	ctm_stream_put(&stream, kind, b, tail, tail_len);
	ctm_buf_done(b);
	flush();
}

static void say_opened(int code)
{
	struct ctm_buf b = CTM_BUF_INIT(CTM_WIRE_MAX);
	const struct ctm_wire_opened opened = {.code = code, .can_ask = true, .name = "liar"};

	ctm_wire_pack_opened(&b, &opened);
	put(CTM_WIRE_OPENED, &b, NULL, 0);
}

static void say_outcome(uint64_t tag, unsigned verdict)
{
	struct ctm_buf b = CTM_BUF_INIT(CTM_WIRE_MAX);
	const struct ctm_transport_outcome outcome = {
		.tag = tag, .verdict = (enum ctm_transport_verdict)verdict};

	ctm_wire_pack_outcome(&b, &outcome);
	put(CTM_WIRE_OUTCOME, &b, NULL, 0);
}

static void say_line(void)
{
	struct ctm_buf b = CTM_BUF_INIT(CTM_WIRE_MAX);

	ctm_wire_pack_log(&b, 0, "{00000000-0000-0000-0000-000000000000} a false alarm");
	put(CTM_WIRE_LOG, &b, NULL, 0);
}

static void say_raw(const void *bytes, size_t len)
{
	if (send(stream.fd, bytes, len, MSG_NOSIGNAL) < 0)
		_exit(1);
}

/* Waits for the next frame. Returns its first eight bytes, a tag. */
static uint64_t hear(void)
{
	struct ctm_view v;
	uint8_t kind;

	while (ctm_stream_next(&stream, (size_t)64 << 20, &kind, &v) == 0) {
		struct pollfd fd = {.fd = stream.fd, .events = POLLIN};

		poll(&fd, 1, -1);
		if (ctm_stream_fill(&stream) < 0)
			_exit(0);
	}
	return ctm_unpack_u64(&v);
}

static void wait_for_ever(void)
{
	for (;;)
		pause();
}

/* Before it has opened anything. */
static void lie_at_first(const char *how)
{
	if (strcmp(how, "exits") == 0)
		_exit(3);
	if (strcmp(how, "aborts") == 0)
		abort();
	if (strcmp(how, "deaf") == 0)
		wait_for_ever();
	if (strcmp(how, "refuses") == 0)
		say_opened(-EPERM);
	if (strcmp(how, "early") == 0)
		say_outcome(0, CTM_TRANSPORT_TAKEN);
	if (strcmp(how, "twice") == 0)
		say_opened(0);
}

/* When it has something to send. */
static void lie(const char *how, uint64_t tag)
{
	static const unsigned char huge[] = {0xff, 0xff, 0xff, 0xff, CTM_WIRE_OUTCOME};
	static const unsigned char unknown[] = {0, 0, 0, 0, 99};
	static const unsigned char endless[] = {0, 0, 0x10, 0, CTM_WIRE_OUTCOME, 0};

	if (strcmp(how, "dies") == 0)
		raise(SIGKILL);
	if (strcmp(how, "garbage") == 0)
		say_raw("HTTP/1.1 200 OK\r\nCTM-HRESULT: 0x00000000\r\n\r\n", 46);
	if (strcmp(how, "huge") == 0)
		say_raw(huge, sizeof huge);
	if (strcmp(how, "unknown-kind") == 0)
		say_raw(unknown, sizeof unknown);
	if (strcmp(how, "endless") == 0)
		say_raw(endless, sizeof endless);
	if (strcmp(how, "unknown-tag") == 0)
		say_outcome(tag + 1000, CTM_TRANSPORT_TAKEN);
	if (strcmp(how, "unknown-verdict") == 0)
		say_outcome(tag, 4);
	if (strcmp(how, "unasked-answer") == 0) {
		struct ctm_buf b = CTM_BUF_INIT(CTM_WIRE_MAX);
		const struct ctm_transport_answer answer = {.tag = tag};

		ctm_wire_pack_answer(&b, &answer);
		put(CTM_WIRE_ANSWER, &b, NULL, 0);
	}
	while (strcmp(how, "floods") == 0)
		say_line();
}

int main(void)
{
	const char *how = getenv("CTM_LIAR");

	ctm_stream_init(&stream, CTM_WIRE_FD);
	if (!how)
		return 2;
	lie_at_first(how);
	hear();
	say_opened(0);
	for (;;)
		lie(how, hear());
}
