/* SPDX-License-Identifier: MIT */
/*
 * hash.h - FNV-1a, 64 bits: the checksum of a record and the key of a path
 *
 * It finds accidents, not forgeries: whoever looks up by it compares the whole path, and the files
 * that it guards belong to us alone.
 */
#ifndef CTM_HASH_H
#define CTM_HASH_H

#include <stddef.h>
#include <stdint.h>

#define CTM_HASH_INIT UINT64_C(0xcbf29ce484222325)

/* Goes on from `hash`, so that the prefixes of a path are hashed in one walk. */
uint64_t ctm_hash_add(uint64_t hash, const void *data, size_t len);

/* The hash of len bytes from the start. */
uint64_t ctm_hash(const void *data, size_t len);

#endif
