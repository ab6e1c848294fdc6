/* SPDX-License-Identifier: MIT */
/* What aria2 is asked, against several that are made up. */
#include "ask.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "aria2s.h"
#include "hresult.h"
#include "sides.h"
#include "spoken.h"
#include "world.h"

TestSuite(ask, .init = world_init, .fini = world_done, .timeout = 60);

#define FIRST "http://127.0.0.1:6801/jsonrpc"
#define SECOND "http://127.0.0.1:6802/jsonrpc"

static const struct world_file files[] = {{"a", 5, 0x11}, {"b", 6, 0x22}};

/* What the two have: a gid each, 0 for none; whether they answer at all; how often each was asked.
 */
static struct {
	const char *url;
	uint64_t gid;
	const char *status;
	const char *path;
	bool is_down;
	unsigned asked;
} aria2s[2];

static json_t *download(const char *status, uint64_t gid, const char *path)
{
	char text[17];

	snprintf(text, sizeof text, "%016" PRIx64, gid);
	return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:[{s:s,s:s,s:s,s:s,s:[]}]}", "gid", text,
		"status", status, "totalLength", "5", "completedLength", "5", "errorCode",
		strcmp(status, "error") == 0 ? "3" : "0", "errorMessage",
		strcmp(status, "error") == 0 ? "Resource not found" : "", "dir", world.dl, "files",
		"path", path, "length", "5", "completedLength", "5", "selected", "true", "uris");
}

static json_t *statuses(json_t *params, size_t who)
{
	json_t *array = json_array();
	json_t *one;
	size_t i;

	json_array_foreach(json_array_get(params, 0), i, one)
	{
		const uint64_t gid = strtoull(
			json_string_value(json_array_get(json_object_get(one, "params"), 0)), NULL,
			16);

		json_array_append_new(array,
			gid == aria2s[who].gid ? json_pack("[o]", download(aria2s[who].status, gid,
									  aria2s[who].path))
					       : json_pack("{s:i,s:s}", "code", 1, "message",
							 "No such download for GID#1"));
	}
	return array;
}

static struct spoken answer(json_t *request)
{
	const char *method = json_string_value(json_object_get(request, "method"));
	json_t *params = json_object_get(request, "params");
	const size_t who = strcmp(spoken_url, FIRST) == 0 ? 0 : 1;
	json_t *result;
	json_t *object;
	struct spoken spoken = {.http_status = 200};

	aria2s[who].asked++;
	if (aria2s[who].is_down)
		return (struct spoken){.hresult = CTM_TRANSPORT_HR_CANNOT_CONNECT};
	if (strcmp(method, "system.multicall") == 0)
		result = statuses(params, who);
	else if (strcmp(method, "aria2.tellStopped") == 0 && aria2s[who].gid)
		result = json_pack(
			"[o]", download(aria2s[who].status, aria2s[who].gid, aria2s[who].path));
	else
		result = json_array();
	object = json_pack("{s:o}", "result", result);
	spoken.body = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	return spoken;
}

static struct ctm_ask ask;
static struct ctm_fold fold;

static int load_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	(void)context;
	(void)e;
	return ctm_ask_load(txn, &ask);
}

static void load(bool poll)
{
	ask = (struct ctm_ask){.config = world.config, .poll = poll};
	world_update(load_body, NULL);
}

static void ask_them(void)
{
	spoken_answer = answer;
	cr_assert_eq(ctm_ask(&ask, &spoken_table, NULL), 0);
}

static int fold_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	int r = ctm_ask_fold(txn, &ask, &fold);

	(void)context;
	(void)e;
	return r < 0 ? r : ctm_fold_decide(txn, &fold);
}

static void fold_answers(void)
{
	fold = (struct ctm_fold)CTM_FOLD_INIT(world.config);
	fold.now = ctm_clock_now();
	world_update(fold_body, NULL);
	ctm_fold_done(&fold);
	ctm_ask_done(&ask);
}

/* Two aria2s, and a job of two files of which one has failed, by the hook. */
static uint32_t begin(void)
{
	uint32_t job = world_add_listed(1, files, 2);

	aria2s[0].url = FIRST;
	aria2s[1].url = SECOND;
	aria2s[0].status = aria2s[1].status = "error";
	aria2s[0].path = aria2s[1].path = world_path("a");
	aria2s_add("first", FIRST);
	aria2s_add("second", SECOND);
	world_fold_one(CTM_EVENT_ERROR, 0x11, 1, "");
	cr_assert_eq(aria2s_questions(), 1);
	cr_assert_eq(world_job(job).state, CTM_JOB_OPEN);
	return job;
}

