/* SPDX-License-Identifier: MIT */
#include "request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "curl_code.h"
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

	return ctm_reply_body(&request->reply, bytes, size * n) ? size * n : 0;
}

/*
 * libcurl reads what a proxy says byte by byte, and a refusal's body to its end before it looks at
 * any other transfer. It calls this each time: one that will not come to an end is broken off.
 */
static int on_update(
	void *user, curl_off_t dl_total, curl_off_t dl_now, curl_off_t ul_total, curl_off_t ul_now)
{
	struct ctm_request *request = user;

	(void)dl_total;
	(void)dl_now;
	(void)ul_total;
	(void)ul_now;
	if (!request->turn)
		return 0;
	if (request->reply.complete && !request->reply.keeps_body &&
		++request->afterthoughts > CTM_REQUEST_AFTERTHOUGHTS_MAX)
		return 1;
	if (request->seen_turn != *request->turn) {
		request->seen_turn = *request->turn;
		request->updates = 0;
	}
	return ++request->updates > CTM_REQUEST_UPDATES_MAX;
}

static int before_request(void *user, char *peer, char *us, int peer_port, int port)
{
	struct ctm_request *request = user;

	(void)peer;
	(void)us;
	request->spoilt =
		request->sockets && ctm_sockets_is_spoilt(request->sockets, port, peer_port);
	return request->spoilt ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

bool ctm_request_begin_afresh(struct ctm_request *request, CURLcode code)
{
	if (code != CURLE_ABORTED_BY_CALLBACK || !request->spoilt)
		return false;
	request->spoilt = false;
	return curl_easy_setopt(request->easy, CURLOPT_FRESH_CONNECT, 1L) == CURLE_OK;
}

struct ctm_request *ctm_request_new(
	enum ctm_request_kind kind, ctm_request_judge *judge, uint64_t tag, size_t body_max)
{
	struct ctm_request *request = calloc(1, sizeof *request);

	if (!request)
		return NULL;
	request->kind = kind;
	request->judge = judge;
	request->reply.body_max = body_max;
	request->reply.keeps_body = kind == CTM_REQUEST_QUESTION;
	request->outcome.size = sizeof request->outcome;
	request->outcome.tag = tag;
	/* Of one that nobody judged nothing is known; 0 would be CTM_TRANSPORT_TAKEN. */
	ctm_outcome_set(&request->outcome, CTM_TRANSPORT_RETRY, CTM_HR_FAIL, "not judged");
	return request;
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
	curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_update);
	curl_easy_setopt(easy, CURLOPT_XFERINFODATA, request);
	curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, before_request);
	curl_easy_setopt(easy, CURLOPT_PREREQDATA, request);
	curl_easy_setopt(easy, CURLOPT_HTTPHEADER, request->headers);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body_len);
}

static int make_handle(struct ctm_request *request, const struct ctm_transport_endpoint *endpoint,
	const char *user_agent)
{
	int r;

	request->easy = curl_easy_init();
	if (!request->easy)
		return -ENOMEM;
	r = ctm_options_set(request->easy, endpoint, user_agent, &request->outcome);
	if (r == 0)
		tie(request);
	return r;
}

/* All but what came of it. */
static void release(struct ctm_request *request)
{
	curl_easy_cleanup(request->easy);
	ctm_headers_free(request->headers);
	if (request->body)
		explicit_bzero(request->body, request->body_len);
	free(request->body);
	request->easy = NULL;
	request->headers = NULL;
	request->body = NULL;
}

