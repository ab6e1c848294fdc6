/* SPDX-License-Identifier: MIT */
/*
 * add.h - sidecars that a person names become jobs; shared by `add` and `run`
 */
#ifndef CTM_ADD_H
#define CTM_ADD_H

#include "command.h"
#include "numbers.h"
#include "scan.h"

struct ctm_added {
	struct ctm_numbers jobs;   /* of all good sidecars, in their order */
	struct ctm_buf input;      /* by ctm_add_input(): for aria2, what is missing */
	size_t entries;            /* in it */
	unsigned bad;              /* sidecars that are no job; complained of on stderr */
	struct ctm_scan_one *ones; /* what became of each; without a sidecar: no job */
	int n;
};

/* clang-format off */
#define CTM_ADDED_INIT { .input = CTM_BUF_INIT((size_t)1 << 31) }
/* clang-format on */

/*
 * Registers each, at once; a bad one, also one whose endpoint is not configured, is not registered
 * and stops no other. assign_gids: aria2 is to be told which download is which file. 0, or negative
 * errno in *e: the state can't be used.
 */
int ctm_add(struct ctm_session *session, char *const *paths, int n, bool assign_gids,
	struct ctm_added *added, struct ctm_error *e);

/* Fills added->input. 0, or negative errno in *e: a name or a uri that can't stand there. */
int ctm_add_input(struct ctm_session *session, struct ctm_added *added, struct ctm_error *e);

void ctm_added_done(struct ctm_added *added);

#endif
