/* SPDX-License-Identifier: MIT */
/*
 * sockets.h - the sockets that libcurl keeps for a transport
 *
 * A connection that is kept for the next request can bring bytes that nobody asked for. libcurl
 * before 8.0 takes such a connection for a living one, and what lies in it for the answer to the
 * next request: CTM would have taken a message that it never read. So each socket is noted when it
 * is made, and looked at before it is used again.
 */
#ifndef CTM_HTTP_SOCKETS_H
#define CTM_HTTP_SOCKETS_H

#include <stdbool.h>
#include <stddef.h>

#include <curl/curl.h>

struct ctm_socket {
	curl_socket_t fd;
	int port;      /* ours; 0: not known yet, or no port */
	int peer_port; /* of the other side */
	bool used;     /* a request was sent over it */
};

/* Begins zeroed. */
struct ctm_sockets {
	struct ctm_socket *items;
	size_t n;
	size_t cap;
	bool short_of_memory;
};

void ctm_sockets_done(struct ctm_sockets *sockets);

/* Has libcurl tell of the sockets that it makes and closes for this handle. */
void ctm_sockets_watch(struct ctm_sockets *sockets, CURL *easy);

/* Whether one could not be noted, and so not be used, since this was last asked. */
bool ctm_sockets_was_short_of_memory(struct ctm_sockets *sockets);

/*
 * A request is about to be sent over the connection between these ports. True if it was used before
 * and has something to read.
 */
bool ctm_sockets_is_spoilt(struct ctm_sockets *sockets, int port, int peer_port);

#endif
