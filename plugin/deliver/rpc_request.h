/* SPDX-License-Identifier: MIT */
/*
 * rpc_request.h - what is posted to aria2
 */
#ifndef CTM_RPC_REQUEST_H
#define CTM_RPC_REQUEST_H

#include <stddef.h>
#include <stdint.h>

enum ctm_rpc_method {
	CTM_RPC_VERSION, /* aria2.getVersion */
	CTM_RPC_OPTIONS, /* aria2.getGlobalOption */
	CTM_RPC_STATUS,  /* aria2.tellStatus for each gid, in one system.multicall */
	CTM_RPC_ACTIVE,  /* aria2.tellActive */
	CTM_RPC_WAITING, /* aria2.tellWaiting: a page of it */
	CTM_RPC_STOPPED, /* aria2.tellStopped: likewise */
};

/* What is wanted of a download. */
enum ctm_rpc_keys {
	CTM_RPC_KEYS_GID,
	CTM_RPC_KEYS_NO_FILES,
	CTM_RPC_KEYS_ALL,
};

struct ctm_rpc_request {
	enum ctm_rpc_method method;
	enum ctm_rpc_keys keys;
	const uint64_t *gids; /* n of them; STATUS only */
	size_t offset;        /* WAITING and STOPPED only */
	size_t n;             /* gids, or downloads of the page */
};

/*
 * The request as JSON, freed by the caller, who wipes it first: `token` ("token:SECRET", "" for
 * none) is in it. NULL: no memory.
 */
char *ctm_rpc_request_format(const struct ctm_rpc_request *request, const char *token);

#endif
