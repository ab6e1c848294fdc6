/* SPDX-License-Identifier: MIT */
/* What is said comes out as it went in; what is cut or changed anywhere never leads us astray. */
#include "courier_wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(courier_wire, .fini = ctm_test_check_leaks);

static const char *const headers[] = {"X-Site: LAB", "X-Other: a: b"};
static const struct ctm_transport_endpoint endpoint = {
	.size = sizeof endpoint,
	.url = "https://ctm.example/notify",
	.ca_file = "/etc/ca.pem",
	.token_file = "",
	.headers = headers,
	.n_headers = 2,
	.connect_timeout_ms = 10000,
	.timeout_ms = 30000,
};
static const struct ctm_transport_message message = {
	.size = sizeof message,
	.method = CTM_TRANSPORT_ERROR,
	.endpoint = "ctm",
	.id = "{1}",
	.client_data = "\x01 \"p\xc3\xa4iv\xc3\xa4\xc3\xa4\"",
	.bytes_total = UINT64_MAX,
	.bytes_transferred = 1,
	.files_total = UINT32_MAX,
	.files_transferred = 2,
	.error_code = 0x80190194,
	.error_message = "not found",
	.event_id = "{1}/error",
	.source = "aria2-ctm://host",
	.time_s = -5,
};

static struct ctm_view view(const struct ctm_buf *b)
{
	return (struct ctm_view){.data = (const unsigned char *)b->data, .len = b->len};
}

static void expect_same(const char *got, const char *wanted)
{
	if (wanted)
		cr_expect_str_eq(got, wanted);
	else
		cr_expect_null(got);
}

Test(courier_wire, submit)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(CTM_WIRE_MAX);
	struct ctm_wire_submit s;

	ctm_wire_pack_submit(&b, &endpoint, &message, UINT64_MAX - 1);
	cr_assert_eq(ctm_wire_unpack_submit(view(&b), &s), 0);
	cr_expect_eq(s.tag, UINT64_MAX - 1);
	expect_same(s.endpoint.url, endpoint.url);
	expect_same(s.endpoint.socket_path, NULL);
	expect_same(s.endpoint.ca_file, endpoint.ca_file);
	expect_same(s.endpoint.token_file, "");
	expect_same(s.endpoint.secret_file, NULL);
	cr_assert_eq(s.endpoint.n_headers, 2);
	expect_same(s.endpoint.headers[1], headers[1]);
	cr_expect_eq(s.endpoint.timeout_ms, 30000);
	cr_expect_eq(s.message.method, CTM_TRANSPORT_ERROR);
	expect_same(s.message.client_data, message.client_data);
	expect_same(s.message.progress_type, NULL);
	cr_expect_eq(s.message.bytes_total, UINT64_MAX);
	cr_expect_eq(s.message.files_transferred, 2);
	cr_expect_eq(s.message.error_code, 0x80190194);
	expect_same(s.message.source, message.source);
	cr_expect_eq(s.message.time_s, -5);
	ctm_wire_submit_done(&s);
}

Test(courier_wire, open)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(CTM_WIRE_MAX);
	struct ctm_reach reach = {.any_port = true};
	struct ctm_reach got;

	cr_assert_eq(ctm_reach_add_file(&reach, "/secret/token"), 0);
	cr_assert_eq(ctm_reach_add_port(&reach, 443), 0);
	cr_assert_eq(ctm_reach_add_port(&reach, 65535), 0);
	reach.state_dir = strdup("/state");
	ctm_wire_pack_open(&b, &reach);
	ctm_reach_done(&reach);
	cr_assert_eq(ctm_wire_unpack_open(view(&b), &got), 0);
	cr_assert_eq(got.n_files, 1);
	expect_same(got.files[0], "/secret/token");
	expect_same(got.state_dir, "/state");
	cr_assert_eq(got.n_ports, 2);
	cr_expect_eq(got.ports[1], 65535);
	cr_expect(got.any_port);
	cr_expect_not(got.unix_socket);
	ctm_reach_done(&got);
	b.data[5] ^= 1;
	cr_expect_eq(ctm_wire_unpack_open(view(&b), &got), -EPROTO, "another release");
}

