/* SPDX-License-Identifier: MIT */
/*
 * serve.h - the transport's process: the other end of a courier
 *
 * Hears what it may reach, gives up the rest, loads the module, and makes its calls for whoever
 * holds the other end of the socket, until that is closed.
 */
#ifndef CTM_SERVE_H
#define CTM_SERVE_H

/* 0: the other end was closed; negative errno: it spoke wrongly, or we can't go on. */
int ctm_serve(int fd);

#endif
