/* SPDX-License-Identifier: MIT */
/*
 * outcome.h - filling in what became of an attempt
 */
#ifndef CTM_HTTP_OUTCOME_H
#define CTM_HTTP_OUTCOME_H

#include "transport.h"

/*
 * Sets verdict, hresult and text, nothing else. The text is made fit for a line of a log: control
 * characters become spaces, bytes that are not UTF-8, or that break or turn a line, become '?',
 * what is too long is cut between characters. Functions of this module that take an outcome fill it
 * where a person must read why they failed; they return a negative errno then, and -ENOMEM without
 * having filled it.
 */
__attribute__((format(printf, 4, 5))) void ctm_outcome_set(struct ctm_transport_outcome *o,
	enum ctm_transport_verdict verdict, uint32_t hresult, const char *format, ...);

#endif
