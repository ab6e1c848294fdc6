/* SPDX-License-Identifier: MIT */
/*
 * answer.h - what an answer means for the message
 *
 * S_OK is a 2xx without CTM-HRESULT or with 0x00000000. Elsewhere the status decides; it also gives
 * the HRESULT, unless CTM named one of its own.
 */
#ifndef CTM_HTTP_ANSWER_H
#define CTM_HTTP_ANSWER_H

#include "reply.h"
#include "transport.h"

/* The bounds of Retry-After. */
#define CTM_ANSWER_RETRY_AFTER_MAX_S 86400u

/*
 * Judges a complete reply: sets verdict, hresult, http_status, retry_after_s and text. now_s is the
 * wall clock, against which a date in Retry-After is held.
 */
void ctm_answer_judge(
	const struct ctm_reply *reply, int64_t now_s, struct ctm_transport_outcome *o);

/*
 * Judges the status with which a proxy refused to open a tunnel: like an answer's, but never final,
 * because a proxy does not speak for CTM. http_status stays 0.
 */
void ctm_answer_judge_proxy(unsigned status, struct ctm_transport_outcome *o);

#endif
