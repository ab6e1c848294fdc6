/* SPDX-License-Identifier: MIT */
/*
 * Files with secrets: a line comes out whole, without its white space, or the file is refused, and
 * what is said of that has nothing of its content. A key that is taken is one that base64 gives of
 * 24 to 64 bytes, and the signature is theirs.
 *
 * Input: the file.
 */
#include <stdlib.h>
#include <string.h>

#include <nettle/base64.h>
#include <nettle/hmac.h>
#include <nettle/version.h>

#include "credentials.h"
#include "fuzz.h"
#include "headers.h"
#include "rpc_secret.h"
#include "secret.h"
#include "signature.h"
#include "utf.h"

#define ID "{x}/success"
#define BODY "{}"

static int value_of(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* The bytes of a key, or 0: it is none. */
static size_t read_key(const char *text, uint8_t bytes[96])
{
	const char *s = text + 6;
	size_t len;
	size_t n = 0;
	uint32_t bits = 0;

	if (strncmp(text, "whsec_", 6) != 0 || strlen(s) % 4 || strlen(s) > 88)
		return 0;
	len = strlen(s);
	for (int pads = 0; pads < 2 && len && s[len - 1] == '='; pads++)
		len--;
	if (len % 4 == 1)
		return 0;
	for (size_t i = 0; i < len; i++) {
		if (value_of(s[i]) < 0)
			return 0;
		bits = bits << 6 | (uint32_t)value_of(s[i]);
		if (i % 4)
			bytes[n++] = (uint8_t)(bits >> (6 - 2 * (i % 4)));
	}
	/* Bits that no byte takes are zero. */
	if ((len % 4 == 2 && bits & 15) || (len % 4 == 3 && bits & 3))
		return 0;
	return n >= 24 && n <= 64 ? n : 0;
}

static void check_signature(const char *line)
{
	char text[CTM_SIGNATURE_SIZE];
	char expected[CTM_SIGNATURE_SIZE] = "v1,";
	uint8_t digest[SHA256_DIGEST_SIZE];
	struct hmac_sha256_ctx ctx;
	uint8_t key[96];
	const size_t len = read_key(line, key);
	const int r = ctm_signature_make(&line, 1, ID, 1700000000, BODY, text);

	FUZZ_CHECK((r == 0) == (len > 0));
	if (r < 0)
		return;
	hmac_sha256_set_key(&ctx, len, key);
	hmac_sha256_update(
		&ctx, strlen(ID ".1700000000." BODY), (const uint8_t *)ID ".1700000000." BODY);
#if NETTLE_VERSION_MAJOR >= 4
	hmac_sha256_digest(&ctx, digest);
#else
	hmac_sha256_digest(&ctx, sizeof digest, digest);
#endif
	base64_encode_raw(expected + 3, sizeof digest, digest);
	expected[3 + BASE64_ENCODE_RAW_LENGTH(sizeof digest)] = '\0';
	FUZZ_CHECK(strcmp(text, expected) == 0);
}

/* The line at s without the white space at its end. */
static size_t line_len(const char *s, size_t len)
{
	const char *newline = memchr(s, '\n', len);

	len = newline ? (size_t)(newline - s) : len;
	while (len && s[len - 1] && strchr(" \t\r", s[len - 1]))
		len--;
	return len;
}

static void check_words(const struct ctm_transport_outcome *o, const char *first, size_t len)
{
	FUZZ_CHECK(o->verdict == CTM_TRANSPORT_PERSON && o->hresult);
	FUZZ_CHECK(o->text[0] && fuzz_is_visible(o->text, strlen(o->text)));
	/* Short ones stand in our own words. */
	FUZZ_CHECK(len < 30 || !memmem(o->text, strlen(o->text), first, len));
}

static void check_file(const char *text, size_t len)
{
	struct ctm_secret secret;
	struct ctm_transport_outcome o = {0};
	const size_t first = line_len(text, len);

	if (ctm_secret_read(fuzz_file_path(), "secret_file", 2, &secret, &o) == 0) {
		FUZZ_CHECK(secret.n >= 1 && secret.n <= 2);
		FUZZ_CHECK(strlen(secret.lines[0]) == first && first);
		FUZZ_CHECK(memcmp(secret.lines[0], text, first) == 0);
		for (size_t i = 0; i < secret.n; i++)
			check_signature(secret.lines[i]);
	} else {
		check_words(&o, text, first);
	}
	ctm_secret_done(&secret);
}

static void check_credentials(const char *text, size_t len)
{
	static const char begin[] = "Authorization: Bearer ";
	struct ctm_transport_outcome o = {0};
	struct curl_slist *list = NULL;
	const size_t first = line_len(text, len);

	if (ctm_credentials_add_token(&list, fuzz_file_path(), &o) == 0) {
		const char *token = list->data + sizeof begin - 1;

		FUZZ_CHECK(!list->next && strncmp(list->data, begin, sizeof begin - 1) == 0);
		FUZZ_CHECK(strlen(token) == first && memcmp(token, text, first) == 0);
		FUZZ_CHECK(fuzz_is_visible(token, first) && !strchr(token, ' '));
	} else {
		check_words(&o, text, first);
	}
	ctm_headers_free(list);
}

static void check_rpc(const char *text, size_t len)
{
	char token[CTM_RPC_TOKEN_SIZE];
	struct ctm_error e;
	const size_t first = line_len(text, len);

	if (ctm_rpc_secret_read(fuzz_file_path(), token, &e) == 0) {
		FUZZ_CHECK(strncmp(token, "token:", 6) == 0 && strlen(token + 6) == first && first);
		FUZZ_CHECK(memcmp(token + 6, text, first) == 0 && ctm_utf8_valid(text, first));
	} else {
		FUZZ_CHECK(!first || memchr(text, '\0', first) || !ctm_utf8_valid(text, first) ||
			   memchr(text, '\n', len) != text + first || len > CTM_RPC_SECRET_MAX);
		FUZZ_CHECK(first < 30 || !memmem(e.text, strlen(e.text), text, first));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_copy(data, size);

	fuzz_file(data, size);
	check_file(text, size);
	check_credentials(text, size);
	check_rpc(text, size);
	free(text);
	return 0;
}
