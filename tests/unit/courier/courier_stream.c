/* SPDX-License-Identifier: MIT */
#include "courier_stream.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "leaks.h"

static struct ctm_stream one;
static struct ctm_stream other;

static void enter(void)
{
	int fds[2];

	cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	ctm_stream_init(&one, fds[0]);
	ctm_stream_init(&other, fds[1]);
}

static void leave(void)
{
	ctm_stream_done(&one);
	ctm_stream_done(&other);
	ctm_test_check_leaks();
}

TestSuite(courier_stream, .init = enter, .fini = leave);

static void put(uint8_t kind, const char *head, const void *tail, size_t tail_len)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(1000);

	ctm_buf_add_str(&b, head);
	cr_assert_eq(ctm_stream_put(&one, kind, &b, tail, tail_len), 0);
}

static void expect_frame(uint8_t wanted, const char *bytes, size_t len)
{
	struct ctm_view v;
	uint8_t kind;

	cr_assert_eq(ctm_stream_next(&other, 1000, &kind, &v), 1);
	cr_expect_eq(kind, wanted);
	cr_assert_eq(v.len, len);
	cr_expect_arr_eq(v.data, bytes, len);
}

Test(courier_stream, frames)
{
	struct ctm_view v;
	uint8_t kind;

	cr_expect_eq(ctm_stream_fill(&other), 0, "nothing yet");
	put(1, "one", NULL, 0);
	put(2, "t", "w\0o", 3);
	put(3, "", NULL, 0);
	cr_expect(ctm_stream_has_more(&one));
	cr_assert_eq(ctm_stream_flush(&one), 0);
	cr_expect_not(ctm_stream_has_more(&one));
	cr_assert_eq(ctm_stream_fill(&other), 1);
	expect_frame(1, "one", 3);
	expect_frame(2, "tw\0o", 4);
	expect_frame(3, "", 0);
	cr_expect_eq(ctm_stream_next(&other, 1000, &kind, &v), 0);
	ctm_stream_done(&one);
	cr_expect_eq(ctm_stream_fill(&other), -EPIPE);
	cr_expect_eq(ctm_stream_flush(&other), 0, "there is nothing to write");
}

/* Byte by byte a frame comes as well. */
Test(courier_stream, in_pieces)
{
	static const char bytes[] = {0, 0, 0, 2, 9, 'h', 'i'};
	struct ctm_view v;
	uint8_t kind;

	for (size_t i = 0; i < sizeof bytes; i++) {
		cr_expect_eq(ctm_stream_next(&other, 1000, &kind, &v), 0);
		cr_assert_eq(write(one.fd, bytes + i, 1), 1);
		cr_assert_eq(ctm_stream_fill(&other), 1);
	}
	expect_frame(9, "hi", 2);
}

/* The length alone says that it is too long: nothing is kept for it. */
Test(courier_stream, too_long)
{
	static const char bytes[] = {0x7f, 0, 0, 0, 9};
	struct ctm_view v;
	uint8_t kind;

	cr_assert_eq(write(one.fd, bytes, sizeof bytes), (ssize_t)sizeof bytes);
	cr_assert_eq(ctm_stream_fill(&other), 1);
	cr_expect_eq(ctm_stream_next(&other, 1000, &kind, &v), -EMSGSIZE);
}

/* More than a socket takes at once, and nobody ever waits. */
Test(courier_stream, much)
{
	const size_t len = (size_t)3 << 20;
	char *tail = malloc(len);
	struct ctm_view v;
	uint8_t kind;

	cr_assert_not_null(tail);
	for (size_t i = 0; i < len; i++)
		tail[i] = (char)(i * 7);
	put(5, "head", tail, len);
	put(6, "next", NULL, 0);
	while (ctm_stream_next(&other, len + 4, &kind, &v) == 0) {
		cr_assert_eq(ctm_stream_flush(&one), 0);
		cr_assert_geq(ctm_stream_fill(&other), 0);
	}
	cr_expect_eq(kind, 5);
	cr_assert_eq(v.len, len + 4);
	cr_expect_eq(memcmp(v.data + 4, tail, len), 0);
	while (ctm_stream_next(&other, 4, &kind, &v) == 0) {
		cr_assert_eq(ctm_stream_flush(&one), 0);
		cr_assert_geq(ctm_stream_fill(&other), 0);
	}
	cr_expect_eq(kind, 6);
	free(tail);
}

Test(courier_stream, nobody_reads)
{
	ctm_stream_done(&other);
	put(1, "one", NULL, 0);
	cr_expect_eq(ctm_stream_flush(&one), -EPIPE);
}