Test(courier_wire, question_and_answer)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(CTM_WIRE_MAX);
	const struct ctm_transport_question question = {
		.url = "http://127.0.0.1:6800/jsonrpc",
		.answer_max = 16 << 20,
		.connect_timeout_ms = 1,
		.timeout_ms = 2,
	};
	char body[] = "an answer";
	const struct ctm_transport_answer answer = {
		.tag = 7, .http_status = 200, .body = body, .body_len = 9};
	struct ctm_transport_question asked;
	struct ctm_transport_answer answered;
	const char *bytes;
	uint64_t tag;
	size_t len;

	ctm_wire_pack_ask(&b, &question, 7);
	ctm_buf_add_str(&b, "{}");
	cr_assert_eq(ctm_wire_unpack_ask(view(&b), &asked, &tag), 0);
	cr_expect_eq(tag, 7);
	expect_same(asked.url, question.url);
	cr_expect_eq(asked.answer_max, 16 << 20);
	cr_expect_eq(asked.body_len, 2);
	ctm_buf_reset(&b);
	ctm_wire_pack_answer(&b, &answer);
	ctm_buf_add_str(&b, body);
	cr_assert_eq(ctm_wire_unpack_answer(view(&b), &answered, &bytes, &len), 0);
	cr_expect_eq(answered.tag, 7);
	cr_expect_eq(answered.http_status, 200);
	cr_expect_null(answered.body);
	cr_expect_eq(len, 9);
	cr_expect_arr_eq(bytes, body, 9);
}

/* What a person will read is one line of UTF-8, whatever was sent. */
Test(courier_wire, words)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(CTM_WIRE_MAX);
	struct ctm_transport_outcome outcome = {
		.tag = 3, .verdict = CTM_TRANSPORT_PERSON, .retry_after_s = 86400};
	struct ctm_transport_outcome got;
	struct ctm_wire_log log;
	char line[4000];

	strcpy(outcome.text, "a\nb\x1b[2J p\xc3\xa4 \xff \xc2\x85 \xc3");
	ctm_wire_pack_outcome(&b, &outcome);
	cr_assert_eq(ctm_wire_unpack_outcome(view(&b), &got), 0);
	cr_expect_str_eq(got.text, "a?b?[2J p\xc3\xa4 ? ? ?");
	cr_expect_eq(got.retry_after_s, 86400);
	ctm_buf_reset(&b);
	memset(line, 'x', sizeof line);
	line[sizeof line - 1] = '\0';
	ctm_wire_pack_log(&b, 2, line);
	cr_assert_eq(ctm_wire_unpack_log(view(&b), &log), 0);
	cr_expect_eq(strlen(log.line), sizeof log.line - 1, "cut");
}

static int unpack_opened(struct ctm_view v)
{
	struct ctm_wire_opened opened;

	return ctm_wire_unpack_opened(v, &opened);
}

static int unpack_outcome(struct ctm_view v)
{
	struct ctm_transport_outcome outcome;
	int r = ctm_wire_unpack_outcome(v, &outcome);

	if (r == 0) {
		cr_expect_leq((unsigned)outcome.verdict, CTM_TRANSPORT_REFUSED);
		cr_expect_leq(outcome.retry_after_s, 86400);
		cr_expect_lt(strlen(outcome.text), sizeof outcome.text);
	}
	return r;
}

static int unpack_answer(struct ctm_view v)
{
	struct ctm_transport_answer answer;
	const char *body;
	size_t len;
	int r = ctm_wire_unpack_answer(v, &answer, &body, &len);

	if (r == 0)
		cr_expect(body ? len <= v.len : len == 0);
	return r;
}

static int unpack_log(struct ctm_view v)
{
	struct ctm_wire_log log;
	int r = ctm_wire_unpack_log(v, &log);

	if (r == 0)
		cr_expect_leq(log.level, 3);
	return r;
}

static int unpack_submit(struct ctm_view v)
{
	struct ctm_wire_submit submit;
	int r = ctm_wire_unpack_submit(v, &submit);

	if (r == 0)
		ctm_wire_submit_done(&submit);
	return r;
}

