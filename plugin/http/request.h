/* SPDX-License-Identifier: MIT */
/*
 * request.h - one exchange over HTTP: what an attempt and a question have in common
 *
 * attempt.h and question.h make one. Whoever owns it lets libcurl run `easy`, then tells the result
 * to ctm_request_finish(), and reads `outcome` (of a question also `reply.body`). A request that
 * could not be made ready has no easy handle and its outcome already.
 */
#ifndef CTM_HTTP_REQUEST_H
#define CTM_HTTP_REQUEST_H

#include <curl/curl.h>

#include "reply.h"
#include "sockets.h"
#include "transport.h"

enum ctm_request_kind {
	CTM_REQUEST_ATTEMPT,
	CTM_REQUEST_QUESTION,
	CTM_REQUEST_KINDS,
};

struct ctm_request;

/* Fills the outcome, by what libcurl says and what was answered. */
typedef void ctm_request_judge(struct ctm_request *request, CURLcode code);

/* So often libcurl may look at one transfer before it looks at the next. */
#define CTM_REQUEST_UPDATES_MAX 65536u

/*
 * So often it may look at one whose word is spoken, of whose body nothing is kept: chunks can have
 * extensions without end, and no byte of body.
 */
#define CTM_REQUEST_AFTERTHOUGHTS_MAX 16u

struct ctm_request {
	/* The owner's. */
	struct ctm_request *prev;
	struct ctm_request *next;
	struct ctm_sockets *sockets; /* of all transfers */
	bool spoilt;          /* the connection that was chosen for it had something to read */
	const unsigned *turn; /* changes whenever all transfers are looked at anew */

	unsigned seen_turn;
	unsigned updates; /* in that turn */
	unsigned afterthoughts;

	enum ctm_request_kind kind;
	ctm_request_judge *judge;
	CURL *easy;
	struct curl_slist *headers;
	char *body; /* what is posted; may hold a secret */
	size_t body_len;
	struct ctm_reply reply;
	char error[CURL_ERROR_SIZE];
	struct ctm_transport_outcome outcome;
};

/* A request without content, at most body_max bytes of whose answer are read. NULL: no memory. */
struct ctm_request *ctm_request_new(
	enum ctm_request_kind kind, ctm_request_judge *judge, uint64_t tag, size_t body_max);

/*
 * Takes a request whose headers and body were made with the result r, and makes its handle ready
 * for the endpoint, a whole struct of this version. 0, also where the request is over already; or
 * -ENOMEM, with which it is gone.
 */
int ctm_request_ready(struct ctm_request *request, int r,
	const struct ctm_transport_endpoint *endpoint, const char *user_agent,
	struct ctm_request **ret_request);

/* Judges it, and lets go of the easy handle, which no multi handle may hold any more. */
void ctm_request_finish(struct ctm_request *request, CURLcode code);

/* The outcome where there was no answer, or none that was whole: to be retried. */
void ctm_request_judge_failure(struct ctm_request *request, CURLcode code);

/*
 * It was to go over a connection that is spoilt, and was not sent: true if it is ready for a new
 * one now. Only once.
 */
bool ctm_request_begin_afresh(struct ctm_request *request, CURLcode code);

/* NULL is allowed. */
void ctm_request_free(struct ctm_request *request);

#endif
