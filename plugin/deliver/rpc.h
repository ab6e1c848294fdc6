/* SPDX-License-Identifier: MIT */
/*
 * rpc.h - asking aria2 of its downloads, over JSON-RPC
 *
 * For the deliverer and the command, never for a hook: each call waits for aria2, at most
 * CTM_RPC_TIMEOUT_MS for each request that it makes.
 *
 *	ctm_open_transport(config, &table, &transport, e)   in the main thread, one for each struct ctm_rpc
 *	ctm_rpc_init(&rpc, &config->aria2s[i], table, transport)
 *	ctm_rpc_ask(&rpc, gids, n, &reports, e)   from one thread at a time, any thread
 *	ctm_reports_done(&reports)
 *	table->close(transport)                   when nobody asks any more
 *
 * Nothing else may use that transport meanwhile. The secret is read for each request, so that one
 * that was changed is used from then on; it is in no text.
 *
 * Errors, with a text in *e that names the section and says what would be right:
 *	-ENOSYS        the transport module is of an earlier release and only sends
 *	-ECONNREFUSED  nobody answers there      -ETIMEDOUT  not in time
 *	-EACCES        aria2 does not take the secret, or secret_file can't be read
 *	-EPERM         secret_file is open to others
 *	-EBADMSG       what answers is not aria2's JSON-RPC, or breaks its rules
 *	-EREMOTEIO     aria2 says that it failed  -E2BIG  more than reports.h allows
 *	-EMSGSIZE      a single download, without its files, is longer than CTM_RPC_ANSWER_MAX
 *	-ECONNABORTED  the transport's process was lost, again and again
 *	-ECOMM         any other failure of transport
 * and -ENOMEM. After an error *ret_reports is as it was.
 */
#ifndef CTM_RPC_H
#define CTM_RPC_H

#include "config.h"
#include "errors.h"
#include "reports.h"
#include "rpc_answer.h"
#include "transport.h"

#define CTM_RPC_CONNECT_TIMEOUT_MS 2000u
#define CTM_RPC_TIMEOUT_MS 5000u              /* of one request */
#define CTM_RPC_ANSWER_MAX ((size_t)16 << 20) /* bytes of one answer */
#define CTM_RPC_BATCH 64u                     /* downloads of one request by gid */
#define CTM_RPC_PAGE 200u                     /* downloads of one request of a list */
#define CTM_RPC_VERSION_SIZE 32

/* All is borrowed, and outlives it; there is nothing to let go of. */
struct ctm_rpc {
	const struct ctm_aria2 *aria2; /* with rpc set */
	const struct ctm_transport_table *table;
	struct ctm_transport *transport;
	uint64_t tag; /* of the newest question */
};

void ctm_rpc_init(struct ctm_rpc *rpc, const struct ctm_aria2 *aria2,
	const struct ctm_transport_table *table, struct ctm_transport *transport);

/*
 * Appends a report for each of the n gids, in their order; one that aria2 does not know is
 * CTM_REPORT_UNKNOWN. A download whose files do not fit into an answer is reported without them.
 */
int ctm_rpc_ask(struct ctm_rpc *rpc, const uint64_t *gids, size_t n,
	struct ctm_reports *ret_reports, struct ctm_error *e);

/*
 * Appends reports of all downloads that aria2 knows: waiting (and paused), then active, then
 * stopped, the way that a download goes. One that went on meanwhile can be there twice, the later
 * report being the newer one. Files as above.
 */
int ctm_rpc_ask_all(struct ctm_rpc *rpc, struct ctm_reports *ret_reports, struct ctm_error *e);

/* Which aria2 answers: "1.36.0". */
int ctm_rpc_ask_version(
	struct ctm_rpc *rpc, char ret_version[CTM_RPC_VERSION_SIZE], struct ctm_error *e);

/* Visits each option that it runs with, defaults too. */
int ctm_rpc_ask_options(
	struct ctm_rpc *rpc, ctm_rpc_option_visitor *visit, void *context, struct ctm_error *e);

#endif