static int unpack_open(struct ctm_view v)
{
	struct ctm_reach reach;
	int r = ctm_wire_unpack_open(v, &reach);

	if (r == 0)
		ctm_reach_done(&reach);
	return r;
}

/* A copy of just so many bytes, so that a sanitizer sees who reads on. */
static int unpack_copy(int (*unpack)(struct ctm_view), const char *bytes, size_t len)
{
	unsigned char *copy = malloc(len + !len);
	int r;

	cr_assert_not_null(copy);
	if (len)
		memcpy(copy, bytes, len);
	r = unpack((struct ctm_view){.data = copy, .len = len});
	free(copy);
	return r;
}

static void torture(int (*unpack)(struct ctm_view), const struct ctm_buf *b)
{
	CTM_CLEANUP_BUF struct ctm_buf changed = CTM_BUF_INIT(CTM_WIRE_MAX);

	cr_assert_eq(unpack_copy(unpack, b->data, b->len), 0);
	for (size_t len = 0; len < b->len; len++)
		cr_expect_lt(unpack_copy(unpack, b->data, len), 0, "cut after %zu bytes", len);
	ctm_buf_add(&changed, b->data, b->len);
	ctm_buf_add_char(&changed, 'x');
	cr_expect_eq(unpack_copy(unpack, changed.data, changed.len), -EBADMSG, "too long");
	for (size_t i = 0; i < b->len; i++) {
		const char before = changed.data[i];

		for (unsigned value = 0; value < 256; value++) {
			changed.data[i] = (char)value;
			unpack_copy(unpack, changed.data, b->len);
		}
		changed.data[i] = before;
	}
}

Test(courier_wire, cut_and_changed)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(CTM_WIRE_MAX);
	const struct ctm_wire_opened opened = {
		.code = -ENOENT, .can_ask = true, .name = "http", .text = "none"};
	const struct ctm_transport_outcome outcome = {.tag = 1, .text = "said"};
	const struct ctm_transport_answer answer = {.tag = 1, .text = "said"};
	struct ctm_reach reach = {0};

	ctm_wire_pack_opened(&b, &opened);
	torture(unpack_opened, &b);
	ctm_buf_reset(&b);
	ctm_wire_pack_outcome(&b, &outcome);
	torture(unpack_outcome, &b);
	ctm_buf_reset(&b);
	ctm_wire_pack_answer(&b, &answer);
	torture(unpack_answer, &b);
	ctm_buf_reset(&b);
	ctm_wire_pack_log(&b, 1, "a line");
	torture(unpack_log, &b);
	ctm_buf_reset(&b);
	ctm_wire_pack_submit(&b, &endpoint, &message, 1);
	torture(unpack_submit, &b);
	ctm_buf_reset(&b);
	cr_assert_eq(ctm_reach_add_file(&reach, "/a"), 0);
	cr_assert_eq(ctm_reach_add_port(&reach, 80), 0);
	ctm_wire_pack_open(&b, &reach);
	ctm_reach_done(&reach);
	torture(unpack_open, &b);
}

Test(courier_wire, knock)
{
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(CTM_WIRE_MAX);
	const struct ctm_knock tcp = {.host = "::1", .port = 65535, .timeout_ms = 1000};
	const struct ctm_knock both = {.socket = "/s", .host = "h"};
	struct ctm_knock knock = {0};
	uint64_t tag = 0;

	ctm_wire_pack_knock(&b, &tcp, 7);
	cr_assert_eq(ctm_wire_unpack_knock(view(&b), &knock, &tag), 0);
	cr_expect_null(knock.socket);
	cr_expect_str_eq(knock.host, "::1");
	cr_expect_eq(knock.port, 65535);
	cr_expect_eq(knock.timeout_ms, 1000);
	cr_expect_eq(tag, 7);
	ctm_buf_reset(&b);
	ctm_wire_pack_knock(&b, &both, 7);
	cr_expect_eq(ctm_wire_unpack_knock(view(&b), &knock, &tag), -EBADMSG);
}
