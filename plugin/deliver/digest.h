/* SPDX-License-Identifier: MIT */
/*
 * digest.h - the sha256 of a file, by nettle
 */
#ifndef CTM_DIGEST_H
#define CTM_DIGEST_H

/* Of all bytes from offset 0. 0 or negative errno. */
int ctm_digest_sha256(int fd, unsigned char ret_sha256[32]);

#endif
