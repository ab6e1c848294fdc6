/* SPDX-License-Identifier: MIT */
#include "hash.h"

uint64_t ctm_hash_add(uint64_t hash, const void *data, size_t len)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ p[i]) * UINT64_C(0x100000001b3);
	return hash;
}

uint64_t ctm_hash(const void *data, size_t len)
{
	return ctm_hash_add(CTM_HASH_INIT, data, len);
}
