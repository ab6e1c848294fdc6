/* SPDX-License-Identifier: MIT */
#include "attempt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "answer.h"
#include "body.h"
#include "credentials.h"
#include "encode.h"
#include "headers.h"
#include "hresult.h"
#include "outcome.h"

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
	if (r == 0) {
		request->body_len = strlen(request->body);
		r = make_headers(request, endpoint, message, event_id);
	}
	free(event_id);
	return r;
}

/*
 * Once status and headers are whole the endpoint has spoken. If its body breaks off, never ends, or
 * is longer than we care to read, that changes nothing: to ask again would repeat a message that
 * was taken.
 */
static void judge(struct ctm_request *request, CURLcode code)
{
	if (request->reply.complete)
		ctm_answer_judge(&request->reply, (int64_t)time(NULL), &request->outcome);
	else
		ctm_request_judge_failure(request, code);
}

int ctm_attempt_new(const struct ctm_transport_endpoint *endpoint,
	const struct ctm_transport_message *message, const char *user_agent, uint64_t tag,
	struct ctm_request **ret_request)
{
	struct ctm_request *request =
		ctm_request_new(CTM_REQUEST_ATTEMPT, judge, tag, CTM_REPLY_BODY_BYTES_MAX);

	if (!request)
		return -ENOMEM;
	return ctm_request_ready(request, make_content(request, endpoint, message), endpoint,
		user_agent, ret_request);
}
