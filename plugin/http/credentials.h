/* SPDX-License-Identifier: MIT */
/*
 * credentials.h - the headers that come from secret files
 *
 * The files are read for each attempt, so that a rotated key or token is used from then on. Both
 * return 0, -ENOMEM, or another negative errno with *o filled.
 */
#ifndef CTM_HTTP_CREDENTIALS_H
#define CTM_HTTP_CREDENTIALS_H

#include <curl/curl.h>

#include "transport.h"

/* Adds "Authorization: Bearer …" from the first line of path. */
int ctm_credentials_add_token(
	struct curl_slist **list, const char *path, struct ctm_transport_outcome *o);

/* Adds webhook-timestamp and webhook-signature, with the one or two keys in path. */
int ctm_credentials_add_signature(struct curl_slist **list, const char *path, const char *event_id,
	int64_t now_s, const char *body, struct ctm_transport_outcome *o);

#endif
