/* SPDX-License-Identifier: MIT */
/*
 * secret.h - secret files (secret_file.h), for an attempt
 *
 * Failures are outcomes that want a person: they name the file and the remedy, never the content.
 */
#ifndef CTM_HTTP_SECRET_H
#define CTM_HTTP_SECRET_H

#include "secret_file.h"
#include "transport.h"

/*
 * Reads up to max_lines (1 to CTM_SECRET_LINES_MAX) from path, which the configuration names by
 * key, e.g. "token_file". 0; a negative errno with *o filled. ctm_secret_done() either way.
 */
int ctm_secret_read(const char *path, const char *key, size_t max_lines,
	struct ctm_secret *ret_secret, struct ctm_transport_outcome *o);

/* The same look at a file that another library will read. */
int ctm_secret_check(const char *path, const char *key, struct ctm_transport_outcome *o);

#endif
