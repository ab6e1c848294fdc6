/* SPDX-License-Identifier: MIT */
#include "signature.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <nettle/base64.h>
#include <nettle/hmac.h>
#include <nettle/version.h>

#include "signing_key.h"

static void update(struct hmac_sha256_ctx *ctx, const char *s)
{
	hmac_sha256_update(ctx, strlen(s), (const uint8_t *)s);
}

static void make_digest(const struct ctm_signing_key *key, const char *id, int64_t timestamp_s,
	const char *body, uint8_t digest[SHA256_DIGEST_SIZE])
{
	struct hmac_sha256_ctx ctx;
	char timestamp[32];

	snprintf(timestamp, sizeof timestamp, ".%" PRId64 ".", timestamp_s);
	hmac_sha256_set_key(&ctx, key->len, key->bytes);
	update(&ctx, id);
	update(&ctx, timestamp);
	update(&ctx, body);
#if NETTLE_VERSION_MAJOR >= 4
	hmac_sha256_digest(&ctx, digest);
#else
	hmac_sha256_digest(&ctx, SHA256_DIGEST_SIZE, digest);
#endif
	explicit_bzero(&ctx, sizeof ctx);
}

int ctm_signature_make(const char *const *keys, size_t n, const char *id, int64_t timestamp_s,
	const char *body, char *text)
{
	uint8_t digest[SHA256_DIGEST_SIZE];
	char *p = text;
	struct ctm_signing_key key;
	int r = 0;

	*text = '\0';
	for (size_t i = 0; i < n && r == 0; i++) {
		r = ctm_signing_key_decode(keys[i], &key);
		if (r < 0)
			break;
		make_digest(&key, id, timestamp_s, body, digest);
		if (i > 0)
			*p++ = ' ';
		memcpy(p, "v1,", 3);
		base64_encode_raw(p + 3, sizeof digest, digest);
		p += 3 + BASE64_ENCODE_RAW_LENGTH(sizeof digest);
		*p = '\0';
	}
	explicit_bzero(&key, sizeof key);
	if (r < 0)
		*text = '\0';
	return r;
}
