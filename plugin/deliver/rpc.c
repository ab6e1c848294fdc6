/* SPDX-License-Identifier: MIT */
#include "rpc.h"

#include <errno.h>
#include <stdlib.h>

#include "buf.h"
#include "clock.h"
#include "rpc_answer.h"
#include "rpc_call.h"

void ctm_rpc_init(struct ctm_rpc *rpc, const struct ctm_aria2 *aria2,
	const struct ctm_transport_table *table, struct ctm_transport *transport)
{
	*rpc = (struct ctm_rpc){.aria2 = aria2, .table = table, .transport = transport};
}

/* One request, whose downloads are appended. */
static int append(struct ctm_rpc *rpc, const struct ctm_rpc_request *request,
	struct ctm_reports *reports, struct ctm_error *e)
{
	const int64_t asked_ms = ctm_clock_wall_ms();
	json_t *result = NULL;
	int r = ctm_rpc_call(rpc, request, &result, e);

	if (r < 0)
		return r;
	if (request->method == CTM_RPC_STATUS)
		r = ctm_rpc_answer_status(result, request->gids, request->n, asked_ms, reports, e);
	else
		r = ctm_rpc_answer_list(result, asked_ms, reports, e);
	json_decref(result);
	return r;
}

/* The second half of a request, and with *request the first. */
static struct ctm_rpc_request split(struct ctm_rpc_request *request)
{
	struct ctm_rpc_request rest = *request;

	request->n /= 2;
	rest.n -= request->n;
	rest.offset += request->n;
	if (rest.gids)
		rest.gids += request->n;
	return rest;
}

/*
 * By gids, or a page of a list. Where the answer is too long its halves are asked for, down to a
 * single download, of which then the files are left out: some torrent has a hundred thousand.
 */
static int append_in_parts(struct ctm_rpc *rpc, struct ctm_rpc_request request,
	struct ctm_reports *reports, struct ctm_error *e)
{
	struct ctm_rpc_request rest;
	int r = append(rpc, &request, reports, e);

	if (r != -EMSGSIZE)
		return r;
	if (request.n == 1) {
		if (request.keys == CTM_RPC_KEYS_NO_FILES)
			return r;
		request.keys = CTM_RPC_KEYS_NO_FILES;
		return append(rpc, &request, reports, e);
	}
	rest = split(&request);
	r = append_in_parts(rpc, request, reports, e);
	return r < 0 ? r : append_in_parts(rpc, rest, reports, e);
}

static int append_gids(struct ctm_rpc *rpc, const uint64_t *gids, size_t n,
	struct ctm_reports *reports, struct ctm_error *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i += CTM_RPC_BATCH) {
		const struct ctm_rpc_request request = {
			.method = CTM_RPC_STATUS,
			.keys = CTM_RPC_KEYS_ALL,
			.gids = gids + i,
			.n = n - i < CTM_RPC_BATCH ? n - i : CTM_RPC_BATCH,
		};

		r = append_in_parts(rpc, request, reports, e);
	}
	return r;
}

static int append_pages(struct ctm_rpc *rpc, enum ctm_rpc_method method,
	struct ctm_reports *reports, struct ctm_error *e)
{
	struct ctm_rpc_request request = {
		.method = method, .keys = CTM_RPC_KEYS_ALL, .n = CTM_RPC_PAGE};
	size_t before;
	int r;

	do {
		before = reports->n;
		r = append_in_parts(rpc, request, reports, e);
		request.offset += request.n;
	} while (r == 0 && reports->n - before >= request.n);
	return r;
}

/* This list has no pages: where it is too long, its gids are asked for one by one. */
static int append_active(struct ctm_rpc *rpc, struct ctm_reports *reports, struct ctm_error *e)
{
	struct ctm_rpc_request request = {.method = CTM_RPC_ACTIVE, .keys = CTM_RPC_KEYS_ALL};
	CTM_CLEANUP_FREE uint64_t *gids = NULL;
	json_t *result = NULL;
	size_t n = 0;
	int r = append(rpc, &request, reports, e);

	if (r != -EMSGSIZE)
		return r;
	request.keys = CTM_RPC_KEYS_GID;
	r = ctm_rpc_call(rpc, &request, &result, e);
	if (r == 0)
		r = ctm_rpc_answer_gids(result, &gids, &n, e);
	json_decref(result);
	return r < 0 ? r : append_gids(rpc, gids, n, reports, e);
}

/*
 * After a failure what was appended is taken back, and the text says who did not answer. What was
 * tried in vain on the way to success (an answer that was too long) is no error.
 */
static int end(const struct ctm_rpc *rpc, int r, struct ctm_reports *reports, size_t before,
	struct ctm_error *e)
{
	const struct ctm_aria2 *aria2 = rpc->aria2;

	if (r == 0) {
		if (e)
			*e = (struct ctm_error)CTM_ERROR_INIT;
		return 0;
	}
	if (reports)
		ctm_reports_cut(reports, before);
	ctm_error_wrap(
		e, "[aria2%s%s] rpc \"%s\"", aria2->name[0] ? "." : "", aria2->name, aria2->rpc);
	return r;
}

int ctm_rpc_ask(struct ctm_rpc *rpc, const uint64_t *gids, size_t n,
	struct ctm_reports *ret_reports, struct ctm_error *e)
{
	const size_t before = ret_reports->n;

	return end(rpc, append_gids(rpc, gids, n, ret_reports, e), ret_reports, before, e);
}

int ctm_rpc_ask_all(struct ctm_rpc *rpc, struct ctm_reports *ret_reports, struct ctm_error *e)
{
	const size_t before = ret_reports->n;
	int r = append_pages(rpc, CTM_RPC_WAITING, ret_reports, e);

	if (r == 0)
		r = append_active(rpc, ret_reports, e);
	if (r == 0)
		r = append_pages(rpc, CTM_RPC_STOPPED, ret_reports, e);
	return end(rpc, r, ret_reports, before, e);
}

int ctm_rpc_ask_version(
	struct ctm_rpc *rpc, char ret_version[CTM_RPC_VERSION_SIZE], struct ctm_error *e)
{
	const struct ctm_rpc_request request = {.method = CTM_RPC_VERSION};
	json_t *result = NULL;
	int r = ctm_rpc_call(rpc, &request, &result, e);

	if (r == 0)
		r = ctm_rpc_answer_version(result, ret_version, CTM_RPC_VERSION_SIZE, e);
	json_decref(result);
	return end(rpc, r, NULL, 0, e);
}

int ctm_rpc_ask_options(
	struct ctm_rpc *rpc, ctm_rpc_option_visitor *visit, void *context, struct ctm_error *e)
{
	const struct ctm_rpc_request request = {.method = CTM_RPC_OPTIONS};
	json_t *result = NULL;
	int r = ctm_rpc_call(rpc, &request, &result, e);

	if (r == 0)
		r = ctm_rpc_answer_options(result, visit, context, e);
	json_decref(result);
	return end(rpc, r, NULL, 0, e);
}
