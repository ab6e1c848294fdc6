/* SPDX-License-Identifier: MIT */
#include "rpc_answer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rpc_download.h"
#include "rpc_field.h"
#include "rpc_memory.h"
#include "utf.h"

#define REASON_MAX 200 /* bytes of aria2's words in a text */

/* Each byte that is no part of a character becomes a NUL as JSON has it, 6 bytes long. */
static void add_repaired(struct ctm_buf *out, const char *body, size_t len)
{
	while (len) {
		const size_t n = ctm_utf8_next(body, len, NULL);

		if (n)
			ctm_buf_add(out, body, n);
		else
			ctm_buf_add_str(out, "\\u0000");
		body += n ? n : 1;
		len -= n ? n : 1;
	}
}

static int load(const char *body, size_t len, json_t **ret_root, struct ctm_error *e)
{
	CTM_CLEANUP_BUF struct ctm_buf repaired = CTM_BUF_INIT(len * 6);
	const unsigned failures = ctm_rpc_memory_failures();
	json_error_t error;

	if (!ctm_utf8_valid(body, len)) {
		add_repaired(&repaired, body, len);
		if (repaired.error)
			return ctm_error_set(e, -ENOMEM, "no memory to read aria2's answer");
		body = repaired.data;
		len = repaired.len;
	}
	*ret_root = json_loadb(body, len, JSON_ALLOW_NUL, &error);
	/* Where memory runs out in a text jansson goes on without, or calls it a wrong one. */
	if (ctm_rpc_memory_failures() != failures) {
		json_decref(*ret_root);
		*ret_root = NULL;
		return ctm_error_set(e, -ENOMEM, "no memory to read aria2's answer");
	}
	if (*ret_root)
		return 0;
	return ctm_error_set(
		e, -EBADMSG, "the answer is no JSON: %s at byte %d", error.text, error.position);
}

static bool is_unknown_gid(const char *message)
{
	const char *end = " is not found";
	const size_t len = strlen(message);

	if (strncmp(message, "No such download for GID#", 25) == 0)
		return true;
	return strncmp(message, "GID ", 4) == 0 && len > strlen(end) &&
	       strcmp(message + len - strlen(end), end) == 0;
}

/* {"code": 1, "message": "..."}. -ENOENT: the gid is not known. */
static int judge_error(json_t *error, struct ctm_error *e)
{
	CTM_CLEANUP_BUF struct ctm_buf reason = CTM_BUF_INIT(CTM_UTF8_VISIBLE(REASON_MAX));
	struct ctm_rpc_fields f = ctm_rpc_fields_of(error, e);
	const char *message;

	ctm_rpc_field_need(&f, "message");
	message = ctm_rpc_field_text(&f, "message");
	if (f.error)
		return f.error;
	message = message ? message : "";
	if (strcmp(message, "Unauthorized") == 0)
		return ctm_error_set(e, -EACCES,
			"aria2 does not take the secret: set secret_file of this section to a file "
			"whose first line is aria2's rpc-secret");
	ctm_utf8_add_visible(&reason, message, REASON_MAX);
	return ctm_error_set(e, is_unknown_gid(message) ? -ENOENT : -EREMOTEIO,
		"aria2 answered: %s", reason.data ? reason.data : "an error without a reason");
}

static int judge_root(json_t *root, unsigned http_status, json_t **ret_result, struct ctm_error *e)
{
	json_t *error = json_object_get(root, "error");
	json_t *result = json_object_get(root, "result");

	if (error) {
		const int r = judge_error(error, e);

		if (r != -ENOENT)
			return r;
		/* An unknown gid is news only where that gid alone was asked for. */
		if (e)
			e->code = -EREMOTEIO;
		return -EREMOTEIO;
	}
	if (http_status == 200 && result) {
		*ret_result = json_incref(result);
		return 0;
	}
	return ctm_error_set(e, -EBADMSG,
		"what answers is not aria2's JSON-RPC (HTTP status %u, neither result nor error): "
		"rpc should be like http://127.0.0.1:6800/jsonrpc",
		http_status);
}

int ctm_rpc_answer_result(const char *body, size_t len, unsigned http_status, json_t **ret_result,
	struct ctm_error *e)
{
	json_t *root = NULL;
	int r = load(body ? body : "", len, &root, e);

	/* A page for people, say: its status tells more than what is wrong with it as JSON. */
	if (r == 0 || (r == -EBADMSG && http_status != 200))
		r = judge_root(root, http_status, ret_result, e);
	json_decref(root);
	return r;
}

int ctm_rpc_answer_version(json_t *result, char *ret_version, size_t size, struct ctm_error *e)
{
	CTM_CLEANUP_BUF struct ctm_buf shown = CTM_BUF_INIT(CTM_UTF8_VISIBLE(size));
	struct ctm_rpc_fields f = ctm_rpc_fields_of(result, e);
	const char *version;

	ctm_rpc_field_need(&f, "version");
	version = ctm_rpc_field_text(&f, "version");
	if (f.error)
		return f.error;
	ctm_utf8_add_visible(&shown, version ? version : "", size - 4);
	if (shown.error)
		return ctm_error_set(e, shown.error, "no memory to read aria2's answer");
	snprintf(ret_version, size, "%s", shown.data ? shown.data : "");
	return 0;
}

