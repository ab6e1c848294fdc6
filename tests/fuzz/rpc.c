/* SPDX-License-Identifier: MIT */
/*
 * What aria2, or whoever sits in its place, answers: reports hold canonical paths, numbers within
 * their bounds and the gid that was asked for, or there are none; complaints are one visible line;
 * what is said of a failure has no user and no password of a URI in it.
 *
 * Input: what was asked, the HTTP status (one byte: 200 where it is even), the body.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "blame.h"
#include "fuzz.h"
#include "path.h"
#include "rpc_answer.h"
#include "utf.h"

static const uint64_t gids[] = {UINT64_C(0x2089b05ecca3d829), 2, 3};

static void check_error(int r, const struct ctm_error *e)
{
	FUZZ_CHECK(r == -EBADMSG || r == -EACCES || r == -EREMOTEIO || r == -E2BIG);
	FUZZ_CHECK(e->code == r && e->text[0]);
}

static void check_path(const char *path)
{
	CTM_CLEANUP_FREE char *tidy = NULL;

	if (*path)
		FUZZ_CHECK(*path == '/' && ctm_path_tidy(path, NULL, &tidy) == 0 &&
			   strcmp(tidy, path) == 0);
}

/* The user and password of the URI with the "@" behind them; NULL: it has none, or not plainly. */
static char *userinfo_of(const char *uri)
{
	const char *host = strstr(uri, "://");
	const char *at = NULL;

	if (!host || strpbrk(uri, " \t\r\n\"'"))
		return NULL;
	host += 3;
	at = memrchr(host, '@', strcspn(host, "/?#"));
	return at && at > host ? fuzz_copy(host, (size_t)(at + 1 - host)) : NULL;
}

static void check_description(struct ctm_report *report, const char *uri)
{
	char text[1024];
	char *secret = userinfo_of(uri);
	char *message = report->error_message;

	FUZZ_CHECK(ctm_blame_describe(report, NULL, text, sizeof text)[0]);
	if (!secret || strstr(message, secret)) {
		free(secret);
		return;
	}
	FUZZ_CHECK(!strstr(text, secret));
	/* aria2 says the URI in its own words, too. */
	report->error_message = ctm_path_join("URI=", uri);
	FUZZ_CHECK(!strstr(ctm_blame_describe(report, NULL, text, sizeof text), secret));
	free(report->error_message);
	report->error_message = message;
	free(secret);
}

static void check_report(struct ctm_report *report)
{
	FUZZ_CHECK(report->gid && report->bytes <= INT64_MAX && report->done <= INT64_MAX);
	FUZZ_CHECK(report->status >= CTM_REPORT_ACTIVE && report->status <= CTM_REPORT_UNKNOWN);
	FUZZ_CHECK(report->error_message && report->dir && report->asked_ms == 5);
	check_path(report->dir);
	for (size_t i = 0; i < report->n_files; i++) {
		CTM_CLEANUP_FREE char *path = NULL;

		check_path(report->files[i].path);
		FUZZ_CHECK(
			report->files[i].bytes <= INT64_MAX && report->files[i].done <= INT64_MAX);
		FUZZ_CHECK(ctm_blame_path(report, &report->files[i], &path) == 0);
		/* It is the file's own, or one right below the download's directory. */
		if (path && !report->files[i].path[0])
			FUZZ_CHECK(ctm_path_below(path, report->dir) &&
				   !strchr(ctm_path_below(path, report->dir), '/'));
		if (i == 0 && report->files[i].selected)
			check_description(report, report->files[i].uri);
	}
}

static void check_reports(json_t *result, uint8_t what)
{
	struct ctm_reports reports = {0};
	struct ctm_error e = CTM_ERROR_INIT;
	const size_t n = what % 4;
	const int r = what & 4 ? ctm_rpc_answer_list(result, 5, &reports, &e)
			       : ctm_rpc_answer_status(result, gids, n, 5, &reports, &e);

	if (r < 0) {
		check_error(r, &e);
	} else {
		FUZZ_CHECK(reports.n == json_array_size(result));
		for (size_t i = 0; i < reports.n; i++)
			FUZZ_CHECK(what & 4 || reports.items[i].gid == gids[i]);
	}
	for (size_t i = 0; i < reports.n; i++)
		check_report(&reports.items[i]);
	ctm_reports_done(&reports);
}

static void check_gids(json_t *result)
{
	struct ctm_error e = CTM_ERROR_INIT;
	uint64_t *list = NULL;
	size_t n = 0;
	const int r = ctm_rpc_answer_gids(result, &list, &n, &e);

	if (r < 0) {
		check_error(r, &e);
		FUZZ_CHECK(!list);
		return;
	}
	FUZZ_CHECK(n == json_array_size(result));
	for (size_t i = 0; i < n; i++)
		FUZZ_CHECK(list[i]);
	free(list);
}

static void check_version(json_t *result)
{
	struct ctm_error e = CTM_ERROR_INIT;
	char version[32] = "";
	const int r = ctm_rpc_answer_version(result, version, sizeof version, &e);

	if (r < 0)
		check_error(r, &e);
	else
		FUZZ_CHECK(strlen(version) < sizeof version && e.code == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	const uint8_t what = fuzz_take_byte(&in);
	const uint8_t status = fuzz_take_byte(&in);
	char *body = fuzz_copy(in.data, in.len);
	struct ctm_error e = CTM_ERROR_INIT;
	json_t *result = NULL;
	const int r =
		ctm_rpc_answer_result(body, in.len, status & 1 ? 200 + status : 200, &result, &e);

	if (r < 0) {
		check_error(r, &e);
		FUZZ_CHECK(!result);
	} else {
		/* What is UTF-8 is what jansson makes of it. */
		if (ctm_utf8_valid(body, in.len)) {
			json_t *root = json_loadb(body, in.len, JSON_ALLOW_NUL, NULL);

			FUZZ_CHECK(json_equal(json_object_get(root, "result"), result));
			json_decref(root);
		}
		check_reports(result, what);
		check_gids(result);
		check_version(result);
	}
	json_decref(result);
	free(body);
	return 0;
}
