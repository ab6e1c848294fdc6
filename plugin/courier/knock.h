/* SPDX-License-Identifier: MIT */
/*
 * knock.h - whether there is somebody at an address: connects, says nothing, and goes
 *
 * In the transport's process, which has a network; ctm_courier_knock() asks for it.
 */
#ifndef CTM_KNOCK_H
#define CTM_KNOCK_H

#include <stdint.h>

#include "errors.h"

struct ctm_knock {
	const char *socket; /* a Unix socket; NULL: TCP, to */
	const char *host;   /* a name or an address, IPv6 without brackets */
	uint16_t port;
	uint32_t timeout_ms; /* for connecting; a resolver has its own */
};

/* 0: somebody took the connection. Negative errno: nobody did; the text in *e says why. */
int ctm_knock(const struct ctm_knock *knock, struct ctm_error *e);

#endif
