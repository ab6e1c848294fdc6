/* SPDX-License-Identifier: MIT */
#include "rpc_request.h"

#include <stdlib.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(rpc_request, .fini = ctm_test_check_leaks);

#define HEAD "{\"jsonrpc\":\"2.0\",\"id\":\"aria2-ctm\",\"method\":"
#define NO_FILES                                                                                   \
	"[\"gid\",\"status\",\"totalLength\",\"completedLength\",\"seeder\",\"errorCode\","        \
	"\"errorMessage\",\"dir\",\"following\",\"belongsTo\"]"

Test(rpc_request, as_aria2_wants_them)
{
	static const uint64_t gids[] = {0xa1, 0x2089b05ecca3d829};
	static const struct {
		struct ctm_rpc_request request;
		const char *token;
		const char *text;
	} cases[] = {
		{{.method = CTM_RPC_VERSION}, "", HEAD "\"aria2.getVersion\",\"params\":[]}"},
		{{.method = CTM_RPC_VERSION}, "token:\"x",
			HEAD "\"aria2.getVersion\",\"params\":[\"token:\\\"x\"]}"},
		{{.method = CTM_RPC_ACTIVE, .keys = CTM_RPC_KEYS_GID}, "",
			HEAD "\"aria2.tellActive\",\"params\":[[\"gid\"]]}"},
		{{.method = CTM_RPC_WAITING,
			 .keys = CTM_RPC_KEYS_NO_FILES,
			 .offset = 200,
			 .n = 100},
			"token:s",
			HEAD "\"aria2.tellWaiting\",\"params\":[\"token:s\",200,100," NO_FILES
			     "]}"},
		{{.method = CTM_RPC_STOPPED, .keys = CTM_RPC_KEYS_GID, .n = 1}, "",
			HEAD "\"aria2.tellStopped\",\"params\":[0,1,[\"gid\"]]}"},
		{{.method = CTM_RPC_STATUS, .keys = CTM_RPC_KEYS_GID, .gids = gids, .n = 2},
			"token:s",
			HEAD "\"system.multicall\",\"params\":[["
			     "{\"methodName\":\"aria2.tellStatus\",\"params\":[\"token:s\","
			     "\"00000000000000a1\",[\"gid\"]]},"
			     "{\"methodName\":\"aria2.tellStatus\",\"params\":[\"token:s\","
			     "\"2089b05ecca3d829\",[\"gid\"]]}]]}"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *text = ctm_rpc_request_format(&cases[i].request, cases[i].token);

		cr_expect_str_eq(text, cases[i].text, "case %zu: %s", i, text);
		free(text);
	}
}