static void expect_error(uint32_t job, uint32_t hresult, const char *text)
{
	const struct ctm_message message = world_message(job);

	cr_assert_not_null(message.source);
	cr_expect_eq(message.kind, CTM_MESSAGE_ERROR);
	cr_expect_eq(message.error_code, hresult, "0x%08x: %s", message.error_code,
		message.error_message);
	cr_expect_not_null(strstr(message.error_message, text), "%s", message.error_message);
	cr_expect_eq(aria2s_questions(), 0);
}

Test(ask, is_needed)
{
	world_add_listed(1, files, 2);
	load(false);
	cr_expect_not(ctm_ask_is_needed(&ask));
	ask.poll = true;
	cr_expect_not(ctm_ask_is_needed(&ask), "there is nobody to ask");
	aria2s_add("first", FIRST);
	cr_expect(ctm_ask_is_needed(&ask));
	ask.poll = false;
	cr_expect_not(ctm_ask_is_needed(&ask), "there is nothing to ask");
	ctm_ask_done(&ask);
	world_fold_one(CTM_EVENT_ERROR, 0x11, 1, "");
	load(false);
	cr_expect_eq(ask.n_events, 1);
	cr_expect_eq(ask.events[0].gid, 0x11);
	cr_expect_eq(ask.events[0].type, CTM_EVENT_ERROR);
	cr_expect(ctm_ask_is_needed(&ask));
	ctm_ask_done(&ask);
	ctm_ask_done(&ask);
}

Test(ask, the_first_knows)
{
	uint32_t job = begin();

	aria2s[0].gid = 0x11;
	load(false);
	ask_them();
	cr_expect_eq(aria2s[0].asked, 1);
	cr_expect_eq(aria2s[1].asked, 0, "nothing is left to ask");
	cr_expect_eq(ask.error.code, 0);
	fold_answers();
	expect_error(job, 0x80190194, world_path("a"));
}

Test(ask, the_second_knows)
{
	uint32_t job = begin();

	aria2s[1].gid = 0x11;
	load(false);
	ask_them();
	cr_expect_eq(aria2s[1].asked, 1);
	fold_answers();
	expect_error(job, 0x80190194, world_path("a"));
}

Test(ask, one_does_not_answer)
{
	uint32_t job = begin();

	aria2s[0].is_down = true;
	aria2s[1].gid = 0x11;
	load(true);
	ask_them();
	cr_expect_eq(ask.error.code, -ECONNREFUSED);
	cr_expect_not_null(strstr(ask.error.text, "[aria2.first]"), "%s", ask.error.text);
	cr_expect_not(ask.whole);
	fold_answers();
	expect_error(job, 0x80190194, world_path("a"));
}

/* A question is asked once: nobody waits for an aria2 that does not come back. */
Test(ask, nobody_answers)
{
	uint32_t job = begin();

	aria2s[0].is_down = aria2s[1].is_down = true;
	load(false);
	ask_them();
	fold_answers();
	expect_error(job, CTM_E_FAIL, "[aria2.first]");
}

Test(ask, nobody_knows)
{
	uint32_t job = begin();

	load(false);
	ask_them();
	cr_expect_eq(ask.answers.n, 1);
	cr_expect_eq(ask.answers.items[0].status, CTM_REPORT_UNKNOWN);
	fold_answers();
	expect_error(job, CTM_E_FAIL, "no longer knows it");
}

/* With a timeout what can't be explained is remembered. */
Test(ask, nobody_knows_and_the_job_waits)
{
	uint32_t job = begin();

	sides_set_timeout(job, 3600);
	load(false);
	ask_them();
	fold_answers();
	cr_expect_eq(world_job(job).state, CTM_JOB_OPEN);
	cr_expect_eq(world_file(job, 1).cause, CTM_E_FAIL);
	cr_expect(world_file(job, 1).given_up);
	cr_expect_null(world_message(job).source);
	cr_expect_eq(aria2s_questions(), 0);
}

