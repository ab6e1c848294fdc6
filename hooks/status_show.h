/* SPDX-License-Identifier: MIT */
/*
 * status_show.h - what `status` was asked for, read and printed
 *
 * The store is let go of before anything is written.
 */
#ifndef CTM_STATUS_SHOW_H
#define CTM_STATUS_SHOW_H

#include "command.h"
#include "status_collect.h"
#include "status_filter.h"

struct ctm_status_request {
	char *const *names; /* of jobs; none: all */
	size_t n;
	struct ctm_status_filter filter;
	bool json;
	bool prometheus;
	bool wait;         /* until all have ended, and CTM took the word or it is dead */
	uint64_t watch_ms; /* between two frames; 0: nothing is drawn on the way */
};

/*
 * Opens the state, and gives up what is not needed then; one that is not there yet is no failure:
 * session->state stays NULL. 0 or negative errno in *e.
 */
int ctm_status_open(struct ctm_session *session, struct ctm_error *e);

/*
 * Reads all jobs, or the n that are named, as far as the filter (NULL: none) admits them, and wakes
 * a deliverer where that is needed. session->state may be NULL, where there is no state directory
 * yet: it is looked for again. 0 or negative errno in *e; ctm_status_done() either way.
 */
int ctm_status_read(struct ctm_session *session, char *const *names, size_t n,
	const struct ctm_status_filter *filter, struct ctm_status *status, struct ctm_error *e);

/* To standard output. 0 or negative errno in *e. */
int ctm_status_print(const struct ctm_session *session, const struct ctm_status_request *request,
	const struct ctm_status *status, struct ctm_error *e);

/* Both, once. */
int ctm_status_show(
	struct ctm_session *session, const struct ctm_status_request *request, struct ctm_error *e);

#endif
