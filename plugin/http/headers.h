/* SPDX-License-Identifier: MIT */
/*
 * headers.h - the headers of a request, but for those that hold a secret
 *
 * All add to *list, which begins as NULL and ends in ctm_headers_free() whatever happened. They
 * return 0, -ENOMEM, or another negative errno with *o filled.
 */
#ifndef CTM_HTTP_HEADERS_H
#define CTM_HTTP_HEADERS_H

#include <curl/curl.h>

#include "transport.h"

/* One header; name and value are known to be safe. 0 or -ENOMEM. */
int ctm_headers_add(struct curl_slist **list, const char *name, const char *value);

/* What is posted is JSON, and goes out at once. 0 or -ENOMEM. */
int ctm_headers_add_json(struct curl_slist **list);

/*
 * What a CloudEvent in binary mode wants, and Idempotency-Key and webhook-id. event_id is the
 * message's, encoded by ctm_encode_value(), so that all three and the signature agree.
 */
int ctm_headers_add_event(struct curl_slist **list, const struct ctm_transport_message *message,
	const char *event_id, struct ctm_transport_outcome *o);

/*
 * What the configuration adds, "Name: value" each. Refused, wanting a person: what is no header,
 * and names that this module sets by itself.
 */
int ctm_headers_add_configured(struct curl_slist **list,
	const struct ctm_transport_endpoint *endpoint, struct ctm_transport_outcome *o);

/* Wipes and frees them: one may be a token. NULL is allowed. */
void ctm_headers_free(struct curl_slist *list);

#endif
