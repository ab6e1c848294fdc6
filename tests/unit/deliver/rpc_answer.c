/* SPDX-License-Identifier: MIT */
#include "rpc_answer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(rpc_answer, .fini = ctm_test_check_leaks);

static struct ctm_error e;

static int result_of(const char *body, unsigned status, json_t **ret_result)
{
	*ret_result = NULL;
	return ctm_rpc_answer_result(body, body ? strlen(body) : 0, status, ret_result, &e);
}

static json_t *good(const char *body)
{
	json_t *result;

	cr_assert_eq(result_of(body, 200, &result), 0, "%s", e.text);
	return result;
}

Test(rpc_answer, what_is_no_result)
{
	static const struct {
		const char *body;
		unsigned status;
		int error;
		const char *complaint;
	} cases[] = {
		{NULL, 200, -EBADMSG, "no JSON"},
		{"", 404, -EBADMSG, "HTTP status 404"},
		{"<html>not found</html>", 404, -EBADMSG, "/jsonrpc"},
		{"<html>welcome</html>", 200, -EBADMSG, "no JSON"},
		{"{\"result\":", 200, -EBADMSG, "no JSON"},
		{"{\"result\":[]} more", 200, -EBADMSG, "no JSON"},
		{"[]", 200, -EBADMSG, "neither result nor error"},
		{"{}", 200, -EBADMSG, "neither result nor error"},
		{"{\"result\":[]}", 302, -EBADMSG, "HTTP status 302"},
		{"{\"error\":7}", 400, -EBADMSG, "no object"},
		{"{\"error\":{\"code\":1}}", 400, -EBADMSG, "message"},
		{"{\"error\":{\"code\":1,\"message\":\"Unauthorized\"}}", 400, -EACCES,
			"set secret_file"},
		{"{\"error\":{\"code\":1,\"message\":\"No such method: x\"}}", 400, -EREMOTEIO,
			"No such method: x"},
		{"{\"error\":{\"message\":\"\\u001b[2J\"}}", 500, -EREMOTEIO, "\\x1b"},
		{"{\"error\":{\"message\":\"GID 1 is not found\"}}", 400, -EREMOTEIO, "GID 1"},
		{"{\"result\":\"\xff\"", 200, -EBADMSG, "no JSON"},
	};
	json_t *result;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		cr_expect_eq(result_of(cases[i].body, cases[i].status, &result), cases[i].error,
			"case %zu: %s", i, e.text);
		cr_expect_null(result);
		cr_expect_eq(e.code, cases[i].error, "case %zu: %s", i, e.text);
		cr_expect_not_null(strstr(e.text, cases[i].complaint), "case %zu: %s", i, e.text);
	}
}

/* A thousand brackets, and a hundred thousand: both end. */
Test(rpc_answer, nested_without_end)
{
	static char body[100001];
	json_t *result;

	memset(body, '[', sizeof body - 1);
	cr_expect_eq(result_of(body, 200, &result), -EBADMSG);
}

/* One directory in another encoding must not hide all other downloads. */
Test(rpc_answer, bytes_that_are_not_utf8)
{
	json_t *result = good("{\"result\":[\"l\xe9/\xe2\x82\",\"l\xc3\xa9\"]}");

	cr_expect_eq(json_string_length(json_array_get(result, 0)), 5);
	cr_expect_eq(memcmp(json_string_value(json_array_get(result, 0)), "l\0/\0\0", 5), 0);
	cr_expect_str_eq(json_string_value(json_array_get(result, 1)), "l\xc3\xa9");
	json_decref(result);
}

Test(rpc_answer, version)
{
	static const struct {
		const char *body;
		int r;
		const char *version;
	} cases[] = {
		{"{\"result\":{\"version\":\"1.36.0\",\"enabledFeatures\":[]}}", 0, "1.36.0"},
		{"{\"result\":{\"version\":\"0123456789\"}}", 0, "0123456789"},
		{"{\"result\":{}}", -EBADMSG, ""},
		{"{\"result\":{\"version\":1}}", -EBADMSG, ""},
		{"{\"result\":[]}", -EBADMSG, ""},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		json_t *result = good(cases[i].body);
		char version[16] = "";

		cr_expect_eq(ctm_rpc_answer_version(result, version, sizeof version, &e),
			cases[i].r, "case %zu", i);
		cr_expect_str_eq(version, cases[i].version);
		json_decref(result);
	}
}

Test(rpc_answer, gids)
{
	json_t *result = good("{\"result\":[{\"gid\":\"00000000000000a1\"},"
			      "{\"gid\":\"00000000000000a2\"}]}");
	uint64_t *gids = NULL;
	size_t n = 0;

	cr_assert_eq(ctm_rpc_answer_gids(result, &gids, &n, &e), 0);
	cr_assert_eq(n, 2);
	cr_expect_eq(gids[1], 0xa2);
	free(gids);
	json_decref(result);
	result = good("{\"result\":[{\"gid\":\"00000000000000a1\"},{}]}");
	cr_expect_eq(ctm_rpc_answer_gids(result, &gids, &n, &e), -EBADMSG);
	json_decref(result);
	result = good("{\"result\":{}}");
	cr_expect_eq(ctm_rpc_answer_gids(result, &gids, &n, &e), -EBADMSG);
	json_decref(result);
}

