/* SPDX-License-Identifier: MIT */
/*
 * reply.h - what is kept of an answer
 *
 * Of an endpoint's its status line and two headers; the body is read only so that the connection
 * can be used again, and thrown away. Of a question's the body too. All is bounded. A reply begins
 * zeroed but for body_max and keeps_body, and ends in ctm_reply_done().
 */
#ifndef CTM_HTTP_REPLY_H
#define CTM_HTTP_REPLY_H

#include <stdbool.h>
#include <stddef.h>

#define CTM_REPLY_HEADER_BYTES_MAX 65536u /* of all header blocks together */
#define CTM_REPLY_BODY_BYTES_MAX 65536u
#define CTM_REPLY_VALUE_MAX 63

/* Why no more of it is read. */
enum ctm_reply_break {
	CTM_REPLY_GOES_ON,
	CTM_REPLY_NO_STATUS, /* what stands where a status line should */
	CTM_REPLY_HEADERS_TOO_LONG,
	CTM_REPLY_BODY_TOO_LONG,
	CTM_REPLY_NO_MEMORY,
};

struct ctm_reply {
	unsigned status; /* 0: none yet */
	bool begun;      /* a status line came, and no blank line since */
	bool complete;   /* the headers of a final (not 1xx) status are there whole */
	enum ctm_reply_break broke_off;
	bool has_hresult;
	char hresult[CTM_REPLY_VALUE_MAX + 1]; /* CTM-HRESULT, trimmed; "?" where it can't be one */
	char retry_after[CTM_REPLY_VALUE_MAX +
			 1]; /* Retry-After, trimmed; "" where there is none */
	size_t header_bytes;
	bool keeps_body;
	size_t body_max; /* bytes of the body that are read */
	size_t body_bytes;
	char *body; /* what is kept of it, with a NUL behind it; NULL: nothing */
	size_t body_cap;
};

/* Takes one line of a header block as libcurl hands it out. False: enough, break off. */
bool ctm_reply_header(struct ctm_reply *reply, const char *line, size_t len);

/* Takes len bytes of the body. False: enough, break off. */
bool ctm_reply_body(struct ctm_reply *reply, const char *bytes, size_t len);

/* The body that was kept, to be freed by the caller; NULL where there is none. */
char *ctm_reply_take_body(struct ctm_reply *reply);

void ctm_reply_done(struct ctm_reply *reply);

#endif
