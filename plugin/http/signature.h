/* SPDX-License-Identifier: MIT */
/*
 * signature.h - signatures as Standard Webhooks 1.0.0 has them
 *
 * A key is written "whsec_" and base64 of 24 to 64 bytes. A signature is "v1," and base64 of the
 * HMAC-SHA256 over "id.timestamp.body"; while a key is rotated, each key gives one, with a space in
 * between.
 */
#ifndef CTM_HTTP_SIGNATURE_H
#define CTM_HTTP_SIGNATURE_H

#include <stddef.h>
#include <stdint.h>

/* One signature with its "v1," and the space or NUL behind it: 3 + 44 + 1. */
#define CTM_SIGNATURE_SIZE 48

/*
 * Writes the signatures of the n keys, NUL-terminated, into text, which holds at least
 * n * CTM_SIGNATURE_SIZE bytes. 0, or -EINVAL: a key is not of that form (text is "" then).
 */
int ctm_signature_make(const char *const *keys, size_t n, const char *id, int64_t timestamp_s,
	const char *body, char *text);

#endif
