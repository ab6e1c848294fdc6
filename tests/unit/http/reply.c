/* SPDX-License-Identifier: MIT */
#include "reply.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(reply, .fini = ctm_test_check_leaks);

/* Feeds lines as libcurl does, each with its line end. */
static struct ctm_reply feed(const char *block)
{
	struct ctm_reply reply = {.body_max = CTM_REPLY_BODY_BYTES_MAX};

	while (*block) {
		const size_t len = strcspn(block, "\n") + 1;

		cr_assert(ctm_reply_header(&reply, block, len));
		block += len;
	}
	return reply;
}

Test(reply, takes_status_and_two_headers)
{
	struct ctm_reply r = feed("HTTP/1.1 503 Service Unavailable\r\nServer: x\r\n"
				  "ctm-hresult:  0x800706BA \t\r\nRETRY-AFTER: 120\r\n\r\n");

	cr_assert_eq(r.status, 503);
	cr_assert(r.complete);
	cr_assert(r.has_hresult);
	cr_assert_str_eq(r.hresult, "0x800706BA");
	cr_assert_str_eq(r.retry_after, "120");
}

Test(reply, is_complete_only_at_the_blank_line)
{
	cr_assert_not(feed("HTTP/1.1 200 OK\r\nServer: x\r\n").complete);
	cr_assert(feed("HTTP/1.0 200\n\n").complete);
	cr_assert_not(feed("HTTP/1.1 100 Continue\r\n\r\n").complete);
}

Test(reply, a_status_line_is_spoken_clearly)
{
	static const char *const lines[] = {"HTTP/1.1 nonsense\r\n", "HTTP/1.1\r\n",
		"HTTP/1.1 2000 OK\r\n", "HTTP/1.1 200OK\r\n", "HTTP/1.1  200 OK\r\n",
		"HTTP/1.1 20 OK\r\n", "HTTP/1.1 -20 OK\r\n", "HTTP/1.1 099 OK\r\n",
		"HTTP/1.1 000 OK\r\n", "HTTP/2 200 \r\n", "HTTP/2.0 200 OK\r\n",
		"HTTP/1.10 200 \r\n", "ICY 200 OK\r\n", "Server: x\r\n", "\r\n", "HTTP/1.1 200"};

	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		struct ctm_reply r = {0};

		cr_expect_not(ctm_reply_header(&r, lines[i], strlen(lines[i])), "%s", lines[i]);
		cr_expect_eq(r.broke_off, CTM_REPLY_NO_STATUS);
		cr_expect_not(r.complete);
	}
	cr_assert_eq(feed("HTTP/1.1 599 \r\n\r\n").status, 599);
	cr_assert_eq(feed("http/1.0 200\n\n").status, 200);
}

Test(reply, another_protocol_is_no_answer)
{
	struct ctm_reply r = feed("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n");

	cr_assert_not(ctm_reply_header(&r, "\r\n", 2));
	cr_assert_eq(r.broke_off, CTM_REPLY_NO_STATUS);
	cr_assert_not(r.complete);
}

Test(reply, two_status_lines_contradict)
{
	static const char again[] = "HTTP/1.1 200 OK\r\n";
	struct ctm_reply r = feed("HTTP/1.1 503 No\r\nServer: x\r\n");

	cr_assert_not(ctm_reply_header(&r, again, strlen(again)));
	cr_assert_eq(r.broke_off, CTM_REPLY_NO_STATUS);
	cr_assert_not(r.complete);
}

Test(reply, a_new_status_line_begins_anew)
{
	struct ctm_reply r = feed("HTTP/1.1 103 Early Hints\r\nCTM-HRESULT: 0x80070057\r\n"
				  "Retry-After: 9\r\n\r\nHTTP/1.1 200 OK\r\n\r\n");

	cr_assert_eq(r.status, 200);
	cr_assert(r.complete);
	cr_assert_not(r.has_hresult);
	cr_assert_str_eq(r.retry_after, "");
}

Test(reply, a_trailer_is_no_part_of_the_word)
{
	struct ctm_reply r = feed("HTTP/1.1 200 OK\r\n\r\nCTM-HRESULT: 0x80070057\r\n\r\n");

	cr_assert(r.complete);
	cr_assert_not(r.has_hresult);
}

