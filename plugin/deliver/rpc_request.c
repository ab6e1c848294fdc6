/* SPDX-License-Identifier: MIT */
#include "rpc_request.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

/* The files last, so that the others are a beginning of these. */
static const char *const keys[] = {"gid", "status", "totalLength", "completedLength", "seeder",
	"errorCode", "errorMessage", "dir", "following", "belongsTo", "files"};
static const size_t n_keys[] = {
	[CTM_RPC_KEYS_GID] = 1,
	[CTM_RPC_KEYS_NO_FILES] = sizeof keys / sizeof *keys - 1,
	[CTM_RPC_KEYS_ALL] = sizeof keys / sizeof *keys,
};

/* Takes both. A want of memory sticks: NULL is passed on. */
static json_t *append(json_t *array, json_t *value)
{
	if (json_array_append_new(array, value) == 0)
		return array;
	json_decref(array);
	return NULL;
}

static json_t *set(json_t *object, const char *name, json_t *value)
{
	if (json_object_set_new(object, name, value) == 0)
		return object;
	json_decref(object);
	return NULL;
}

/* Every call of aria2's begins with the token. */
static json_t *params_begin(const char *token)
{
	json_t *params = json_array();

	return *token ? append(params, json_string(token)) : params;
}

static json_t *make_keys(enum ctm_rpc_keys wanted)
{
	json_t *array = json_array();

	for (size_t i = 0; i < n_keys[wanted]; i++)
		array = append(array, json_string(keys[i]));
	return array;
}

static json_t *params_none(const struct ctm_rpc_request *request, const char *token)
{
	(void)request;
	return params_begin(token);
}

static json_t *params_active(const struct ctm_rpc_request *request, const char *token)
{
	return append(params_begin(token), make_keys(request->keys));
}

static json_t *params_page(const struct ctm_rpc_request *request, const char *token)
{
	json_t *params = append(params_begin(token), json_integer((json_int_t)request->offset));

	params = append(params, json_integer((json_int_t)request->n));
	return append(params, make_keys(request->keys));
}

static json_t *make_status(uint64_t gid, enum ctm_rpc_keys wanted, const char *token)
{
	char text[17];
	json_t *params;
	json_t *call;

	snprintf(text, sizeof text, "%016" PRIx64, gid);
	params = append(params_begin(token), json_string(text));
	params = append(params, make_keys(wanted));
	call = set(json_object(), "methodName", json_string("aria2.tellStatus"));
	return set(call, "params", params);
}

/* system.multicall wants no token of its own. */
static json_t *params_status(const struct ctm_rpc_request *request, const char *token)
{
	json_t *calls = json_array();

	for (size_t i = 0; i < request->n; i++)
		calls = append(calls, make_status(request->gids[i], request->keys, token));
	return append(json_array(), calls);
}

static const struct {
	const char *name;
	json_t *(*params)(const struct ctm_rpc_request *request, const char *token);
} methods[] = {
	[CTM_RPC_VERSION] = {"aria2.getVersion", params_none},
	[CTM_RPC_OPTIONS] = {"aria2.getGlobalOption", params_none},
	[CTM_RPC_STATUS] = {"system.multicall", params_status},
	[CTM_RPC_ACTIVE] = {"aria2.tellActive", params_active},
	[CTM_RPC_WAITING] = {"aria2.tellWaiting", params_page},
	[CTM_RPC_STOPPED] = {"aria2.tellStopped", params_page},
};

/*
 * json_dumps() must not be used: where its buffer cannot grow it may leave out a part, and say
 * nothing. This buffer never grows.
 */
static char *dump(const json_t *object)
{
	const size_t len = json_dumpb(object, NULL, 0, JSON_COMPACT);
	char *text = len ? malloc(len + 1) : NULL;

	if (text && json_dumpb(object, text, len, JSON_COMPACT) != len) {
		free(text);
		return NULL;
	}
	if (text)
		text[len] = '\0';
	return text;
}

char *ctm_rpc_request_format(const struct ctm_rpc_request *request, const char *token)
{
	json_t *object = set(json_object(), "jsonrpc", json_string("2.0"));
	char *text = NULL;

	object = set(object, "id", json_string("aria2-ctm"));
	object = set(object, "method", json_string(methods[request->method].name));
	object = set(object, "params", methods[request->method].params(request, token));
	if (object)
		text = dump(object);
	json_decref(object);
	return text;
}
