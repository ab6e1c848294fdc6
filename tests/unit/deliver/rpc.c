/* SPDX-License-Identifier: MIT */
/* Batches, pages and what is done where an answer is too long, against an aria2 that is made up. */
#include "rpc.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "leaks.h"
#include "spoken.h"

TestSuite(rpc, .fini = ctm_test_check_leaks, .timeout = 60);

/* Downloads of each list; gids count from 1 in the order waiting, active, stopped. */
static size_t n_waiting, n_active, n_stopped;
static size_t file_bytes; /* what the files of one cost in an answer */
static size_t largest;    /* downloads of one answer */
static struct ctm_error e;

static bool wants(json_t *keys, const char *key)
{
	size_t i;
	json_t *value;

	json_array_foreach(keys, i, value)
	{
		if (strcmp(json_string_value(value), key) == 0)
			return true;
	}
	return false;
}

static json_t *download(uint64_t gid, json_t *keys)
{
	char text[17];
	json_t *object;

	snprintf(text, sizeof text, "%016" PRIx64, gid);
	object = json_pack("{s:s}", "gid", text);
	if (wants(keys, "status"))
		json_object_set_new(object, "status", json_string("active"));
	if (wants(keys, "files")) {
		char path[65536];

		memset(path, 'x', sizeof path);
		path[0] = '/';
		path[file_bytes] = '\0';
		json_object_set_new(object, "files",
			json_pack("[{s:s,s:s,s:s,s:s}]", "path", file_bytes ? path : "", "length",
				"1", "completedLength", "1", "selected", "true"));
	}
	return object;
}

static json_t *list(uint64_t first, size_t from, size_t n, size_t have, json_t *keys)
{
	json_t *array = json_array();

	for (size_t i = from; i < have && i < from + n; i++)
		json_array_append_new(array, download(first + i, keys));
	if (json_array_size(array) > largest)
		largest = json_array_size(array);
	return array;
}

static json_t *page(json_t *params, uint64_t first, size_t have)
{
	return list(first, (size_t)json_integer_value(json_array_get(params, 0)),
		(size_t)json_integer_value(json_array_get(params, 1)), have,
		json_array_get(params, 2));
}

/* Odd gids are known. */
static json_t *calls(json_t *params)
{
	json_t *array = json_array();
	json_t *one;
	size_t i;

	json_array_foreach(json_array_get(params, 0), i, one)
	{
		json_t *inner = json_object_get(one, "params");
		const uint64_t gid =
			strtoull(json_string_value(json_array_get(inner, 0)), NULL, 16);

		json_array_append_new(
			array, gid % 2 ? json_pack("[o]", download(gid, json_array_get(inner, 1)))
				       : json_pack("{s:i,s:s}", "code", 1, "message",
						 "No such download for GID#2"));
	}
	if (json_array_size(array) > largest)
		largest = json_array_size(array);
	return array;
}

static struct spoken answer(json_t *request)
{
	const char *method = json_string_value(json_object_get(request, "method"));
	json_t *params = json_object_get(request, "params");
	struct spoken spoken = {.http_status = 200};
	json_t *object;
	json_t *result;

	if (strcmp(method, "aria2.tellWaiting") == 0)
		result = page(params, 1, n_waiting);
	else if (strcmp(method, "aria2.tellActive") == 0)
		result = list(1 + n_waiting, 0, n_active, n_active, json_array_get(params, 0));
	else if (strcmp(method, "aria2.tellStopped") == 0)
		result = page(params, 1 + n_waiting + n_active, n_stopped);
	else if (strcmp(method, "system.multicall") == 0)
		result = calls(params);
	else
		result = json_pack("{s:s}", "version", "1.36.0");
	object = json_pack("{s:o}", "result", result);
	spoken.body = json_dumps(object, JSON_COMPACT);
	json_decref(object);
	return spoken;
}

static struct ctm_rpc begin(void)
{
	spoken_answer = answer;
	spoken_questions = 0;
	largest = 0;
	return spoken_rpc(NULL);
}

/* All gids from 1 on, once each and in order. */
static void expect_all(const struct ctm_reports *reports, size_t n)
{
	cr_assert_eq(reports->n, n, "%zu", reports->n);
	for (size_t i = 0; i < n; i++)
		cr_assert_eq(reports->items[i].gid, i + 1);
}

