/* SPDX-License-Identifier: MIT */
#include "question.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "headers.h"
#include "outcome.h"

static int make_content(struct ctm_request *request, const struct ctm_transport_question *question)
{
	request->body = malloc(question->body_len + 1);
	if (!request->body)
		return -ENOMEM;
	if (question->body_len)
		memcpy(request->body, question->body, question->body_len);
	request->body_len = question->body_len;
	return ctm_headers_add_json(&request->headers);
}

/* Unlike an endpoint's word, half an answer is none: asking again repeats nothing. */
static void judge(struct ctm_request *request, CURLcode code)
{
	if (code || !request->reply.complete) {
		ctm_request_judge_failure(request, code);
		return;
	}
	ctm_outcome_set(&request->outcome, CTM_TRANSPORT_TAKEN, 0, "%s", "");
	request->outcome.http_status = request->reply.status;
}

int ctm_question_new(const struct ctm_transport_question *question, const char *user_agent,
	uint64_t tag, struct ctm_request **ret_request)
{
	const struct ctm_transport_endpoint endpoint = {
		.size = sizeof endpoint,
		.url = question->url,
		.connect_timeout_ms = question->connect_timeout_ms,
		.timeout_ms = question->timeout_ms,
	};
	const size_t answer_max = question->answer_max < CTM_QUESTION_ANSWER_MAX
					  ? question->answer_max
					  : CTM_QUESTION_ANSWER_MAX;
	struct ctm_request *request = ctm_request_new(CTM_REQUEST_QUESTION, judge, tag, answer_max);

	if (!request)
		return -ENOMEM;
	return ctm_request_ready(
		request, make_content(request, question), &endpoint, user_agent, ret_request);
}

struct ctm_transport_answer ctm_question_answer(struct ctm_request *request)
{
	const struct ctm_transport_outcome *o = &request->outcome;
	struct ctm_transport_answer answer = {
		.size = sizeof answer,
		.tag = o->tag,
		.hresult = o->hresult,
		.http_status = o->http_status,
		.curl_code = o->curl_code,
	};

	memcpy(answer.text, o->text, sizeof answer.text);
	if (o->http_status) {
		answer.body_len = request->reply.body_bytes;
		answer.body = ctm_reply_take_body(&request->reply);
	}
	return answer;
}
