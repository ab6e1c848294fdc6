/* SPDX-License-Identifier: MIT */
/*
 * digest.h - the sha256 of a file, by nettle
 */
#ifndef CTM_DIGEST_H
#define CTM_DIGEST_H

#include <stdatomic.h>
#include <stdbool.h>

/* Of all bytes from offset 0. 0; -ECANCELED: *stop (NULL allowed) became true; negative errno. */
int ctm_digest_sha256(int fd, const atomic_bool *stop, unsigned char ret_sha256[32]);

#endif