int ctm_request_ready(struct ctm_request *request, int r,
	const struct ctm_transport_endpoint *endpoint, const char *user_agent,
	struct ctm_request **ret_request)
{
	if (r == 0)
		r = make_handle(request, endpoint, user_agent);
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

static bool has_answer_begun(CURL *easy)
{
	curl_off_t us = 0;

	return curl_easy_getinfo(easy, CURLINFO_STARTTRANSFER_TIME_T, &us) == CURLE_OK && us > 0;
}

/* What libcurl says of an answer that can't be read, and at other times means something else. */
static bool is_unreadable(struct ctm_request *request, CURLcode code)
{
	switch ((int)code) {
	case CURLE_UNSUPPORTED_PROTOCOL:
		/* Once a request is out the scheme was fine: it is an answer before HTTP/1. */
		return info_long(request->easy, CURLINFO_REQUEST_SIZE) > 0;
	case CURLE_OUT_OF_MEMORY: /* a line beyond libcurl's own limit of 100 KB, */
	case 100:                 /* CURLE_TOO_LARGE since 8.6 */
	case CURLE_BAD_CONTENT_ENCODING:
		return has_answer_begun(request->easy);
	case CURLE_ABORTED_BY_CALLBACK: /* by on_update() */
		return true;
	default:
		return false;
	}
}

static uint32_t failure_hresult(struct ctm_request *request, CURLcode code)
{
	long verify = CTM_VERIFY_UNKNOWN;

	if (is_unreadable(request, code))
		return CTM_HR_INVALID_SERVER_RESPONSE;
	if (ctm_curl_code_blames_client(code, request->error))
		return CTM_HR_CLIENT_CERT_NEEDED;
	if (ctm_curl_code_is_openssl())
		verify = info_long(request->easy, CURLINFO_SSL_VERIFYRESULT);
	return ctm_curl_code_hresult(code, verify);
}

/* libcurl quotes a proxy that it can't use whole, the password in it too. */
static const char *words_of(const struct ctm_request *request, CURLcode code)
{
	const char *own = request->error;

	return own[0] && !strchr(own, '@') ? own : curl_easy_strerror(code);
}

/* Ours: it said more than we read, or there was no room for it. */
static void judge_break(const struct ctm_reply *reply, struct ctm_transport_outcome *o)
{
	if (reply->broke_off == CTM_REPLY_NO_STATUS)
		ctm_outcome_set(o, CTM_TRANSPORT_RETRY, CTM_HR_INVALID_SERVER_RESPONSE,
			"the answer has no status that can be read");
	else if (reply->broke_off == CTM_REPLY_HEADERS_TOO_LONG)
		ctm_outcome_set(o, CTM_TRANSPORT_RETRY, CTM_HR_INVALID_SERVER_RESPONSE,
			"the answer's headers are longer than %u bytes",
			CTM_REPLY_HEADER_BYTES_MAX);
	else if (reply->broke_off == CTM_REPLY_BODY_TOO_LONG)
		ctm_outcome_set(o, CTM_TRANSPORT_RETRY, CTM_HR_MORE_DATA,
			"the answer is longer than %zu bytes", reply->body_max);
	else
		ctm_outcome_set(
			o, CTM_TRANSPORT_RETRY, CTM_HR_OUT_OF_MEMORY, "no memory for the answer");
}

void ctm_request_judge_failure(struct ctm_request *request, CURLcode code)
{
	struct ctm_transport_outcome *o = &request->outcome;
	const long tunnel = info_long(request->easy, CURLINFO_HTTP_CONNECTCODE);

	o->curl_code = (uint32_t)code;
	if (tunnel >= 300)
		ctm_answer_judge_proxy((unsigned)tunnel, o);
	else if (request->reply.broke_off != CTM_REPLY_GOES_ON)
		judge_break(&request->reply, o);
	else if (!code)
		ctm_outcome_set(o, CTM_TRANSPORT_RETRY, CTM_HR_INVALID_SERVER_RESPONSE,
			"the answer has no status that can be read");
	else if (request->sockets && ctm_sockets_was_short_of_memory(request->sockets))
		ctm_outcome_set(o, CTM_TRANSPORT_RETRY, CTM_HR_OUT_OF_MEMORY,
			"no memory for another socket");
	else if (code == CURLE_OUT_OF_MEMORY && is_unreadable(request, code))
		ctm_outcome_set(o, CTM_TRANSPORT_RETRY, CTM_HR_INVALID_SERVER_RESPONSE,
			"a line of the answer is too long, or memory is short");
	else
		ctm_outcome_set(o, CTM_TRANSPORT_RETRY, failure_hresult(request, code), "%s",
			words_of(request, code));
}

void ctm_request_finish(struct ctm_request *request, CURLcode code)
{
	request->judge(request, code);
	release(request);
}

void ctm_request_free(struct ctm_request *request)
{
	if (!request)
		return;
	release(request);
	ctm_reply_done(&request->reply);
	free(request);
}