Test(reply, what_is_no_value_is_unreadable)
{
	struct ctm_reply r = feed("HTTP/1.1 200 OK\r\nCTM-HRESULT:\r\n\r\n");

	cr_assert(r.has_hresult);
	cr_assert_str_eq(r.hresult, "");
	r = feed("HTTP/1.1 200 OK\r\nCTM-HRESULT: 0x0\r\nCTM-HRESULT: 0x0\r\n\r\n");
	cr_assert_str_eq(r.hresult, "0x0");
	r = feed("HTTP/1.1 200 OK\r\nCTM-HRESULT: 0x0\r\nCTM-HRESULT: 0x1\r\n\r\n");
	cr_assert_str_eq(r.hresult, "?");
	r = feed("HTTP/1.1 200 OK\r\nCTM-HRESULT: 0x00000000000000000000000000000000000000000000000"
		 "0000000000000000000000\r\nRetry-After: 00000000000000000000000000000000000000000"
		 "00000000000000000000000001\r\n\r\n");
	cr_assert_str_eq(r.hresult, "?");
	cr_assert_str_eq(r.retry_after, "");
	r = feed("HTTP/1.1 200 OK\r\nCTM-HRESULTS: 0x1\r\nCTM: 0x1\r\nno colon\r\n\r\n");
	cr_assert_not(r.has_hresult);
}

Test(reply, a_nul_is_no_end)
{
	static const char line[] = "CTM-HRESULT: 0x0\0x1\r\n";
	struct ctm_reply r = feed("HTTP/1.1 200 OK\r\n");

	cr_assert(ctm_reply_header(&r, line, sizeof line - 1));
	cr_assert_str_eq(r.hresult, "?");
}

Test(reply, headers_are_bounded)
{
	struct ctm_reply r = feed("HTTP/1.1 200 OK\r\n");
	char line[1024];
	size_t n = 0;

	memset(line, 'x', sizeof line);
	while (ctm_reply_header(&r, line, sizeof line))
		cr_assert_lt(++n, 65);
	cr_assert_eq(r.broke_off, CTM_REPLY_HEADERS_TOO_LONG);
	cr_assert_not(r.complete);
}

Test(reply, body_is_bounded)
{
	static const char bytes[CTM_REPLY_BODY_BYTES_MAX];
	struct ctm_reply r = feed("HTTP/1.1 200 OK\r\n\r\n");

	cr_assert(ctm_reply_body(&r, bytes, sizeof bytes));
	cr_assert_eq(r.broke_off, CTM_REPLY_GOES_ON);
	cr_assert_not(ctm_reply_body(&r, bytes, 1));
	cr_assert_eq(r.broke_off, CTM_REPLY_BODY_TOO_LONG);
	cr_assert(r.complete);
	cr_assert_null(ctm_reply_take_body(&r));
}

Test(reply, a_body_that_is_kept)
{
	static const char bytes[5000] = "{";
	struct ctm_reply r = {.keeps_body = true, .body_max = 2 * sizeof bytes};
	char *body;

	cr_assert(ctm_reply_body(&r, "", 0));
	cr_assert_null(r.body);
	for (int i = 0; i < 2; i++)
		cr_assert(ctm_reply_body(&r, bytes, sizeof bytes));
	cr_assert_leq(r.body_cap, r.body_max + 1);
	cr_assert_not(ctm_reply_body(&r, bytes, 1));
	cr_assert_eq(r.body_bytes, 2 * sizeof bytes);
	body = ctm_reply_take_body(&r);
	cr_assert_eq(memcmp(body + sizeof bytes, bytes, sizeof bytes), 0);
	cr_assert_eq(body[2 * sizeof bytes], '\0');
	free(body);
	ctm_reply_done(&r);
}

Test(reply, bytes_beyond_all_counting)
{
	struct ctm_reply r = {.keeps_body = true, .body_max = 10};

	cr_assert(ctm_reply_body(&r, "0123456789", 10));
	cr_assert_not(ctm_reply_body(&r, "", SIZE_MAX));
	cr_assert_eq(r.broke_off, CTM_REPLY_BODY_TOO_LONG);
	ctm_reply_done(&r);
}
