/* SPDX-License-Identifier: MIT */
/*
 * What the transport's process says, which is not believed, and what is said to it: messages that
 * unpack keep to their ranges and have visible words, and packed again they are the same; frames
 * come out whole and in order, in whatever pieces they are read.
 *
 * Input: which message, where to cut the stream (one byte), the bytes.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "courier_stream.h"
#include "courier_wire.h"
#include "fuzz.h"

#define FRAME_MAX 1000

/* Unpacks and packs again into *out. 0 or what unpacking returned. */
typedef int repack(struct ctm_view v, struct ctm_buf *out);

static void check_words(const char *words, size_t size)
{
	const size_t len = strnlen(words, size);

	FUZZ_CHECK(len < size && fuzz_is_visible(words, len));
}

static int repack_open(struct ctm_view v, struct ctm_buf *out)
{
	struct ctm_reach reach;
	const int r = ctm_wire_unpack_open(v, &reach);

	if (r == 0) {
		ctm_wire_pack_open(out, &reach);
		ctm_reach_done(&reach);
	}
	return r;
}

static int repack_submit(struct ctm_view v, struct ctm_buf *out)
{
	struct ctm_wire_submit submit;
	const int r = ctm_wire_unpack_submit(v, &submit);

	if (r == 0) {
		ctm_wire_pack_submit(out, &submit.endpoint, &submit.message, submit.tag);
		FUZZ_CHECK(out->len == v.len && memcmp(out->data, v.data, v.len) == 0);
		ctm_wire_submit_done(&submit);
	}
	return r;
}

static int repack_ask(struct ctm_view v, struct ctm_buf *out)
{
	struct ctm_transport_question question;
	uint64_t tag;
	const int r = ctm_wire_unpack_ask(v, &question, &tag);

	if (r == 0) {
		ctm_wire_pack_ask(out, &question, tag);
		ctm_buf_add(out, question.body, question.body_len);
		FUZZ_CHECK(out->len == v.len && memcmp(out->data, v.data, v.len) == 0);
	}
	return r;
}

static int repack_opened(struct ctm_view v, struct ctm_buf *out)
{
	struct ctm_wire_opened opened;
	const int r = ctm_wire_unpack_opened(v, &opened);

	if (r == 0) {
		FUZZ_CHECK(opened.code <= 0 && opened.code >= -4095);
		check_words(opened.name, sizeof opened.name);
		check_words(opened.text, sizeof opened.text);
		ctm_wire_pack_opened(out, &opened);
	}
	return r;
}

static int repack_outcome(struct ctm_view v, struct ctm_buf *out)
{
	struct ctm_transport_outcome outcome;
	const int r = ctm_wire_unpack_outcome(v, &outcome);

	if (r == 0) {
		FUZZ_CHECK(outcome.verdict <= CTM_TRANSPORT_REFUSED);
		FUZZ_CHECK(outcome.retry_after_s <= 86400);
		check_words(outcome.text, sizeof outcome.text);
		ctm_wire_pack_outcome(out, &outcome);
	}
	return r;
}

static int repack_answer(struct ctm_view v, struct ctm_buf *out)
{
	struct ctm_transport_answer answer;
	const char *body = NULL;
	size_t len = 0;
	const int r = ctm_wire_unpack_answer(v, &answer, &body, &len);

	if (r == 0) {
		char some[1] = "";

		FUZZ_CHECK(body ? len <= v.len : !len);
		check_words(answer.text, sizeof answer.text);
		answer.body = body ? some : NULL;
		ctm_wire_pack_answer(out, &answer);
		ctm_buf_add(out, body, len);
	}
	return r;
}

static int repack_log(struct ctm_view v, struct ctm_buf *out)
{
	struct ctm_wire_log line;
	const int r = ctm_wire_unpack_log(v, &line);

	if (r == 0) {
		FUZZ_CHECK(line.level >= 0 && line.level <= 3);
		check_words(line.line, sizeof line.line);
		ctm_wire_pack_log(out, line.level, line.line);
	}
	return r;
}

