/* SPDX-License-Identifier: MIT */
/*
 * rpc_download.h - one download as aria2 has it in JSON, as a report
 */
#ifndef CTM_RPC_DOWNLOAD_H
#define CTM_RPC_DOWNLOAD_H

#include <jansson.h>

#include "errors.h"
#include "report.h"

/*
 * Fills a report, looking at the files as they are now. 0, -ENOMEM, or -EBADMSG: it is not as aria2
 * has it.
 */
int ctm_rpc_download_read(
	json_t *download, int64_t asked_ms, struct ctm_report *ret_report, struct ctm_error *e);

/* Its gid alone. 0 or -EBADMSG. */
int ctm_rpc_download_gid(json_t *download, uint64_t *ret_gid, struct ctm_error *e);

#endif
