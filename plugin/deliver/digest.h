/* SPDX-License-Identifier: MIT */
/*
 * digest.h - the sha256 of a file, by nettle
 */
#ifndef CTM_DIGEST_H
#define CTM_DIGEST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Of the first `size` bytes, or as many as there are: somebody who makes the file longer all the
 * time must not keep us reading. 0; -ECANCELED: *stop (NULL allowed) became true; negative errno.
 */
int ctm_digest_sha256(int fd, uint64_t size, const atomic_bool *stop, unsigned char ret_sha256[32]);

#endif
