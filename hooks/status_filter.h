/* SPDX-License-Identifier: MIT */
/*
 * status_filter.h - which jobs `status` shows: by state, endpoint and age
 *
 * What is not asked for admits all; what is, must fit altogether.
 */
#ifndef CTM_STATUS_FILTER_H
#define CTM_STATUS_FILTER_H

#include "status_collect.h"

struct ctm_status_filter {
	unsigned states;      /* a set of what ctm_status_filter_states() knows; 0: any */
	const char *endpoint; /* szEndpoint, verbatim; NULL: any */
	uint64_t newer_s;     /* its age as `status` shows it is below that; 0: any */
	uint64_t older_s;     /* its age is that or more; 0: any */
};

/*
 * Takes a list of names: the states of a job; "suspended" for an open one that is; "waiting" and
 * "dead" for one whose final word is. 0, or -EINVAL: *ret_wrong is the first word that is none of
 * them, cut to its size.
 */
#define CTM_STATUS_FILTER_WORD 32
int ctm_status_filter_states(
	const char *names, unsigned *ret_states, char ret_wrong[CTM_STATUS_FILTER_WORD]);

/* Whether anything is asked for. */
bool ctm_status_filter_is_set(const struct ctm_status_filter *filter);

bool ctm_status_filter_admits(
	const struct ctm_status_filter *filter, const struct ctm_status_job *job);

#endif
