/* SPDX-License-Identifier: MIT */
/* Certificates, ours and theirs, made anew for each test. */
#include "transport.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "module.h"
#include "peer.h"
#include "scratch.h"

static void init(void)
{
	char *command = NULL;

	module_init();
	cr_assert_gt(asprintf(&command, "\"%s\" \"%s\"", TEST_CERTS, scratch_path(".")), 0);
	cr_assert_eq(system(command), 0);
	free(command);
}

TestSuite(transport_tls, .init = init, .fini = module_done, .timeout = 100);

/* ctm-endpoint with the certificate of that name; with client_ca it wants one from us. */
static void start(const char *name, const char *client_ca)
{
	char cert[64];
	char key[64];
	const char *args[] = {"--tls-cert", NULL, "--tls-key", NULL,
		client_ca ? "--client-ca" : NULL, client_ca ? scratch_path(client_ca) : NULL, NULL};

	snprintf(cert, sizeof cert, "%s.pem", name);
	snprintf(key, sizeof key, "%s.key", name);
	args[1] = scratch_path(cert);
	args[3] = scratch_path(key);
	peer_start(NULL, args);
}

static struct ctm_transport_endpoint trusting(const char *ca)
{
	struct ctm_transport_endpoint e = module_endpoint(peer_url("https", "127.0.0.1"));

	e.ca_file = scratch_path(ca);
	return e;
}

Test(transport_tls, a_certificate_of_the_named_authority)
{
	struct ctm_transport_endpoint e;

	start("server", NULL);
	e = trusting("ca.pem");
	expect_outcome(module_try(&e), CTM_TRANSPORT_TAKEN, 0);
	e.url = peer_url("https", "localhost");
	expect_outcome(module_try(&e), CTM_TRANSPORT_TAKEN, 0);
}

Test(transport_tls, a_certificate_of_another_authority)
{
	struct ctm_transport_endpoint e;
	struct ctm_transport_outcome o;
	json_t *records;

	start("server", NULL);
	e = trusting("other-ca.pem");
	o = module_try(&e);
	expect_outcome(o, CTM_TRANSPORT_RETRY, 0x80072F0D);
	cr_expect_eq(o.curl_code, 60);
	e.ca_file = NULL;
	expect_outcome(module_try(&e), CTM_TRANSPORT_RETRY, 0x80072F0D);
	records = peer_records();
	cr_expect_eq(json_array_size(records), 0);
	json_decref(records);
}

Test(transport_tls, a_certificate_for_another_host)
{
	struct ctm_transport_endpoint e;

	start("misnamed", NULL);
	e = trusting("ca.pem");
	expect_outcome(module_try(&e), CTM_TRANSPORT_RETRY, 0x80072F06);
	e.url = peer_url("https", "localhost");
	expect_outcome(module_try(&e), CTM_TRANSPORT_RETRY, 0x80072F06);
}

Test(transport_tls, a_certificate_that_has_expired)
{
	struct ctm_transport_endpoint e;

	start("expired", NULL);
	e = trusting("ca.pem");
	expect_outcome(module_try(&e), CTM_TRANSPORT_RETRY, 0x80072F05);
}

Test(transport_tls, a_certificate_that_is_not_valid_yet)
{
	struct ctm_transport_endpoint e;

	start("future", NULL);
	e = trusting("ca.pem");
	expect_outcome(module_try(&e), CTM_TRANSPORT_RETRY, 0x80072F05);
}

Test(transport_tls, files_that_are_none)
{
	struct ctm_transport_endpoint e;

	start("server", NULL);
	e = trusting("none.pem");
	expect_outcome(module_try(&e), CTM_TRANSPORT_RETRY, 0x80072F0D);
	e = trusting("ca.pem");
	e.cert_file = scratch_write("bad.pem", "no certificate\n", 0600);
	expect_outcome(module_try(&e), CTM_TRANSPORT_RETRY, 0x80072F0C);
}

/* Nothing asks the terminal for a password. */
Test(transport_tls, an_encrypted_key)
{
	struct ctm_transport_endpoint e;

	start("server", NULL);
	e = trusting("ca.pem");
	e.cert_file = scratch_path("client.pem");
	e.key_file = scratch_path("client-encrypted.key");
	expect_outcome(module_try(&e), CTM_TRANSPORT_RETRY, 0x80072F0C);
}

Test(transport_tls, a_client_certificate)
{
	struct ctm_transport_endpoint e;
	json_t *records;

	start("server", "ca.pem");
	e = trusting("ca.pem");
	e.cert_file = scratch_path("client.pem");
	e.key_file = scratch_path("client.key");
	expect_outcome(module_try(&e), CTM_TRANSPORT_TAKEN, 0);
	e.cert_file = scratch_path("client-both.pem");
	e.key_file = NULL;
	expect_outcome(module_try(&e), CTM_TRANSPORT_TAKEN, 0);
	records = peer_records();
	for (size_t i = 0; i < 2; i++) {
		json_t *subject = json_object_get(json_array_get(records, i), "client_cert");

		cr_expect_str_eq(json_string_value(subject), "CN=client");
	}
	json_decref(records);
}

Test(transport_tls, no_client_certificate)
{
	struct ctm_transport_endpoint e;

	start("server", "ca.pem");
	e = trusting("ca.pem");
	expect_outcome(module_try(&e), CTM_TRANSPORT_PERSON, 0x80190193);
	e.cert_file = scratch_path("stranger.pem");
	e.key_file = scratch_path("stranger.key");
	expect_outcome(module_try(&e), CTM_TRANSPORT_PERSON, 0x80190193);
}

Test(transport_tls, a_plain_answer_where_tls_is_meant)
{
	struct ctm_transport_endpoint e;

	peer_start(NULL, NULL);
	e = trusting("ca.pem");
	expect_outcome(module_try(&e), CTM_TRANSPORT_RETRY, 0x80072F7D);
}
