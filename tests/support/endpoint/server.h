/* SPDX-License-Identifier: MIT */
/* server.h - ctm-endpoint's HTTP */
#ifndef CTM_ENDPOINT_SERVER_H
#define CTM_ENDPOINT_SERVER_H

#include "options.h"

struct server;

/* Serves on listen_fd, which becomes the server's. NULL: it was printed why. */
struct server *server_start(const struct options *options, int listen_fd);

/* Ends it, also what waits for its delay. */
void server_stop(struct server *server);

#endif
