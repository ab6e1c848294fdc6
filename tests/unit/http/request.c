/* SPDX-License-Identifier: MIT */
/* What an attempt and a question have in common; the rest is in attempt.c and question.c. */
#include "request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(request, .fini = ctm_test_check_leaks);

static const struct ctm_transport_endpoint endpoint = {.size = sizeof endpoint,
	.url = "http://localhost/",
	.connect_timeout_ms = 1000,
	.timeout_ms = 1000};

static struct ctm_request *make(size_t body_max)
{
	struct ctm_request *request =
		ctm_request_new(CTM_REQUEST_QUESTION, ctm_request_judge_failure, 42, body_max);

	cr_assert_not_null(request);
	request->body = strdup("{}");
	request->body_len = 2;
	return request;
}

static struct ctm_request *make_ready(size_t body_max)
{
	struct ctm_request *request = make(body_max);

	cr_assert_eq(ctm_request_ready(request, 0, &endpoint, NULL, &request), 0);
	cr_assert_not_null(request->easy);
	cr_assert_eq(request->outcome.tag, 42);
	return request;
}

/* Whoever forgets to judge one has no success of it. */
Test(request, not_judged)
{
	for (unsigned kind = 0; kind < CTM_REQUEST_KINDS; kind++) {
		struct ctm_request *request = ctm_request_new(
			(enum ctm_request_kind)kind, ctm_request_judge_failure, 42, 10);

		cr_assert_not_null(request);
		cr_expect_eq(request->outcome.verdict, CTM_TRANSPORT_RETRY);
		cr_expect_eq(request->outcome.hresult, 0x80004005);
		cr_expect_str_neq(request->outcome.text, "");
		ctm_request_free(request);
	}
}

Test(request, content_that_failed)
{
	struct ctm_request *request = make(10);

	cr_assert_eq(ctm_request_ready(request, -EINVAL, &endpoint, NULL, &request), 0);
	cr_assert_null(request->easy);
	cr_assert_null(request->body);
	ctm_request_free(request);
	request = make(10);
	cr_assert_eq(ctm_request_ready(request, -ENOMEM, &endpoint, NULL, &request), -ENOMEM);
	ctm_request_free(NULL);
}

static void expect_finish(
	struct ctm_request *request, CURLcode code, uint32_t hresult, const char *text)
{
	ctm_request_finish(request, code);
	cr_expect_null(request->easy);
	cr_expect_eq(request->outcome.verdict, CTM_TRANSPORT_RETRY);
	cr_expect_eq(request->outcome.hresult, hresult, "0x%08X", request->outcome.hresult);
	cr_expect_eq(request->outcome.curl_code, code);
	cr_expect_str_eq(request->outcome.text, text);
	ctm_request_free(request);
}

Test(request, failures)
{
	struct ctm_request *request = make_ready(10);

	strcpy(request->error, "Failed to connect\nto localhost");
	expect_finish(request, CURLE_COULDNT_CONNECT, 0x80072EFD, "Failed to connect to localhost");
	expect_finish(make_ready(10), CURLE_OPERATION_TIMEDOUT, 0x80072EE2, "Timeout was reached");
	expect_finish(
		make_ready(10), CURLE_OK, 0x80072F78, "the answer has no status that can be read");
}

Test(request, what_was_too_much)
{
	struct ctm_request *request = make_ready(10);
	static char line[CTM_REPLY_HEADER_BYTES_MAX + 1];

	cr_assert(ctm_reply_body(&request->reply, "0123456789", 10));
	cr_assert_not(ctm_reply_body(&request->reply, "0", 1));
	expect_finish(request, CURLE_WRITE_ERROR, 0x800700EA, "the answer is longer than 10 bytes");
	request = make_ready(10);
	cr_assert_not(ctm_reply_header(&request->reply, line, sizeof line));
	expect_finish(request, CURLE_WRITE_ERROR, 0x80072F78,
		"the answer's headers are longer than 65536 bytes");
	request = make_ready(10);
	request->reply.broke_off = CTM_REPLY_NO_MEMORY;
	expect_finish(request, CURLE_WRITE_ERROR, 0x8007000E, "no memory for the answer");
}
