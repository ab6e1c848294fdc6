/* SPDX-License-Identifier: MIT */
/* store_make.h - the store's file comes to be, whole, when it is first needed */
#ifndef CTM_STORE_MAKE_H
#define CTM_STORE_MAKE_H

#include <stddef.h>

/*
 * Makes an empty store at `path` if there is none, with a map of so many bytes; the state's lock is
 * held. 0 or one of LMDB's codes, which errno's are among.
 */
int ctm_store_make(const char *path, size_t map_bytes);

#endif
