/* SPDX-License-Identifier: MIT */
#include "wiped.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

void ctm_wiped_free(void *p)
{
	if (p)
		explicit_bzero(p, malloc_usable_size(p));
	free(p);
}

/* Never by moving what is there: the old place would keep its bytes. */
void *ctm_wiped_realloc(void *p, size_t size)
{
	const size_t old = p ? malloc_usable_size(p) : 0;
	void *larger;

	if (p && size && size <= old)
		return p;
	larger = malloc(size ? size : 1);
	if (!larger)
		return NULL;
	if (old)
		memcpy(larger, p, old < size ? old : size);
	ctm_wiped_free(p);
	return larger;
}
