/* SPDX-License-Identifier: MIT */
/*
 * http_status.h - what an HTTP status means to somebody whose download failed with it
 */
#ifndef CTM_HTTP_STATUS_H
#define CTM_HTTP_STATUS_H

#include <stdbool.h>
#include <stdint.h>

#define CTM_HTTP_STATUS_FIRST 100
#define CTM_HTTP_STATUS_LAST 599

struct ctm_http_status {
	uint32_t first, last; /* a row is one status, or what is left of a class */
	const char *name;     /* as IANA's registry has it; of a class: what it is for */
	bool transient;       /* the same request can succeed later */
	const char *meaning;  /* a clause: lower case, no full stop */
	const char *remedy;   /* the same */
};

/* The row of the status, or of its class; NULL outside 100 to 599. Never freed. */
const struct ctm_http_status *ctm_http_status_find(uint32_t status);

#endif
