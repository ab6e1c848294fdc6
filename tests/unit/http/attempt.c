/* SPDX-License-Identifier: MIT */
/* Making one ready and judging its end; what goes over the wire is in transport*.c. */
#include "attempt.h"

#include <string.h>

#include <criterion/criterion.h>

#include "scratch.h"

TestSuite(attempt, .init = scratch_init, .fini = scratch_done);

static struct ctm_transport_endpoint endpoint;
static struct ctm_transport_message message;

static struct ctm_request *make(void)
{
	struct ctm_request *request = NULL;

	cr_assert_eq(ctm_attempt_new(&endpoint, &message, "test/1", 42, &request), 0);
	cr_assert_eq(request->outcome.tag, 42);
	cr_assert_eq(request->outcome.size, sizeof request->outcome);
	return request;
}

static void reset(void)
{
	endpoint = (struct ctm_transport_endpoint){.size = sizeof endpoint,
		.url = "http://localhost/",
		.connect_timeout_ms = 1000,
		.timeout_ms = 1000};
	message = (struct ctm_transport_message){.size = sizeof message,
		.method = CTM_TRANSPORT_SUCCESS,
		.endpoint = "ctm",
		.id = "{3F25}",
		.client_data = "x",
		.event_id = "{3F25}/success",
		.source = "aria2-ctm://host"};
}

/* Nothing is tried, but there is an outcome. */
static void expect_early(enum ctm_transport_verdict verdict, uint32_t hresult)
{
	struct ctm_request *request = make();

	cr_expect_null(request->easy);
	cr_expect_null(request->headers);
	cr_expect_null(request->body);
	cr_expect_eq(request->outcome.verdict, verdict);
	cr_expect_eq(request->outcome.hresult, hresult);
	cr_expect_neq(request->outcome.text[0], '\0');
	ctm_request_free(request);
}

Test(attempt, early_outcomes)
{
	reset();
	message.event_id = "{3F25}/success\nX-Evil: 1";
	expect_early(CTM_TRANSPORT_REFUSED, 0x80070057);
	reset();
	message.event_id = NULL;
	expect_early(CTM_TRANSPORT_REFUSED, 0x80070057);
	reset();
	message.id = "{3F\r25}";
	expect_early(CTM_TRANSPORT_REFUSED, 0x80070057);
	reset();
	message.client_data = "\xff";
	expect_early(CTM_TRANSPORT_REFUSED, 0x80070057);
	reset();
	endpoint.token_file = scratch_path("none");
	expect_early(CTM_TRANSPORT_PERSON, 0x80070002);
	reset();
	endpoint.secret_file = scratch_write("open", "x", 0644);
	expect_early(CTM_TRANSPORT_PERSON, 0x80070005);
	reset();
	endpoint.key_file = scratch_path("none");
	expect_early(CTM_TRANSPORT_PERSON, 0x80070002);
	reset();
	endpoint.headers = (const char *const[]){"no header"};
	endpoint.n_headers = 1;
	expect_early(CTM_TRANSPORT_PERSON, 0x80070057);
	reset();
	endpoint.url = NULL;
	expect_early(CTM_TRANSPORT_PERSON, 0x80072EE5);
}

Test(attempt, an_answer_without_end_of_headers_is_none)
{
	static const char line[] = "HTTP/1.1 200 OK\r\n";
	struct ctm_request *request;

	reset();
	request = make();
	ctm_reply_header(&request->reply, line, sizeof line - 1);
	ctm_request_finish(request, CURLE_RECV_ERROR);
	cr_assert_eq(request->outcome.verdict, CTM_TRANSPORT_RETRY);
	cr_assert_eq(request->outcome.hresult, 0x80072EFE);
	ctm_request_free(request);
	request = make();
	ctm_request_finish(request, CURLE_OK);
	cr_assert_eq(request->outcome.verdict, CTM_TRANSPORT_RETRY);
	cr_assert_eq(request->outcome.hresult, 0x80072F78);
	ctm_request_free(request);
}

Test(attempt, a_whole_answer_outlives_its_body)
{
	static const char line[] = "HTTP/1.1 200 OK\r\n";
	struct ctm_request *request;

	reset();
	request = make();
	ctm_reply_header(&request->reply, line, sizeof line - 1);
	ctm_reply_header(&request->reply, "\r\n", 2);
	ctm_request_finish(request, CURLE_WRITE_ERROR);
	cr_assert_eq(request->outcome.verdict, CTM_TRANSPORT_TAKEN);
	cr_assert_eq(request->outcome.hresult, 0);
	cr_assert_eq(request->outcome.curl_code, 0);
	ctm_request_free(request);
	ctm_request_free(NULL);
}
