/* SPDX-License-Identifier: MIT */
/*
 * open_transport.h - a transport that can do what the configuration asks for, and no more
 */
#ifndef CTM_OPEN_TRANSPORT_H
#define CTM_OPEN_TRANSPORT_H

#include "config.h"
#include "reach.h"
#include "transport.h"

/*
 * As ctm_courier_open(), with what the configuration names. NULL: none can be read, so that nothing
 * but the system's own files can be reached.
 */
int ctm_open_transport(const struct ctm_config *config,
	const struct ctm_transport_table **ret_table, struct ctm_transport **ret_transport,
	struct ctm_error *e);

/* What the configuration names, and the environment's proxies. 0 or -ENOMEM. */
int ctm_reach_of_config(const struct ctm_config *config, struct ctm_reach *reach);

#endif
