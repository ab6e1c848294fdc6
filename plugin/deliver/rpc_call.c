/* SPDX-License-Identifier: MIT */
#include "rpc_call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "courier.h"
#include "module.h"
#include "rpc_answer.h"
#include "rpc_secret.h"

/* The module ends a question in time; this much later we no longer believe in it. */
#define PATIENCE_MS (CTM_RPC_TIMEOUT_MS + 2000u)

static const struct {
	uint32_t hresult;
	int error;
} failures[] = {
	{CTM_TRANSPORT_HR_CANNOT_CONNECT, -ECONNREFUSED},
	{CTM_TRANSPORT_HR_TIMEOUT, -ETIMEDOUT},
	{CTM_TRANSPORT_HR_MORE_DATA, -EMSGSIZE},
	{CTM_TRANSPORT_HR_OUT_OF_MEMORY, -ENOMEM},
};

/*
 * A question changes nothing: where its process was lost, or short of memory, it is asked again, of
 * a fresh one, so often in all.
 */
#define TRIES 3u

/*
 * What libcurl says where memory is short: CURLE_OUT_OF_MEMORY, which before 8.6 is also a line
 * that is too long, and CURLE_COULDNT_RESOLVE_HOST, even of an address.
 */
#define CURL_OUT_OF_MEMORY 27u
#define CURL_COULDNT_RESOLVE_HOST 6u

static bool is_lost(const struct ctm_transport_answer *answer)
{
	return answer->hresult == CTM_COURIER_HR_LOST && !answer->curl_code;
}

static bool is_worth_another_try(const struct ctm_transport_answer *answer)
{
	return is_lost(answer) || answer->hresult == CTM_TRANSPORT_HR_OUT_OF_MEMORY ||
	       answer->curl_code == CURL_OUT_OF_MEMORY ||
	       answer->curl_code == CURL_COULDNT_RESOLVE_HOST;
}

static int errno_of(uint32_t hresult)
{
	for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
		if (failures[i].hresult == hresult)
			return failures[i].error;
	}
	return -ECOMM;
}

static int make_body(const struct ctm_rpc *rpc, const struct ctm_rpc_request *request,
	char **ret_body, struct ctm_error *e)
{
	char token[CTM_RPC_TOKEN_SIZE] = "";
	int r = 0;

	if (rpc->aria2->secret_file)
		r = ctm_rpc_secret_read(rpc->aria2->secret_file, token, e);
	if (r == 0) {
		*ret_body = ctm_rpc_request_format(request, token);
		if (!*ret_body)
			r = ctm_error_set(e, -ENOMEM, "no memory to ask");
	}
	explicit_bzero(token, sizeof token);
	return r;
}

static int ask(struct ctm_rpc *rpc, const char *body, struct ctm_error *e)
{
	const struct ctm_transport_question question = {
		.size = sizeof question,
		.url = rpc->aria2->rpc,
		.body = body,
		.body_len = strlen(body),
		.answer_max = CTM_RPC_ANSWER_MAX,
		.connect_timeout_ms = CTM_RPC_CONNECT_TIMEOUT_MS,
		.timeout_ms = CTM_RPC_TIMEOUT_MS,
	};
	const int r = rpc->table->ask(rpc->transport, &question, ++rpc->tag);

	return r < 0 ? ctm_error_set(e, r, "cannot ask: %s", strerror(-r)) : 0;
}

/* Answers to questions that were given up are passed over. */
static int await(struct ctm_rpc *rpc, struct ctm_transport_answer *ret_answer, struct ctm_error *e)
{
	const uint64_t until_ms = ctm_clock_boot_ms() + PATIENCE_MS;

	for (;;) {
		struct ctm_transport_answer answer = {.size = sizeof answer};
		const uint64_t now_ms = ctm_clock_boot_ms();
		int r;

		while (rpc->table->next_answer(rpc->transport, &answer)) {
			if (answer.tag == rpc->tag) {
				*ret_answer = answer;
				return 0;
			}
			rpc->table->release(rpc->transport, &answer);
		}
		if (now_ms >= until_ms)
			return ctm_error_set(e, -ETIMEDOUT, "the transport gave no answer in time");
		r = rpc->table->wait(rpc->transport, NULL, 0, (int)(until_ms - now_ms));
		if (r < 0)
			return ctm_error_set(e, r, "cannot wait for an answer: %s", strerror(-r));
	}
}

static int exchange(struct ctm_rpc *rpc, const char *body, json_t **ret_result, struct ctm_error *e)
{
	struct ctm_transport_answer answer = {0};
	int r = 0;

	for (unsigned i = 0; r == 0 && i < TRIES && (i == 0 || is_worth_another_try(&answer));
		i++) {
		rpc->table->release(rpc->transport, &answer);
		r = ask(rpc, body, e);
		if (r == 0)
			r = await(rpc, &answer, e);
	}
	if (r < 0)
		return r;
	if (is_lost(&answer))
		r = ctm_error_set(e, -ECONNABORTED, "%s", answer.text);
	else if (answer.hresult)
		r = ctm_error_set(e, errno_of(answer.hresult), "%s", answer.text);
	else
		r = ctm_rpc_answer_result(
			answer.body, answer.body_len, answer.http_status, ret_result, e);
	rpc->table->release(rpc->transport, &answer);
	return r;
}

/* Deeper than jansson goes. */
#define BURNT_BYTES 32768

/*
 * What was called before has left the secret on the stack, in places that are nobody's: the dynamic
 * linker saves registers there, with what was copied through them.
 */
static __attribute__((noinline)) void burn_stack(void)
{
	unsigned char below[BURNT_BYTES];

	explicit_bzero(below, sizeof below);
}

int ctm_rpc_call(struct ctm_rpc *rpc, const struct ctm_rpc_request *request, json_t **ret_result,
	struct ctm_error *e)
{
	char *body = NULL;
	int r;

	if (!ctm_module_can_ask(rpc->table))
		return ctm_error_set(e, -ENOSYS,
			"the transport module \"%s\" can only send, not ask: install it and this "
			"program from one release",
			rpc->table->name);
	r = make_body(rpc, request, &body, e);
	if (r < 0)
		return r;
	r = exchange(rpc, body, ret_result, e);
	explicit_bzero(body, strlen(body));
	free(body);
	burn_stack();
	return r;
}
