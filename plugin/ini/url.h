/* SPDX-License-Identifier: MIT */
/*
 * url.h - http and https URLs, taken apart strictly
 *
 * A URL that two readers could understand differently is refused: user and password, fragments,
 * blanks, controls and bytes beyond ASCII, backslashes, "." and ".." as segments of the path (also
 * percent-encoded), encoded slashes.
 */
#ifndef CTM_URL_H
#define CTM_URL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Views into the text that was taken apart. */
struct ctm_url {
	bool secure;      /* https */
	const char *host; /* "[::1]" with its brackets */
	size_t host_len;
	uint16_t port;    /* the scheme's, if none is given */
	const char *path; /* "" or from "/" on, without the query */
	size_t path_len;
};

/* Takes text apart. NULL: done; else what is wrong with it, a phrase that stands behind the URL. */
const char *ctm_url_split(const char *text, struct ctm_url *ret_url);

/* Whether the host is this machine by its mere name: localhost, 127.0.0.0/8 or ::1. */
bool ctm_url_is_local(const struct ctm_url *url);

/*
 * Whether `allow` admits url: scheme, host (any case) and port are the same, and the segments of
 * its path are the first ones of url's path.
 */
bool ctm_url_admits(const struct ctm_url *allow, const struct ctm_url *url);

#endif