/* An error of no job that is known waits for the sidecar that may come a moment later. */
Test(ask, of_no_job)
{
	uint32_t job = begin();

	world_fold_one(CTM_EVENT_ERROR, 0x77, 1, "");
	cr_expect_eq(world_unclaimed(), 0, "the question has it");
	aria2s[0].gid = 0x77;
	aria2s[0].path = world_path("elsewhere");
	load(false);
	ask_them();
	fold_answers();
	cr_expect_eq(world_job(job).state, CTM_JOB_FAILED, "its own question was answered too");
	cr_expect_eq(aria2s_questions(), 0);
	cr_expect_eq(world_unclaimed(), 1);
}

/* It was removed by somebody, who may add it again. */
Test(ask, removed)
{
	uint32_t job = begin();

	aria2s[0].gid = 0x11;
	aria2s[0].status = "removed";
	load(false);
	ask_them();
	fold_answers();
	cr_expect_eq(world_job(job).state, CTM_JOB_OPEN);
	cr_expect_eq(world_file(job, 1).cause, CTM_E_CANCELLED);
	cr_expect_not(world_file(job, 1).given_up);
	cr_expect_eq(aria2s_questions(), 0);
}

/* Meanwhile somebody took every [aria2] out of the configuration. */
Test(ask, nobody_is_left_to_ask)
{
	uint32_t job = begin();

	aria2s_remove();
	load(false);
	cr_expect_eq(ask.n_events, 1);
	cr_expect_not(ctm_ask_is_needed(&ask));
	cr_assert_eq(ctm_ask(&ask, NULL, NULL), 0);
	fold_answers();
	expect_error(job, CTM_E_FAIL, "is configured");
}

/* Of a torrent's files the hook names the first: where aria2 can't list them, that says nothing. */
Test(ask, a_torrent_that_nobody_knows)
{
	uint32_t job = begin();

	world_fold_one(CTM_EVENT_COMPLETE, 0x99, 3, "b");
	cr_assert_eq(aria2s_questions(), 2);
	sides_set_timeout(job, 3600);
	load(false);
	ask_them();
	fold_answers();
	cr_expect_eq(world_job(job).files_evident, 0);
	cr_expect_eq(aria2s_questions(), 0);
}

Test(ask, poll)
{
	uint32_t job = begin();

	sides_set_timeout(job, 3600);
	scratch_write("dl/a", "12345");
	scratch_write("dl/b", "12345");
	aria2s[0].gid = 0x11;
	aria2s[0].status = "complete";
	aria2s[1].gid = 0x22;
	aria2s[1].status = "complete";
	aria2s[1].path = world_path("b");
	load(true);
	ask_them();
	cr_expect(ask.whole);
	cr_expect_eq(ask.all.n, 2);
	fold_answers();
	cr_expect_eq(world_job(job).files_evident, 2, "no hook has said so");
	cr_expect_eq(world_job(job).state, CTM_JOB_VERIFYING);
}

/* What stands there is larger than what aria2 speaks of: it is another file. */
Test(ask, poll_of_another_size)
{
	uint32_t job = begin();

	sides_set_timeout(job, 3600);
	scratch_write("dl/b", "123456");
	aria2s[1].gid = 0x22;
	aria2s[1].status = "complete";
	aria2s[1].path = world_path("b");
	load(true);
	ask_them();
	fold_answers();
	cr_expect_eq(world_job(job).files_evident, 0);
}

/* An [aria2] without rpc is none. */
Test(ask, without_rpc)
{
	begin();
	free(world.config->aria2s[0].rpc);
	world.config->aria2s[0].rpc = NULL;
	load(false);
	ask_them();
	cr_expect_eq(aria2s[0].asked, 0);
	cr_expect_eq(aria2s[1].asked, 1);
	ctm_ask_done(&ask);
}

static int many_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct ctm_stamp now = ctm_clock_now();
	int r = 0;

	(void)context;
	(void)e;
	for (uint64_t gid = 1000; r == 0 && gid < 2100; gid++) {
		const struct ctm_event event = world_event(CTM_EVENT_ERROR, gid, 1, "");

		r = ctm_store_question_put(txn, &event, &now);
	}
	return r;
}

/* So many are asked at once, the others the next time. */
Test(ask, many)
{
	begin();
	world_update(many_body, NULL);
	cr_assert_eq(aria2s_questions(), 1101);
	load(false);
	cr_expect_eq(ask.n_events, 1024);
	ask_them();
	fold_answers();
	cr_expect_eq(aria2s_questions(), 77);
	load(false);
	ask_them();
	fold_answers();
	cr_expect_eq(aria2s_questions(), 0);
}
