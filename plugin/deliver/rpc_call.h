/* SPDX-License-Identifier: MIT */
/*
 * rpc_call.h - one request to aria2, and what it returned
 */
#ifndef CTM_RPC_CALL_H
#define CTM_RPC_CALL_H

#include <jansson.h>

#include "rpc.h"
#include "rpc_request.h"

/*
 * Asks and waits. *ret_result is the caller's. Errors as in rpc.h, and -EMSGSIZE: the answer is
 * longer than CTM_RPC_ANSWER_MAX.
 */
int ctm_rpc_call(struct ctm_rpc *rpc, const struct ctm_rpc_request *request, json_t **ret_result,
	struct ctm_error *e);

#endif
