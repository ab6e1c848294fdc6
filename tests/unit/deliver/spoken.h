/* SPDX-License-Identifier: MIT */
/*
 * spoken.h - a transport whose answers a test makes up
 */
#ifndef TEST_SPOKEN_H
#define TEST_SPOKEN_H

#include <jansson.h>

#include "rpc.h"

/* How a question is answered: by the request as JSON; the body is freed by the transport. */
struct spoken {
	uint32_t hresult;
	uint32_t curl_code; /* of a failure */
	unsigned http_status;
	char *body;
};
extern struct spoken (*spoken_answer)(json_t *request);

/* Questions so far, and the bytes that an answer may have (longer ones are a failure). */
extern size_t spoken_questions;
extern size_t spoken_limit;

/* Who was asked last. */
extern char spoken_url[256];

/* A client of it, with the secret of that file (NULL: none). */
struct ctm_rpc spoken_rpc(const char *secret_file);
extern struct ctm_transport_table spoken_table;

#endif