Test(rpc, batches)
{
	struct ctm_rpc rpc = begin();
	struct ctm_reports reports = {0};
	uint64_t gids[150];

	for (size_t i = 0; i < 150; i++)
		gids[i] = i + 1;
	cr_assert_eq(ctm_rpc_ask(&rpc, gids, 150, &reports, &e), 0, "%s", e.text);
	expect_all(&reports, 150);
	cr_expect_eq(spoken_questions, 3);
	cr_expect_eq(largest, CTM_RPC_BATCH);
	cr_expect_eq(reports.items[0].status, CTM_REPORT_ACTIVE);
	cr_expect_eq(reports.items[1].status, CTM_REPORT_UNKNOWN);
	cr_expect_str_eq(e.text, "");
	cr_expect_gt(reports.items[0].asked_ms, 0);
	cr_assert_eq(ctm_rpc_ask(&rpc, gids, 0, &reports, &e), 0);
	cr_expect_eq(spoken_questions, 3);
	ctm_reports_done(&reports);
}

Test(rpc, pages)
{
	static const struct {
		size_t waiting, active, stopped;
		size_t questions;
	} cases[] = {{0, 0, 0, 3}, {1, 2, 3, 3}, {199, 1, 200, 4}, {450, 0, 401, 7}};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ctm_rpc rpc = begin();
		struct ctm_reports reports = {0};

		n_waiting = cases[i].waiting;
		n_active = cases[i].active;
		n_stopped = cases[i].stopped;
		cr_assert_eq(ctm_rpc_ask_all(&rpc, &reports, &e), 0, "%s", e.text);
		expect_all(&reports, n_waiting + n_active + n_stopped);
		cr_expect_eq(spoken_questions, cases[i].questions, "%zu", spoken_questions);
		ctm_reports_done(&reports);
	}
}

Test(rpc, answers_that_are_too_long)
{
	struct ctm_rpc rpc = begin();
	struct ctm_reports reports = {0};

	/* Ten fit at a time; the active ones are asked for by gid, of which only odd are known. */
	n_waiting = 250;
	n_active = 31;
	n_stopped = 205;
	file_bytes = 1000;
	spoken_limit = 12000;
	cr_assert_eq(ctm_rpc_ask_all(&rpc, &reports, &e), 0, "%s", e.text);
	expect_all(&reports, 486);
	for (size_t i = 0; i < reports.n; i++)
		cr_expect_eq(reports.items[i].n_files,
			reports.items[i].status != CTM_REPORT_UNKNOWN, "%zu", i);
	ctm_reports_done(&reports);
}

/* Its status is still told. */
Test(rpc, a_single_download_that_is_too_long)
{
	const uint64_t gids[] = {1, 3, 5};
	struct ctm_rpc rpc = begin();
	struct ctm_reports reports = {0};

	file_bytes = 1000;
	spoken_limit = 900;
	cr_assert_eq(ctm_rpc_ask(&rpc, gids, 3, &reports, &e), 0, "%s", e.text);
	cr_assert_eq(reports.n, 3);
	for (size_t i = 0; i < 3; i++) {
		cr_expect_eq(reports.items[i].status, CTM_REPORT_ACTIVE);
		cr_expect_eq(reports.items[i].n_files, 0);
	}
	spoken_limit = 10;
	cr_expect_eq(ctm_rpc_ask(&rpc, gids, 3, &reports, &e), -EMSGSIZE);
	cr_expect_eq(reports.n, 3, "what was there stays, what was appended is taken back");
	cr_expect_eq(ctm_rpc_ask_all(&rpc, &reports, &e), -EMSGSIZE);
	ctm_reports_done(&reports);
}

Test(rpc, version)
{
	char version[CTM_RPC_VERSION_SIZE];
	struct ctm_rpc rpc = begin();

	cr_assert_eq(ctm_rpc_ask_version(&rpc, version, &e), 0, "%s", e.text);
	cr_expect_str_eq(version, "1.36.0");
}

static struct spoken refuse(json_t *request)
{
	(void)request;
	return (struct spoken){.hresult = CTM_TRANSPORT_HR_CANNOT_CONNECT};
}

Test(rpc, the_text_says_who)
{
	char version[CTM_RPC_VERSION_SIZE];
	struct ctm_rpc rpc = begin();

	spoken_answer = refuse;
	cr_expect_eq(ctm_rpc_ask_version(&rpc, version, &e), -ECONNREFUSED);
	cr_expect_str_eq(
		e.text, "[aria2.b] rpc \"http://127.0.0.1:6800/jsonrpc\": it failed", "%s", e.text);
}
