/* SPDX-License-Identifier: MIT */
/*
 * status_job.h - one job as `status` shows it to people, in a block of lines
 *
 *	{3F2504E0-4F89-11D3-9A0C-0305E82C3301}  PS100042 version 3
 *	  failed     [######------]  3 of 6 files, 1.5 MiB of 3.0 MiB  ended 4 min ago
 *	  listed, priority high, endpoint ctm
 *	  progress: 2 messages, the last of 1.0 MiB
 *	  cause: 0x80190194 (BG_E_HTTP_ERROR_404): the server has no "setup.exe"
 *	  error: waiting, 3 attempts, next try in 4 min; 0x80072EFD (...): connection refused
 *
 * The last line is the final word and what became of it; of an error the line above is what it
 * says. While the job is open, the cause is the last thing that went wrong, and the line with the
 * endpoint says how long is left.
 */
#ifndef CTM_STATUS_JOB_H
#define CTM_STATUS_JOB_H

#include "lines.h"
#include "status_collect.h"

void ctm_status_add_job(
	struct ctm_lines *lines, const struct ctm_status_job *job, const struct ctm_stamp *now);

/* The bar for so much of so much; "" where the total is 0. buf holds columns + 1 bytes. */
const char *ctm_status_bar(uint64_t part, uint64_t total, size_t columns, char *buf);

#endif
