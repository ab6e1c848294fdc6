/* SPDX-License-Identifier: MIT */
#include "request.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "answer.h"
#include "body.h"
#include "credentials.h"
#include "curl_code.h"
#include "encode.h"
#include "headers.h"
#include "hresult.h"
#include "options.h"
#include "outcome.h"

static size_t on_header(char *line, size_t size, size_t n, void *user)
{
	struct ctm_request *request = user;

	return ctm_reply_header(&request->reply, line, size * n) ? size * n : 0;
}

static size_t on_body(char *bytes, size_t size, size_t n, void *user)
{
	struct ctm_request *request = user;

	(void)bytes;
	return ctm_reply_body(&request->reply, size * n) ? size * n : 0;
}

static int make_headers(struct ctm_request *request, const struct ctm_transport_endpoint *endpoint,
	const struct ctm_transport_message *message, const char *event_id)
{
	struct ctm_transport_outcome *o = &request->outcome;
	struct curl_slist **list = &request->headers;
	int r = ctm_headers_add_event(list, message, event_id, o);

	if (r == 0)
		r = ctm_headers_add_configured(list, endpoint, o);
	if (r == 0 && endpoint->token_file)
		r = ctm_credentials_add_token(list, endpoint->token_file, o);
	if (r == 0 && endpoint->secret_file)
		r = ctm_credentials_add_signature(list, endpoint->secret_file, event_id,
			(int64_t)time(NULL), request->body, o);
	return r;
}

static int make_content(struct ctm_request *request, const struct ctm_transport_endpoint *endpoint,
	const struct ctm_transport_message *message)
{
	char *event_id;
	int r = ctm_encode_value(message->event_id, &event_id);

	if (r == -EINVAL)
		ctm_outcome_set(&request->outcome, CTM_TRANSPORT_REFUSED, CTM_HR_INVALID_ARG,
			"the message's event id is missing or can't stand in a header");
	if (r < 0)
		return r;
	r = ctm_body_format(message, &request->body, &request->outcome);
	if (r == 0)
		r = make_headers(request, endpoint, message, event_id);
	free(event_id);
	return r;
}

/* What ties the handle to this request: pointers and numbers, which libcurl can't refuse. */
static void tie(struct ctm_request *request)
{
	CURL *easy = request->easy;

	curl_easy_setopt(easy, CURLOPT_PRIVATE, request);
	curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, request->error);
	curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(easy, CURLOPT_HEADERDATA, request);
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(easy, CURLOPT_WRITEDATA, request);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, request->headers);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(request->body));
}

static int prepare(struct ctm_request *request, const struct ctm_transport_endpoint *endpoint,
	const struct ctm_transport_message *message, const char *user_agent)
{
	int r = make_content(request, endpoint, message);

	if (r < 0)
		return r;
	request->easy = curl_easy_init();
	if (!request->easy)
		return -ENOMEM;
	r = ctm_options_set(request->easy, endpoint, user_agent, &request->outcome);
	if (r == 0)
		tie(request);
	return r;
}

/* All but the outcome. */
static void release(struct ctm_request *request)
{
	curl_easy_cleanup(request->easy);
	ctm_headers_free(request->headers);
	free(request->body);
	request->easy = NULL;
	request->headers = NULL;
	request->body = NULL;
}

int ctm_request_new(const struct ctm_transport_endpoint *endpoint,
	const struct ctm_transport_message *message, const char *user_agent, uint64_t tag,
	struct ctm_request **ret_request)
{
	struct ctm_request *request = calloc(1, sizeof *request);
	int r;

	if (!request)
		return -ENOMEM;
	request->outcome.size = sizeof request->outcome;
	request->outcome.tag = tag;
	r = prepare(request, endpoint, message, user_agent);
	if (r == -ENOMEM) {
		ctm_request_free(request);
		return r;
	}
	if (r < 0)
		release(request);
	*ret_request = request;
	return 0;
}

static long info_long(CURL *easy, CURLINFO info)
{
	long value = 0;

	return curl_easy_getinfo(easy, info, &value) ? 0 : value;
}

static uint32_t failure_hresult(struct ctm_request *request, CURLcode code)
{
	long verify = CTM_VERIFY_UNKNOWN;

	/* Once a request is out the scheme was fine: libcurl says so of answers before HTTP/1. */
	if (code == CURLE_UNSUPPORTED_PROTOCOL && info_long(request->easy, CURLINFO_REQUEST_SIZE))
		return CTM_HR_INVALID_SERVER_RESPONSE;
	if (ctm_curl_code_is_openssl())
		verify = info_long(request->easy, CURLINFO_SSL_VERIFYRESULT);
	return ctm_curl_code_hresult(code, verify);
}

/* No answer, or none that was whole. */
static void judge_failure(struct ctm_request *request, CURLcode code)
{
	struct ctm_transport_outcome *o = &request->outcome;
	const long tunnel = info_long(request->easy, CURLINFO_HTTP_CONNECTCODE);

	o->curl_code = (uint32_t)code;
	if (tunnel >= 300)
		ctm_answer_judge_proxy((unsigned)tunnel, o);
	else if (request->reply.too_long)
		ctm_outcome_set(o, CTM_TRANSPORT_RETRY, CTM_HR_INVALID_SERVER_RESPONSE,
			"the answer's headers are longer than %u bytes",
			CTM_REPLY_HEADER_BYTES_MAX);
	else if (!code)
		ctm_outcome_set(o, CTM_TRANSPORT_RETRY, CTM_HR_INVALID_SERVER_RESPONSE,
			"the answer has no status that can be read");
	else
		ctm_outcome_set(o, CTM_TRANSPORT_RETRY, failure_hresult(request, code), "%s",
			request->error[0] ? request->error : curl_easy_strerror(code));
}

/*
 * Once status and headers are whole the endpoint has spoken. If its body breaks off, never ends, or
 * is longer than we care to read, that changes nothing: to ask again would repeat a message that
 * was taken.
 */
void ctm_request_finish(struct ctm_request *request, CURLcode code)
{
	if (request->reply.complete)
		ctm_answer_judge(&request->reply, (int64_t)time(NULL), &request->outcome);
	else
		judge_failure(request, code);
	release(request);
}

void ctm_request_free(struct ctm_request *request)
{
	if (!request)
		return;
	release(request);
	free(request);
}
