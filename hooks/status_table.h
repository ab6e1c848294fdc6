/* SPDX-License-Identifier: MIT */
/*
 * status_table.h - `status` for people: a block of lines for each job
 *
 *	{3F2504E0-4F89-11D3-9A0C-0305E82C3301}  PS100042 version 3
 *	  open       [######------]  3 of 6 files, 1.5 MiB of 3.0 MiB  age 4 min
 *	  listed, priority high, endpoint ctm
 *	  success: waiting, 3 attempts, next try in 4 min; 0x80072EFD (...): connection refused
 */
#ifndef CTM_STATUS_TABLE_H
#define CTM_STATUS_TABLE_H

#include "lines.h"
#include "status_collect.h"

/* The two lines at the beginning. */
void ctm_status_add_places(struct ctm_lines *lines, const struct ctm_config *config);

void ctm_status_add_job(
	struct ctm_lines *lines, const struct ctm_status_job *job, const struct ctm_stamp *now);

/* What follows the jobs: sidecars that are no job, unclaimed events, the last flush. */
void ctm_status_add_rest(
	struct ctm_lines *lines, const struct ctm_status *status, const struct ctm_config *config);

/* All of it. 0 or negative errno. */
int ctm_status_print_table(
	const struct ctm_status *status, const struct ctm_config *config, FILE *to);

/* The bar for so much of so much; "" where the total is 0. buf holds columns + 1 bytes. */
const char *ctm_status_bar(uint64_t part, uint64_t total, size_t columns, char *buf);

#endif
