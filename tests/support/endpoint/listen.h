/* SPDX-License-Identifier: MIT */
/* listen.h - the socket that ctm-endpoint listens on, and how others learn of it */
#ifndef CTM_ENDPOINT_LISTEN_H
#define CTM_ENDPOINT_LISTEN_H

/* On 127.0.0.1, at *port; where that is 0 it becomes the port that was found. -1 with errno. */
int listen_tcp(unsigned *port);

/* On a Unix socket; one that lies there from before is removed. -1 with errno. */
int listen_unix(const char *path);

/* Puts the port into path by rename, so that the file is whole when it appears. -1 with errno. */
int listen_announce(const char *path, unsigned port);

#endif
