/* SPDX-License-Identifier: MIT */
/*
 * attempt.h - one attempt to deliver one message
 *
 * Nothing is allocated after ctm_attempt_new(): an outcome can't be lost to want of memory.
 */
#ifndef CTM_HTTP_ATTEMPT_H
#define CTM_HTTP_ATTEMPT_H

#include "request.h"

/* endpoint and message are whole structs of this version. 0 or -ENOMEM. */
int ctm_attempt_new(const struct ctm_transport_endpoint *endpoint,
	const struct ctm_transport_message *message, const char *user_agent, uint64_t tag,
	struct ctm_request **ret_request);

#endif
