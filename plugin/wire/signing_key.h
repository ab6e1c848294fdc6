/* SPDX-License-Identifier: MIT */
/*
 * signing_key.h - a line of secret_file: "whsec_" and base64
 */
#ifndef CTM_SIGNING_KEY_H
#define CTM_SIGNING_KEY_H

#include <stddef.h>
#include <stdint.h>

struct ctm_signing_key {
	size_t len;
	uint8_t bytes[66]; /* what base64 of 64 bytes may decode to on its way */
};

/* 0 or -EINVAL. The caller wipes *ret_key, after a failure too. */
int ctm_signing_key_decode(const char *text, struct ctm_signing_key *ret_key);

#define CTM_SIGNING_KEY_WANTED "needs lines of the form whsec_ and base64 of 24 to 64 bytes"

#endif
