/* SPDX-License-Identifier: MIT */
/*
 * question.h - one question and its answer
 */
#ifndef CTM_HTTP_QUESTION_H
#define CTM_HTTP_QUESTION_H

#include "request.h"

/* The most that an answer's body may have, whatever the question says. */
#define CTM_QUESTION_ANSWER_MAX ((size_t)1 << 30)

/* question is a whole struct of this version. 0 or -ENOMEM. */
int ctm_question_new(const struct ctm_transport_question *question, const char *user_agent,
	uint64_t tag, struct ctm_request **ret_request);

/* The answer of one that is finished; the bytes of its body move to it. */
struct ctm_transport_answer ctm_question_answer(struct ctm_request *request);

#endif
