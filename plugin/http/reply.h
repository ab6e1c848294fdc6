/* SPDX-License-Identifier: MIT */
/*
 * reply.h - what is kept of an answer: its status and two headers
 *
 * An answer is its status line and headers. Its body is read only so that the connection can be
 * used again, and thrown away; both are bounded.
 */
#ifndef CTM_HTTP_REPLY_H
#define CTM_HTTP_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#define CTM_REPLY_HEADER_BYTES_MAX 65536u /* of all header blocks together */
#define CTM_REPLY_BODY_BYTES_MAX 65536u
#define CTM_REPLY_VALUE_MAX 63

struct ctm_reply {
	unsigned status; /* 0: none yet */
	bool complete;   /* the headers of a final (not 1xx) status are there whole */
	bool too_long;   /* a bound was met */
	bool has_hresult;
	char hresult[CTM_REPLY_VALUE_MAX + 1]; /* CTM-HRESULT, trimmed; "?" where it can't be one */
	char retry_after[CTM_REPLY_VALUE_MAX +
			 1]; /* Retry-After, trimmed; "" where there is none */
	size_t header_bytes;
	size_t body_bytes;
};

/* Takes one line of a header block as libcurl hands it out. False: enough, break off. */
bool ctm_reply_header(struct ctm_reply *reply, const char *line, size_t len);

/* Takes len bytes of the body. False: enough, break off. */
bool ctm_reply_body(struct ctm_reply *reply, size_t len);

#endif
