/* SPDX-License-Identifier: MIT */
#include "rpc_memory.h"

#include <malloc.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

static atomic_uint failures;

static void *get(size_t size)
{
	void *p = malloc(size);

	if (!p)
		failures++;
	return p;
}

static void wipe_and_free(void *p)
{
	if (p)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

void ctm_rpc_memory_watch(void)
{
	json_set_alloc_funcs(get, wipe_and_free);
}

unsigned ctm_rpc_memory_failures(void)
{
	return failures;
}
