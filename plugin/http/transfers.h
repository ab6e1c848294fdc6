/* SPDX-License-Identifier: MIT */
/*
 * transfers.h - the requests of a transport: those that libcurl works on, those that are finished
 */
#ifndef CTM_HTTP_TRANSFERS_H
#define CTM_HTTP_TRANSFERS_H

#include <poll.h>

#include <curl/curl.h>

#include "request.h"

/* In the order in which they finished. */
struct ctm_transfers_queue {
	struct ctm_request *first;
	struct ctm_request *last;
};

struct ctm_transfers {
	CURLM *multi;
	struct ctm_sockets sockets;
	unsigned turn; /* so often were all transfers looked at */
	struct ctm_request *active;
	struct ctm_transfers_queue finished[CTM_REQUEST_KINDS];
};

/* 0 or -ENOMEM. */
int ctm_transfers_init(struct ctm_transfers *t);

/* Drops what is under way, and what was not taken. Good for one that could not be initialized. */
void ctm_transfers_done(struct ctm_transfers *t);

/* Takes the request, and starts it unless it is over already. 0 or negative errno: it is gone. */
int ctm_transfers_add(struct ctm_transfers *t, struct ctm_request *request);

/* As wait() of transport.h. */
int ctm_transfers_wait(struct ctm_transfers *t, struct pollfd *fds, size_t n, int timeout_ms);

/* The next finished one of its kind, which is the caller's; NULL: none. */
struct ctm_request *ctm_transfers_take(struct ctm_transfers *t, enum ctm_request_kind kind);

#endif
