/* SPDX-License-Identifier: MIT */
/* Making one ready and judging its end; what goes over the wire is in transport_ask*.c. */
#include "question.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(question, .fini = ctm_test_check_leaks);

static struct ctm_transport_question question = {.size = sizeof question,
	.url = "http://localhost/jsonrpc",
	.body = "{}\0 and no more",
	.body_len = 2,
	.answer_max = 100,
	.connect_timeout_ms = 1000,
	.timeout_ms = 1000};

static struct ctm_request *make(void)
{
	struct ctm_request *request = NULL;

	cr_assert_eq(ctm_question_new(&question, "test/1", 42, &request), 0);
	cr_assert_eq(request->kind, CTM_REQUEST_QUESTION);
	return request;
}

/* As libcurl would hand it in. */
static void hear(struct ctm_request *request, const char *status, const char *body)
{
	cr_assert(ctm_reply_header(&request->reply, status, strlen(status)));
	cr_assert(ctm_reply_header(&request->reply, "\r\n", 2));
	cr_assert(ctm_reply_body(&request->reply, body, strlen(body)));
}

Test(question, a_whole_answer_of_any_status)
{
	static const struct {
		const char *line;
		uint32_t status;
		const char *body;
	} cases[] = {
		{"HTTP/1.1 200 OK\r\n", 200, "{\"result\":[]}"},
		{"HTTP/1.1 400 Bad Request\r\n", 400, "{\"error\":{}}"},
		{"HTTP/1.1 302 Found\r\n", 302, "elsewhere"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ctm_request *request = make();
		struct ctm_transport_answer answer;

		hear(request, cases[i].line, cases[i].body);
		ctm_request_finish(request, CURLE_OK);
		answer = ctm_question_answer(request);
		cr_expect_eq(answer.tag, 42);
		cr_expect_eq(answer.hresult, 0);
		cr_expect_eq(answer.http_status, cases[i].status);
		cr_expect_str_eq(answer.body, cases[i].body);
		cr_expect_eq(answer.body_len, strlen(cases[i].body));
		cr_expect_str_eq(answer.text, "");
		free(answer.body);
		ctm_request_free(request);
	}
}

Test(question, half_an_answer_is_none)
{
	struct ctm_request *request = make();
	struct ctm_transport_answer answer;

	hear(request, "HTTP/1.1 200 OK\r\n", "{\"result\":");
	ctm_request_finish(request, CURLE_PARTIAL_FILE);
	answer = ctm_question_answer(request);
	cr_expect_eq(answer.hresult, 0x80070026);
	cr_expect_eq(answer.http_status, 0);
	cr_expect_eq(answer.curl_code, CURLE_PARTIAL_FILE);
	cr_expect_null(answer.body);
	cr_expect_eq(answer.body_len, 0);
	cr_expect_neq(answer.text[0], '\0');
	ctm_request_free(request);
}

Test(question, the_body_is_copied_by_its_length)
{
	struct ctm_request *request = make();

	cr_expect_eq(request->body_len, 2);
	cr_expect_eq(memcmp(request->body, "{}", 2), 0);
	cr_expect_eq(request->reply.body_max, 100);
	ctm_request_free(request);
	question.body = NULL;
	question.body_len = 0;
	question.answer_max = SIZE_MAX;
	request = make();
	cr_expect_eq(request->body_len, 0);
	cr_expect_eq(request->reply.body_max, CTM_QUESTION_ANSWER_MAX);
	ctm_request_free(request);
}

Test(question, a_url_is_needed)
{
	struct ctm_request *request;
	struct ctm_transport_answer answer;

	question.url = NULL;
	request = make();
	cr_assert_null(request->easy);
	answer = ctm_question_answer(request);
	cr_expect_eq(answer.hresult, 0x80072EE5);
	cr_expect_str_eq(answer.text, "no url is configured");
	ctm_request_free(request);
}