#define DOWNLOAD(gid) "{\"gid\":\"" gid "\",\"status\":\"active\"}"
#define A1 DOWNLOAD("00000000000000a1")

Test(rpc_answer, list)
{
	json_t *result = good("{\"result\":[" A1 "," DOWNLOAD("00000000000000a2") "]}");
	struct ctm_reports reports = {0};

	cr_assert_eq(ctm_rpc_answer_list(result, 5, &reports, &e), 0, "%s", e.text);
	cr_assert_eq(reports.n, 2);
	cr_expect_eq(reports.items[1].gid, 0xa2);
	cr_expect_eq(reports.items[1].asked_ms, 5);
	json_decref(result);
	result = good("{\"result\":[" A1 ",7]}");
	cr_expect_eq(ctm_rpc_answer_list(result, 5, &reports, &e), -EBADMSG);
	json_decref(result);
	result = good("{\"result\":\"x\"}");
	cr_expect_eq(ctm_rpc_answer_list(result, 5, &reports, &e), -EBADMSG);
	json_decref(result);
	ctm_reports_done(&reports);
}

Test(rpc_answer, more_downloads_than_we_take)
{
	json_t *result = json_array();
	struct ctm_reports reports = {0};

	for (size_t i = 0; i <= CTM_REPORTS_MAX; i++)
		json_array_append_new(result, json_null());
	cr_expect_eq(ctm_rpc_answer_list(result, 5, &reports, &e), -E2BIG);
	cr_expect_not_null(strstr(e.text, "100000"), "%s", e.text);
	json_decref(result);
}

static const uint64_t gids[] = {0xa1, 0xa2};

Test(rpc_answer, a_gid_that_is_not_known)
{
	static const char *const messages[] = {
		"GID 00000000000000a2 is not found", "No such download for GID#00000000000000a2"};

	for (size_t i = 0; i < 2; i++) {
		json_t *result = json_pack("[[{s:s,s:s}],{s:i,s:s}]", "gid", "00000000000000a1",
			"status", "active", "code", 1, "message", messages[i]);
		struct ctm_reports reports = {0};

		cr_assert_eq(
			ctm_rpc_answer_status(result, gids, 2, 5, &reports, &e), 0, "%s", e.text);
		cr_assert_eq(reports.n, 2);
		cr_expect_eq(reports.items[0].status, CTM_REPORT_ACTIVE);
		cr_expect_eq(reports.items[1].gid, 0xa2);
		cr_expect_eq(reports.items[1].status, CTM_REPORT_UNKNOWN);
		cr_expect_eq(reports.items[1].asked_ms, 5);
		cr_expect_str_eq(reports.items[1].dir, "");
		ctm_reports_done(&reports);
		json_decref(result);
	}
}

Test(rpc_answer, calls_that_went_wrong)
{
	static const struct {
		const char *body;
		int error;
		const char *complaint;
	} cases[] = {
		{"{\"result\":[[" A1 "],{\"message\":\"Unauthorized\"}]}", -EACCES, "secret_file"},
		{"{\"result\":[[" A1 "],{\"message\":\"GID is bad\"}]}", -EREMOTEIO, "GID is bad"},
		{"{\"result\":[[" A1 "]]}", -EBADMSG, "answered 1 times"},
		{"{\"result\":[[" A1 "],[" A1 "]]}", -EBADMSG, "another gid"},
		{"{\"result\":[[" A1 "],[]]}", -EBADMSG, "no object"},
		{"{\"result\":[[" A1 "],7]}", -EBADMSG, "no object"},
		{"{\"result\":{}}", -EBADMSG, "no list"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		json_t *result = good(cases[i].body);
		struct ctm_reports reports = {0};

		cr_expect_eq(ctm_rpc_answer_status(result, gids, 2, 5, &reports, &e),
			cases[i].error, "case %zu: %s", i, e.text);
		cr_expect_not_null(strstr(e.text, cases[i].complaint), "case %zu: %s", i, e.text);
		ctm_reports_done(&reports);
		json_decref(result);
	}
}

static int count_option(const char *name, const char *value, void *context)
{
	unsigned *n = context;

	cr_expect(strcmp(name, "dir") == 0 ? strcmp(value, "/d") == 0 : value[0] == '\0', "%s=%s",
		name, value);
	return ++*n == 3 ? 7 : 0;
}

Test(rpc_answer, options)
{
	static const struct {
		const char *body;
		int r;
		unsigned n;
	} cases[] = {
		{"{\"result\":{}}", 0, 0},
		{"{\"result\":{\"dir\":\"/d\",\"x\":\"\"}}", 0, 2},
		{"{\"result\":{\"dir\":7,\"x\":[],\"y\":null,\"z\":\"\"}}", 0, 1},
		{"{\"result\":{\"1\":\"\",\"2\":\"\",\"3\":\"\",\"4\":\"\"}}", 7, 3},
		{"{\"result\":[]}", -EBADMSG, 0},
		{"{\"result\":\"dir\"}", -EBADMSG, 0},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		json_t *result = good(cases[i].body);
		unsigned n = 0;

		cr_expect_eq(ctm_rpc_answer_options(result, count_option, &n, &e), cases[i].r, "%s",
			cases[i].body);
		cr_expect_eq(n, cases[i].n, "%s", cases[i].body);
		json_decref(result);
	}
}
