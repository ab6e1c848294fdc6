/* SPDX-License-Identifier: MIT */
/*
 * wiped.h - memory that is wiped when it is let go
 *
 * For libcurl, which copies headers with a token into buffers of its own: as the functions of
 * curl_global_init_mem().
 */
#ifndef CTM_WIPED_H
#define CTM_WIPED_H

#include <stddef.h>

void ctm_wiped_free(void *p);
void *ctm_wiped_realloc(void *p, size_t size);

#endif
