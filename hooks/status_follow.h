/* SPDX-License-Identifier: MIT */
/*
 * status_follow.h - `status` again and again, or when all has come to its end
 */
#ifndef CTM_STATUS_FOLLOW_H
#define CTM_STATUS_FOLLOW_H

#include "status_show.h"

/*
 * With wait or watch_ms. 0: it was interrupted, or all succeeded and CTM took it; 1: one did not,
 * or the wait was interrupted; negative errno in *e.
 */
int ctm_status_follow(
	struct ctm_session *session, const struct ctm_status_request *request, struct ctm_error *e);

/* Whether nothing more is about to happen to any of the jobs; whether CTM took success for all. */
bool ctm_status_is_settled(const struct ctm_status *status);
bool ctm_status_is_success(const struct ctm_status *status);

#endif
