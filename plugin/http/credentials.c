/* SPDX-License-Identifier: MIT */
#include "credentials.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "headers.h"
#include "hresult.h"
#include "outcome.h"
#include "secret.h"
#include "signature.h"
#include "signing_key.h"

static int add_token(struct curl_slist **list, const char *token, const char *path,
	struct ctm_transport_outcome *o)
{
	const size_t size = strlen("Bearer ") + strlen(token) + 1;
	char *value;
	int r;

	if (!ctm_secret_is_token(token)) {
		ctm_outcome_set(o, CTM_TRANSPORT_PERSON, CTM_HR_INVALID_DATA,
			"token_file \"%s\" " CTM_SECRET_NO_TOKEN, path);
		return -EINVAL;
	}
	value = malloc(size);
	if (!value)
		return -ENOMEM;
	snprintf(value, size, "Bearer %s", token);
	r = ctm_headers_add(list, "Authorization", value);
	explicit_bzero(value, size);
	free(value);
	return r;
}

int ctm_credentials_add_token(
	struct curl_slist **list, const char *path, struct ctm_transport_outcome *o)
{
	struct ctm_secret secret;
	int r = ctm_secret_read(path, "token_file", 1, &secret, o);

	if (r == 0)
		r = add_token(list, secret.lines[0], path, o);
	ctm_secret_done(&secret);
	return r;
}

int ctm_credentials_add_signature(struct curl_slist **list, const char *path, const char *event_id,
	int64_t now_s, const char *body, struct ctm_transport_outcome *o)
{
	char signature[CTM_SIGNATURE_SIZE * CTM_SECRET_LINES_MAX];
	char timestamp[32];
	struct ctm_secret secret;
	int r = ctm_secret_read(path, "secret_file", CTM_SECRET_LINES_MAX, &secret, o);

	if (r == 0) {
		r = ctm_signature_make(secret.lines, secret.n, event_id, now_s, body, signature);
		if (r < 0)
			ctm_outcome_set(o, CTM_TRANSPORT_PERSON, CTM_HR_INVALID_DATA,
				"secret_file \"%s\" " CTM_SIGNING_KEY_WANTED, path);
	}
	ctm_secret_done(&secret);
	if (r < 0)
		return r;
	snprintf(timestamp, sizeof timestamp, "%" PRId64, now_s);
	r = ctm_headers_add(list, "webhook-timestamp", timestamp);
	return r < 0 ? r : ctm_headers_add(list, "webhook-signature", signature);
}