static int repack_knock(struct ctm_view v, struct ctm_buf *out)
{
	struct ctm_knock knock;
	uint64_t tag;
	const int r = ctm_wire_unpack_knock(v, &knock, &tag);

	if (r == 0) {
		ctm_wire_pack_knock(out, &knock, tag);
		FUZZ_CHECK(out->len == v.len && memcmp(out->data, v.data, v.len) == 0);
	}
	return r;
}

/* At the place of NULL, a whole stream is looked at. */
static repack *const messages[] = {repack_open, repack_submit, repack_ask, repack_opened,
	repack_outcome, repack_answer, repack_log, NULL, repack_knock};

static void check_message(repack *message, const uint8_t *bytes, size_t len)
{
	CTM_CLEANUP_BUF struct ctm_buf once = CTM_BUF_INIT(CTM_WIRE_MAX);
	CTM_CLEANUP_BUF struct ctm_buf twice = CTM_BUF_INIT(CTM_WIRE_MAX);
	struct ctm_view v = {.data = bytes, .len = len};
	const int r = message(v, &once);

	if (r < 0) {
		FUZZ_CHECK(r == -EBADMSG || r == -EPROTO);
		return;
	}
	FUZZ_CHECK(once.error == 0);
	v = (struct ctm_view){.data = (const unsigned char *)once.data, .len = once.len};
	FUZZ_CHECK(message(v, &twice) == 0);
	FUZZ_CHECK(twice.len == once.len && memcmp(twice.data, once.data, once.len) == 0);
}

/* The frames of the stream so far; *at is where the next begins. False: one is too long. */
static bool check_frames(struct ctm_stream *s, const uint8_t *bytes, size_t len, size_t *at)
{
	for (;;) {
		const size_t frame = len - *at < 5 ? 0 : ctm_get_u32(bytes + *at);
		const bool whole = len - *at >= 5 && len - *at - 5 >= frame;
		struct ctm_view v;
		uint8_t kind;
		const int r = ctm_stream_next(s, FRAME_MAX, &kind, &v);

		FUZZ_CHECK(r == (frame > FRAME_MAX ? -EMSGSIZE : whole));
		if (r <= 0)
			return r == 0;
		FUZZ_CHECK(kind == bytes[*at + 4] && v.len == frame);
		FUZZ_CHECK(memcmp(v.data, bytes + *at + 5, frame) == 0);
		*at += 5 + frame;
	}
}

static void check_stream(const uint8_t *bytes, size_t len, size_t cut)
{
	struct ctm_stream s;
	int pair[2];
	size_t at = 0;
	bool good = true;

	cut = cut < len ? cut : len;
	FUZZ_CHECK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
	ctm_stream_init(&s, pair[0]);
	if (cut) {
		FUZZ_CHECK(send(pair[1], bytes, cut, 0) == (ssize_t)cut);
		FUZZ_CHECK(ctm_stream_fill(&s) == 1);
		good = check_frames(&s, bytes, cut, &at);
	}
	if (good && len > cut) {
		FUZZ_CHECK(send(pair[1], bytes + cut, len - cut, 0) == (ssize_t)(len - cut));
		FUZZ_CHECK(ctm_stream_fill(&s) == 1);
		check_frames(&s, bytes, len, &at);
	}
	close(pair[1]);
	ctm_stream_done(&s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	const size_t which = fuzz_take_byte(&in) % (sizeof messages / sizeof *messages);
	const uint8_t cut = fuzz_take_byte(&in);
	uint8_t *bytes = malloc(in.len ? in.len : 1);

	if (!bytes)
		exit(1);
	if (in.len)
		memcpy(bytes, in.data, in.len);
	if (messages[which])
		check_message(messages[which], bytes, in.len);
	else
		check_stream(bytes, in.len, cut);
	free(bytes);
	return 0;
}
