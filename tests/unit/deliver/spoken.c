/* SPDX-License-Identifier: MIT */
#include "spoken.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

struct spoken (*spoken_answer)(json_t *request);
size_t spoken_questions;
char spoken_url[256];
size_t spoken_limit = SIZE_MAX;

static struct ctm_transport_answer waiting;
static bool is_waiting;

static int ask(struct ctm_transport *t, const struct ctm_transport_question *question, uint64_t tag)
{
	json_t *request = json_loadb(question->body, question->body_len, 0, NULL);
	struct spoken spoken;

	(void)t;
	cr_assert_not_null(request);
	cr_expect_eq(question->answer_max, CTM_RPC_ANSWER_MAX);
	cr_expect_eq(question->timeout_ms, CTM_RPC_TIMEOUT_MS);
	spoken_questions++;
	snprintf(spoken_url, sizeof spoken_url, "%s", question->url);
	spoken = spoken_answer(request);
	json_decref(request);
	waiting = (struct ctm_transport_answer){.size = sizeof waiting, .tag = tag};
	if (spoken.body && strlen(spoken.body) > spoken_limit)
		spoken.hresult = CTM_TRANSPORT_HR_MORE_DATA;
	if (spoken.hresult) {
		free(spoken.body);
		waiting.hresult = spoken.hresult;
		waiting.curl_code = spoken.curl_code;
		strcpy(waiting.text, "it failed");
	} else {
		waiting.http_status = spoken.http_status;
		waiting.body = spoken.body;
		waiting.body_len = spoken.body ? strlen(spoken.body) : 0;
	}
	is_waiting = true;
	return 0;
}

static int next_answer(struct ctm_transport *t, struct ctm_transport_answer *ret_answer)
{
	(void)t;
	if (!is_waiting)
		return 0;
	*ret_answer = waiting;
	is_waiting = false;
	return 1;
}

static void release(struct ctm_transport *t, struct ctm_transport_answer *answer)
{
	(void)t;
	free(answer->body);
	answer->body = NULL;
}

struct ctm_transport_table spoken_table = {
	.size = sizeof spoken_table,
	.abi_major = CTM_TRANSPORT_ABI_MAJOR,
	.abi_minor = CTM_TRANSPORT_ABI_MINOR,
	.name = "spoken",
	.ask = ask,
	.next_answer = next_answer,
	.release = release,
};

struct ctm_rpc spoken_rpc(const char *secret_file)
{
	static struct ctm_aria2 aria2;
	static char name[] = "b";
	static char url[] = "http://127.0.0.1:6800/jsonrpc";
	static char secret[4096];
	struct ctm_rpc rpc;

	aria2 = (struct ctm_aria2){.name = name, .rpc = url};
	if (secret_file) {
		strcpy(secret, secret_file);
		aria2.secret_file = secret;
	}
	ctm_rpc_init(&rpc, &aria2, &spoken_table, NULL);
	return rpc;
}
