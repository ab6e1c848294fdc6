/* SPDX-License-Identifier: MIT */
#include "signature.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <nettle/base64.h>
#include <nettle/hmac.h>
#include <nettle/version.h>

#define KEY_PREFIX "whsec_"
#define KEY_BYTES_MIN 24
#define KEY_BYTES_MAX 64
/* Base64 of KEY_BYTES_MAX bytes with its padding. */
#define KEY_TEXT_MAX ((KEY_BYTES_MAX + 2) / 3 * 4)

struct key {
	size_t len;
	uint8_t bytes[BASE64_DECODE_LENGTH(KEY_TEXT_MAX)];
};

static int decode_key(const char *text, struct key *ret_key)
{
	const size_t prefix = strlen(KEY_PREFIX);
	struct base64_decode_ctx ctx;
	size_t len = sizeof ret_key->bytes;

	if (strncmp(text, KEY_PREFIX, prefix) != 0 || strlen(text + prefix) > KEY_TEXT_MAX)
		return -EINVAL;
	/* nettle skips white space, and takes "A===" for nothing; a key has neither. */
	if (strpbrk(text + prefix, " \t\v\f\r\n") || strstr(text + prefix, "==="))
		return -EINVAL;
	base64_decode_init(&ctx);
	if (!base64_decode_update(
		    &ctx, &len, ret_key->bytes, strlen(text + prefix), text + prefix) ||
		!base64_decode_final(&ctx))
		return -EINVAL;
	if (len < KEY_BYTES_MIN || len > KEY_BYTES_MAX)
		return -EINVAL;
	ret_key->len = len;
	return 0;
}

static void update(struct hmac_sha256_ctx *ctx, const char *s)
{
	hmac_sha256_update(ctx, strlen(s), (const uint8_t *)s);
}

static void make_digest(const struct key *key, const char *id, int64_t timestamp_s,
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
	struct key key;
	int r = 0;

	*text = '\0';
	for (size_t i = 0; i < n && r == 0; i++) {
		r = decode_key(keys[i], &key);
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
