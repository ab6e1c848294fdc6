/* SPDX-License-Identifier: MIT */
/*
 * reach.h - what of this machine and of the network a transport needs
 *
 * Made from the configuration by those who open a transport, and sent to its process, which gives
 * up everything else.
 */
#ifndef CTM_REACH_H
#define CTM_REACH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "landlock.h"

struct ctm_reach {
	char **files; /* certificates, keys, tokens, secrets: absolute */
	size_t n_files;
	char *state_dir; /* whose files are nobody's but ours; NULL: not known */
	uint16_t *ports; /* TCP */
	size_t n_ports;
	bool any_port;    /* they can't all be told */
	bool unix_socket; /* some endpoint is one */
};

/* Adds what is not there yet; NULL and port 0 are passed over. 0 or -ENOMEM. */
int ctm_reach_add_file(struct ctm_reach *reach, const char *file);
int ctm_reach_add_port(struct ctm_reach *reach, uint16_t port);

/* The ports, and that of DNS, as far as connecting is handled there. */
void ctm_reach_allow_ports(const struct ctm_reach *reach, struct ctm_landlock *l);

/* Good for one that is all zero. */
void ctm_reach_done(struct ctm_reach *reach);

#endif
