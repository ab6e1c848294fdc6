/* SPDX-License-Identifier: MIT */
/*
 * status_json.h - `status --json`: one object on one line
 *
 *	{"schema":1, "config":path or null, "state":path, "flushed":time or null,
 *	 "jobs":[{"id", "content_id", "content_version", "kind", "state", "priority", "endpoint",
 *	          "local_path", "sidecar", "files_total", "files_arrived", "bytes_total",
 *	          "bytes_arrived", "created", "ended", "suspended":true or false, "deadline_s",
 *	          "cause":{"hresult", "name", "text"} or null, the last thing that went wrong,
 *	          "error":{"hresult", "name", "text"} or null, what CTM is told,
 *	          "progress":{"number", "bytes"} or null, the last one,
 *	          "message":{"kind", "state", "event_id", "attempts", "http_status", "hresult",
 *	                     "name", "text", "next_try_s", "time", "bytes", "files"} or null}],
 *	 "sidecars":[{"path", "state", "complaint", "id"}], "unclaimed":number}
 *
 * Counts of files, attempts and seconds are numbers; deadline_s are those that are left. Counts of
 * bytes are decimal strings, as CTM itself writes them: they go to 2^64-1, and readers that count
 * in doubles end at 2^53. HRESULTs are strings, "0x80070570". Times are "2026-01-02T03:04:05Z".
 * What is not known, or was not said, is null. Members may be added under the same schema; none
 * changes its meaning or goes.
 */
#ifndef CTM_STATUS_JSON_H
#define CTM_STATUS_JSON_H

#include <stdio.h>

#include "status_collect.h"

/* status may be empty. 0 or negative errno. */
int ctm_status_print_json(
	const struct ctm_status *status, const struct ctm_config *config, FILE *to);

#endif
