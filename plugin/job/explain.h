/* SPDX-License-Identifier: MIT */
/*
 * explain.h - what HRESULTs and libcurl's codes mean, for a person
 *
 * For aria2's exit codes see aria2_code.h, for HTTP statuses http_status.h. Texts are clauses:
 * lower case, no full stop; they are never NULL and never freed.
 */
#ifndef CTM_EXPLAIN_H
#define CTM_EXPLAIN_H

#include <stdbool.h>
#include <stdint.h>

/* Whether a download that failed so can succeed later with nothing changed. */
enum ctm_transient {
	CTM_TRANSIENT_NO = 0,
	CTM_TRANSIENT_YES = 1,
	CTM_TRANSIENT_NEITHER = 2, /* it is no failure */
};

struct ctm_explanation {
	enum ctm_transient transient;
	const char *meaning;
	const char *remedy;
};

/* False, with *ret untouched, where we know none. */
bool ctm_explain_hresult(uint32_t hresult, struct ctm_explanation *ret);

struct ctm_curl_name {
	uint32_t code;
	uint32_t hresult;   /* what the transport module makes of it; 0: no failure */
	const char *symbol; /* "OPERATION_TIMEDOUT", without CURLE_ */
	const char *meaning;
	const char *remedy;
};

/*
 * By number, since whoever asks does not link libcurl; tests/unit/http/explain_curl.c compares with
 * its header. NULL where we know none.
 */
const struct ctm_curl_name *ctm_explain_curl(uint32_t code);

#endif
