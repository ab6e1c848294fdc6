/* SPDX-License-Identifier: MIT */
/*
 * rpc_answer.h - what aria2 answered
 *
 * ctm_rpc_answer_result() turns the bytes into JSON, once; the others read what the methods of
 * rpc_request.h return. Whoever answers is not trusted: what is not as aria2 has it gives -EBADMSG
 * with a text in *e that says what is wrong. All may give -ENOMEM.
 */
#ifndef CTM_RPC_ANSWER_H
#define CTM_RPC_ANSWER_H

#include <jansson.h>

#include "errors.h"
#include "reports.h"

/*
 * The result of an answer, the caller's; -EACCES: aria2 does not take the secret; -EREMOTEIO: aria2
 * says that it failed, and why. Bytes that are not UTF-8 (a directory can be named by any) make the
 * string that they are in one with a NUL, which no path is.
 */
int ctm_rpc_answer_result(const char *body, size_t len, unsigned http_status, json_t **ret_result,
	struct ctm_error *e);

/* Of aria2.getVersion: the version, cut where it is longer. */
int ctm_rpc_answer_version(json_t *result, char *ret_version, size_t size, struct ctm_error *e);

/*
 * Of aria2.getGlobalOption: each option is visited; a return other than 0 ends that and is returned.
 * What is no string is passed over.
 */
typedef int ctm_rpc_option_visitor(const char *name, const char *value, void *context);
int ctm_rpc_answer_options(
	json_t *result, ctm_rpc_option_visitor *visit, void *context, struct ctm_error *e);

/* Of a list with CTM_RPC_KEYS_GID: the gids, to be freed by the caller. */
int ctm_rpc_answer_gids(json_t *result, uint64_t **ret_gids, size_t *ret_n, struct ctm_error *e);

/* Of a list: appends a report for each download. Also -E2BIG. */
int ctm_rpc_answer_list(
	json_t *result, int64_t asked_ms, struct ctm_reports *reports, struct ctm_error *e);

/* Of CTM_RPC_STATUS: appends a report for each of the n gids. Also as the first, and -E2BIG. */
int ctm_rpc_answer_status(json_t *result, const uint64_t *gids, size_t n, int64_t asked_ms,
	struct ctm_reports *reports, struct ctm_error *e);

#endif
