/* SPDX-License-Identifier: MIT */
/*
 * request.h - one attempt to deliver one message
 *
 * ctm_request_new() makes it ready; whoever owns it lets libcurl run `easy`, then tells the result
 * to ctm_request_finish(), and reads `outcome`. A request that could not be made ready has no easy
 * handle and its outcome already. Nothing is allocated after ctm_request_new(): an outcome can't be
 * lost to want of memory.
 */
#ifndef CTM_HTTP_REQUEST_H
#define CTM_HTTP_REQUEST_H

#include <curl/curl.h>

#include "reply.h"
#include "transport.h"

struct ctm_request {
	/* The owner's. */
	struct ctm_request *prev;
	struct ctm_request *next;

	CURL *easy;
	struct curl_slist *headers;
	char *body;
	struct ctm_reply reply;
	char error[CURL_ERROR_SIZE];
	struct ctm_transport_outcome outcome;
};

/* endpoint and message are whole structs of this version. 0 or -ENOMEM. */
int ctm_request_new(const struct ctm_transport_endpoint *endpoint,
	const struct ctm_transport_message *message, const char *user_agent, uint64_t tag,
	struct ctm_request **ret_request);

/* Fills the outcome from what libcurl says and what was answered, and lets go of the easy handle,
 * which no multi handle may hold any more. */
void ctm_request_finish(struct ctm_request *request, CURLcode code);

/* NULL is allowed. */
void ctm_request_free(struct ctm_request *request);

#endif