static int check_list(json_t *result, struct ctm_error *e)
{
	if (!json_is_array(result))
		return ctm_error_set(e, -EBADMSG, "aria2's answer has no list where one should be");
	if (json_array_size(result) > CTM_REPORTS_MAX)
		return ctm_error_set(
			e, -E2BIG, "aria2 knows more than %u downloads", (unsigned)CTM_REPORTS_MAX);
	return 0;
}

int ctm_rpc_answer_options(
	json_t *result, ctm_rpc_option_visitor *visit, void *context, struct ctm_error *e)
{
	const char *name;
	json_t *value;
	int r = 0;

	if (!json_is_object(result))
		return ctm_error_set(e, -EBADMSG, "aria2's answer has no options");
	json_object_foreach(result, name, value)
	{
		if (r == 0 && json_is_string(value))
			r = visit(name, json_string_value(value), context);
	}
	return r < 0 ? ctm_error_set(e, r, "cannot read aria2's options: %s", strerror(-r)) : r;
}

int ctm_rpc_answer_gids(json_t *result, uint64_t **ret_gids, size_t *ret_n, struct ctm_error *e)
{
	CTM_CLEANUP_FREE uint64_t *gids = NULL;
	const size_t n = json_array_size(result);
	int r = check_list(result, e);

	if (r < 0)
		return r;
	gids = calloc(n + 1, sizeof *gids);
	if (!gids)
		return ctm_error_set(e, -ENOMEM, "no memory for aria2's answer");
	for (size_t i = 0; r == 0 && i < n; i++)
		r = ctm_rpc_download_gid(json_array_get(result, i), &gids[i], e);
	if (r < 0)
		return r;
	*ret_gids = gids;
	*ret_n = n;
	gids = NULL;
	return 0;
}

/* Takes it whatever happens. */
static int take(struct ctm_reports *reports, struct ctm_report *report, struct ctm_error *e)
{
	int r = ctm_reports_take(reports, report);

	ctm_report_done(report);
	if (r == -E2BIG)
		return ctm_error_set(e, r, "aria2 knows more than %u downloads or %u files",
			(unsigned)CTM_REPORTS_MAX, (unsigned)CTM_REPORTS_FILES_MAX);
	return r < 0 ? ctm_error_set(e, r, "no memory for aria2's answer") : 0;
}

static int read_report(
	json_t *download, int64_t asked_ms, struct ctm_report *ret_report, struct ctm_error *e)
{
	int r = ctm_rpc_download_read(download, asked_ms, ret_report, e);

	return r == -ENOMEM ? ctm_error_set(e, r, "no memory for aria2's answer") : r;
}

int ctm_rpc_answer_list(
	json_t *result, int64_t asked_ms, struct ctm_reports *reports, struct ctm_error *e)
{
	const size_t n = json_array_size(result);
	int r = check_list(result, e);

	for (size_t i = 0; r == 0 && i < n; i++) {
		struct ctm_report report = {0};

		r = read_report(json_array_get(result, i), asked_ms, &report, e);
		if (r == 0)
			r = take(reports, &report, e);
	}
	return r;
}

/* An array of the one value that tellStatus returns, or the error object. */
static int read_call(json_t *call, uint64_t gid, int64_t asked_ms, struct ctm_report *ret_report,
	struct ctm_error *e)
{
	int r;

	if (!json_is_array(call)) {
		r = judge_error(call, e);
		if (r != -ENOENT)
			return r;
		*ret_report = (struct ctm_report){
			.gid = gid, .status = CTM_REPORT_UNKNOWN, .asked_ms = asked_ms};
		ret_report->dir = strdup("");
		ret_report->error_message = strdup("");
		if (ret_report->dir && ret_report->error_message)
			return 0;
		ctm_report_done(ret_report);
		return ctm_error_set(e, -ENOMEM, "no memory for aria2's answer");
	}
	r = read_report(json_array_get(call, 0), asked_ms, ret_report, e);
	if (r == 0 && ret_report->gid != gid) {
		ctm_report_done(ret_report);
		r = ctm_error_set(
			e, -EBADMSG, "aria2's answer is about another gid than it was asked for");
	}
	return r;
}

int ctm_rpc_answer_status(json_t *result, const uint64_t *gids, size_t n, int64_t asked_ms,
	struct ctm_reports *reports, struct ctm_error *e)
{
	int r = check_list(result, e);

	if (r == 0 && json_array_size(result) != n)
		r = ctm_error_set(e, -EBADMSG, "aria2 was asked %zu times and answered %zu times",
			n, json_array_size(result));
	for (size_t i = 0; r == 0 && i < n; i++) {
		struct ctm_report report = {0};

		r = read_call(json_array_get(result, i), gids[i], asked_ms, &report, e);
		if (r == 0)
			r = take(reports, &report, e);
	}
	return r;
}
