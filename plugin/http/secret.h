/* SPDX-License-Identifier: MIT */
/*
 * secret.h - reading tokens and keys from files that others can't read
 *
 * A secret file is a regular file (a link to one will do: that is how containers mount them) that
 * others can neither read nor write. Only its first lines count, without the white space at their
 * end. What was read stands in the caller's struct and is wiped by ctm_secret_done().
 *
 * Failures are outcomes that want a person: they name the file and the remedy, never the content.
 */
#ifndef CTM_HTTP_SECRET_H
#define CTM_HTTP_SECRET_H

#include <stddef.h>

#include "transport.h"

#define CTM_SECRET_LINES_MAX 2
#define CTM_SECRET_BYTES_MAX 16384

struct ctm_secret {
	size_t n;                                /* lines, 1 and up once read */
	const char *lines[CTM_SECRET_LINES_MAX]; /* not empty; views into bytes */
	char bytes[CTM_SECRET_BYTES_MAX + 1];
};

/*
 * Reads up to max_lines (1 to CTM_SECRET_LINES_MAX) from path, which the configuration names by
 * key, e.g. "token_file". 0; a negative errno with *o filled: no such file, not a regular one, open
 * to others, its first line empty or longer than CTM_SECRET_BYTES_MAX.
 */
int ctm_secret_read(const char *path, const char *key, size_t max_lines,
	struct ctm_secret *ret_secret, struct ctm_transport_outcome *o);

/* The same look at a file that another library will read. */
int ctm_secret_check(const char *path, const char *key, struct ctm_transport_outcome *o);

/* Wipes it. Good for one that could not be read. */
void ctm_secret_done(struct ctm_secret *secret);

#endif
