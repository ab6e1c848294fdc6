/* SPDX-License-Identifier: MIT */
#include "rpc_call.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>

#include <criterion/criterion.h>

#include "courier.h"
#include "scratch.h"
#include "spoken.h"

TestSuite(rpc_call, .init = scratch_init, .fini = scratch_done);

static struct spoken said;
static char params[4096];
static struct ctm_error e;

static struct spoken answer(json_t *request)
{
	char *text = json_dumps(json_object_get(request, "params"), JSON_COMPACT);
	struct spoken copy = said;

	strcpy(params, text);
	free(text);
	copy.body = said.body ? strdup(said.body) : NULL;
	return copy;
}

static int call(const char *secret_file)
{
	const struct ctm_rpc_request request = {.method = CTM_RPC_VERSION};
	struct ctm_rpc rpc = spoken_rpc(secret_file);
	json_t *result = NULL;
	int r;

	spoken_answer = answer;
	r = ctm_rpc_call(&rpc, &request, &result, &e);
	cr_expect_eq(!result, r < 0);
	json_decref(result);
	return r;
}

Test(rpc_call, with_a_secret_and_without)
{
	static char body[] = "{\"result\":{}}";
	const char *secret = scratch_write("secret", "hush\n");

	said = (struct spoken){.http_status = 200, .body = body};
	cr_expect_eq(call(NULL), 0, "%s", e.text);
	cr_expect_str_eq(params, "[]");
	cr_assert_eq(chmod(secret, 0600), 0);
	cr_expect_eq(call(secret), 0, "%s", e.text);
	cr_expect_str_eq(params, "[\"token:hush\"]");
	cr_assert_eq(chmod(secret, 0644), 0);
	spoken_questions = 0;
	cr_expect_eq(call(secret), -EPERM);
	cr_expect_eq(call(scratch_path("none")), -ENOENT);
	cr_expect_eq(spoken_questions, 0);
}

Test(rpc_call, failures_of_transport)
{
	static const struct {
		uint32_t hresult;
		int error;
	} cases[] = {
		{0x80072EFD, -ECONNREFUSED},
		{0x80072EE2, -ETIMEDOUT},
		{0x800700EA, -EMSGSIZE},
		{0x8007000E, -ENOMEM},
		{0x80072F78, -ECOMM},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		said = (struct spoken){.hresult = cases[i].hresult};
		cr_expect_eq(call(NULL), cases[i].error, "case %zu", i);
		cr_expect_str_eq(e.text, "it failed");
	}
}

static unsigned failures_to_come;

static struct spoken fail_at_first(json_t *request)
{
	static char body[] = "{\"result\":{}}";

	if (failures_to_come && failures_to_come--)
		return said;
	(void)request;
	return (struct spoken){.http_status = 200, .body = strdup(body)};
}

/* Two failures, and an answer: how often it was asked, and what came of it. */
static int call_after_failures(struct spoken failure)
{
	const struct ctm_rpc_request request = {.method = CTM_RPC_VERSION};
	struct ctm_rpc rpc = spoken_rpc(NULL);
	json_t *result = NULL;
	int r;

	said = failure;
	failures_to_come = 2;
	spoken_questions = 0;
	spoken_answer = fail_at_first;
	r = ctm_rpc_call(&rpc, &request, &result, &e);
	json_decref(result);
	return r;
}

Test(rpc_call, asked_again_where_the_fault_is_ours)
{
	static const struct spoken ours[] = {
		{.hresult = CTM_COURIER_HR_LOST},         /* the process was lost */
		{.hresult = 0x8007000E},                  /* short of memory, */
		{.hresult = 0x80072F78, .curl_code = 27}, /* as libcurl says it, */
		{.hresult = 0x80072EE7, .curl_code = 6},  /* or does not */
	};

	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
		cr_expect_eq(call_after_failures(ours[i]), 0, "case %zu: %s", i, e.text);
		cr_expect_eq(spoken_questions, 3, "case %zu", i);
	}
	cr_expect_eq(call_after_failures((struct spoken){.hresult = 0x80072EFD}), -ECONNREFUSED);
	cr_expect_eq(spoken_questions, 1);
}

Test(rpc_call, a_module_of_minor_0)
{
	spoken_table.size = offsetof(struct ctm_transport_table, ask);
	cr_expect_eq(call(NULL), -ENOSYS);
	cr_expect_not_null(strstr(e.text, "can only send"), "%s", e.text);
	spoken_table.size = sizeof spoken_table;
	spoken_table.ask = NULL;
	cr_expect_eq(call(NULL), -ENOSYS);
}
