/* SPDX-License-Identifier: MIT */
/* Tokens and signatures as they arrive; the signatures are checked by the openssl command. */
#include "transport.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <criterion/criterion.h>

#include "module.h"
#include "peer.h"
#include "scratch.h"

TestSuite(transport_secrets, .init = module_init, .fini = module_done);

#define KEY_1 "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define KEY_1_HEX "000000000000000000000000000000000000000000000000"
#define KEY_2 "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"
#define KEY_2_HEX "000102030405060708090a0b0c0d0e0f1011121314151617"
#define ID "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}/success"

Test(transport_secrets, token)
{
	struct ctm_transport_endpoint e;
	json_t *records;

	peer_start(NULL, NULL);
	e = module_endpoint(peer_url("http", "127.0.0.1"));
	e.token_file = scratch_write("token", "s3cr3t-token\n", 0600);
	expect_outcome(module_try(&e), CTM_TRANSPORT_TAKEN, 0);
	records = peer_records();
	cr_expect_str_eq(peer_header(records, 0, "authorization"), "Bearer s3cr3t-token");
	json_decref(records);
	cr_expect_null(strstr(module_log, "s3cr3t"));
}

/* What the openssl command makes of it, as "v1,…". */
static void sign(const char *hex, json_t *records, char ret_signature[64])
{
	const char *body = json_string_value(json_object_get(json_array_get(records, 0), "body"));
	char content[4096];
	char *command = NULL;
	FILE *pipe;

	snprintf(content, sizeof content, "%s.%s.%s", ID,
		peer_header(records, 0, "webhook-timestamp"), body);
	cr_assert_gt(asprintf(&command,
			     "openssl dgst -sha256 -mac HMAC -macopt hexkey:%s -binary \"%s\" | "
			     "openssl base64 -A",
			     hex, scratch_write("content", content, 0600)),
		0);
	pipe = popen(command, "r");
	cr_assert_not_null(pipe);
	strcpy(ret_signature, "v1,");
	cr_assert_eq(fread(ret_signature + 3, 1, 44, pipe), 44);
	ret_signature[47] = '\0';
	pclose(pipe);
	free(command);
}

static json_t *send_signed(const char *secrets)
{
	struct ctm_transport_endpoint e;

	peer_start(NULL, NULL);
	e = module_endpoint(peer_url("http", "127.0.0.1"));
	e.secret_file = scratch_write("secret", secrets, 0600);
	expect_outcome(module_try(&e), CTM_TRANSPORT_TAKEN, 0);
	return peer_records();
}

Test(transport_secrets, signature)
{
	json_t *records = send_signed(KEY_1 "\n");
	char expected[64];

	sign(KEY_1_HEX, records, expected);
	cr_expect_str_eq(peer_header(records, 0, "webhook-id"), ID);
	cr_expect_str_eq(peer_header(records, 0, "webhook-signature"), expected);
	cr_expect_lt(
		llabs(atoll(peer_header(records, 0, "webhook-timestamp")) - (long long)time(NULL)),
		60);
	json_decref(records);
}

Test(transport_secrets, signatures_while_a_key_is_rotated)
{
	json_t *records = send_signed(KEY_1 "\n" KEY_2 "\n");
	char expected[128];
	char second[64];

	sign(KEY_1_HEX, records, expected);
	sign(KEY_2_HEX, records, second);
	strcat(strcat(expected, " "), second);
	cr_expect_str_eq(peer_header(records, 0, "webhook-signature"), expected);
	json_decref(records);
}

Test(transport_secrets, a_file_that_cant_be_used_sends_nothing)
{
	struct ctm_transport_endpoint e;
	struct ctm_transport_outcome o;
	json_t *records;

	peer_start(NULL, NULL);
	e = module_endpoint(peer_url("http", "127.0.0.1"));
	e.token_file = scratch_write("token", "s3cr3t\n", 0644);
	o = module_try(&e);
	expect_outcome(o, CTM_TRANSPORT_PERSON, 0x80070005);
	cr_expect_null(strstr(o.text, "s3cr3t"));
	e.token_file = NULL;
	e.secret_file = scratch_write("secret", "s3cr3t\n", 0600);
	o = module_try(&e);
	expect_outcome(o, CTM_TRANSPORT_PERSON, 0x8007000D);
	cr_expect_null(strstr(o.text, "s3cr3t"));
	records = peer_records();
	cr_expect_eq(json_array_size(records), 0);
	json_decref(records);
}
