/* SPDX-License-Identifier: MIT */
#include "signing_key.h"

#include <errno.h>
#include <string.h>

#include <nettle/base64.h>

#define KEY_PREFIX "whsec_"
#define KEY_BYTES_MIN 24
#define KEY_BYTES_MAX 64
/* Base64 of KEY_BYTES_MAX bytes with its padding. */
#define KEY_TEXT_MAX ((KEY_BYTES_MAX + 2) / 3 * 4)

int ctm_signing_key_decode(const char *text, struct ctm_signing_key *ret_key)
{
	const size_t prefix = strlen(KEY_PREFIX);
	struct base64_decode_ctx ctx;
	size_t len = sizeof ret_key->bytes;

	_Static_assert(sizeof ret_key->bytes == BASE64_DECODE_LENGTH(KEY_TEXT_MAX),
		"a key of most bytes has room");
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
