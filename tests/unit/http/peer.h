/* SPDX-License-Identifier: MIT */
/*
 * peer.h - ctm-endpoint as a child of the test
 */
#ifndef TEST_PEER_H
#define TEST_PEER_H

#include <jansson.h>

/*
 * Starts ctm-endpoint with the given answers (lines; NULL: 200) and further arguments (NULL, or
 * ending in NULL), and waits until it listens. One at a time; needs scratch_init().
 */
void peer_start(const char *answers, const char *const *args);

/* "scheme://host:port/notify"; lives until the next call. */
const char *peer_url(const char *scheme, const char *host);

/* Stops it and looks at how it ended; no harm if there is none. */
void peer_stop(void);

/* What was recorded: an array of objects, to be released by the caller. */
json_t *peer_records(void);

/* A header of the n-th record; NULL where there is none. */
const char *peer_header(json_t *records, size_t n, const char *name);

#endif
