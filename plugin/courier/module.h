/* SPDX-License-Identifier: MIT */
/*
 * module.h - loading a transport module
 *
 * For the transport's process alone: everybody else has a courier (courier.h).
 * Loaded by its absolute path, after a look at who could have written it; never unloaded.
 */
#ifndef CTM_MODULE_H
#define CTM_MODULE_H

#include <stdbool.h>

#include "errors.h"
#include "transport.h"

typedef void ctm_module_log(void *context, int level, const char *line);

/*
 * The module's table, and a transport opened with it. 0, or negative errno in *e: -ENOENT no such
 * file, -EPERM somebody else could have written it, -ELIBBAD it does not load, -EPROTO another ABI.
 * The caller closes the transport. log (NULL allowed) is as in struct ctm_transport_host.
 */
int ctm_module_open(ctm_module_log *log, void *log_context,
	const struct ctm_transport_table **ret_table, struct ctm_transport **ret_transport,
	struct ctm_error *e);

/* Whether the module has what asking takes: one of minor 0 only sends. */
static inline bool ctm_module_can_ask(const struct ctm_transport_table *table)
{
	return table->size >= sizeof *table && table->ask && table->next_answer && table->release;
}

#endif
