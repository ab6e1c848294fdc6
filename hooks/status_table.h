/* SPDX-License-Identifier: MIT */
/*
 * status_table.h - `status` for people: where it looked, a block for each job, and the rest
 */
#ifndef CTM_STATUS_TABLE_H
#define CTM_STATUS_TABLE_H

#include "lines.h"
#include "status_collect.h"

/* The two lines at the beginning. */
void ctm_status_add_places(struct ctm_lines *lines, const struct ctm_config *config);

/* What follows the jobs: sidecars that are no job, unclaimed events, the last flush. */
void ctm_status_add_rest(
	struct ctm_lines *lines, const struct ctm_status *status, const struct ctm_config *config);

/*
 * All of it. What has gathered is written to `to` on the way, so that it need not fit into memory;
 * NULL: nothing is. 0 or negative errno.
 */
int ctm_status_add_table(struct ctm_lines *lines, const struct ctm_status *status,
	const struct ctm_config *config, FILE *to);

/* The same, written to the end. 0 or negative errno. */
int ctm_status_print_table(
	const struct ctm_status *status, const struct ctm_config *config, FILE *to);

#endif
