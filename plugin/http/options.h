/* SPDX-License-Identifier: MIT */
/*
 * options.h - how libcurl is to behave in an attempt
 *
 * POST over http or https and nothing else; no redirects, no cookies, no .netrc; certificates are
 * always verified; TLS 1.2 and up; a proxy of the environment never for this machine itself.
 */
#ifndef CTM_HTTP_OPTIONS_H
#define CTM_HTTP_OPTIONS_H

#include <curl/curl.h>

#include "transport.h"

/*
 * libcurl copies the strings of the endpoint. 0, -ENOMEM, or another negative errno with *o filled:
 * no URL, a key file that is open to others, something that this libcurl can't do.
 */
int ctm_options_set(CURL *easy, const struct ctm_transport_endpoint *endpoint,
	const char *user_agent, struct ctm_transport_outcome *o);

#endif
