/* SPDX-License-Identifier: MIT */
/*
 * add.h - sidecars that a person names become jobs; shared by `add` and `run`
 */
#ifndef CTM_ADD_H
#define CTM_ADD_H

#include "command.h"
#include "numbers.h"

struct ctm_added {
	struct ctm_numbers jobs; /* of all good sidecars, in their order */
	struct ctm_buf input;    /* if with_input: an aria2 input file for what is missing */
	size_t entries;          /* in it */
	unsigned bad;            /* sidecars that are no job; complained of on stderr */
};

/* clang-format off */
#define CTM_ADDED_INIT { .input = CTM_BUF_INIT((size_t)1 << 31) }
/* clang-format on */

/*
 * Registers each, at once; a bad one, also one whose endpoint is not configured, is not registered
 * and stops no other. 0, or negative errno in *e: the state can't be used.
 */
int ctm_add(struct ctm_session *session, char *const *paths, int n, bool with_input,
	struct ctm_added *added, struct ctm_error *e);

void ctm_added_done(struct ctm_added *added);

#endif
