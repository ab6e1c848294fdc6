/* SPDX-License-Identifier: MIT */
/* What can be seen without a peer; the rest is in transport_proxy.c and transport_tls.c. */
#include "options.h"

#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include "scratch.h"

TestSuite(options, .init = scratch_init, .fini = scratch_done);

static struct ctm_transport_outcome outcome;

static int set(const struct ctm_transport_endpoint *e)
{
	CURL *easy = curl_easy_init();
	int r;

	outcome = (struct ctm_transport_outcome){.size = sizeof outcome};
	r = ctm_options_set(easy, e, "test/1", &outcome);
	curl_easy_cleanup(easy);
	return r;
}

Test(options, all_that_an_endpoint_can_say)
{
	const char *key = scratch_write("key", "x", 0600);
	const struct ctm_transport_endpoint e = {
		.size = sizeof e,
		.url = "https://ctm.example/notify",
		.ca_file = "/nowhere/ca.pem",
		.cert_file = "/nowhere/cert.pem",
		.key_file = key,
		.proxy = "http://proxy.example:3128",
		.connect_timeout_ms = UINT32_MAX,
		.timeout_ms = UINT32_MAX,
	};

	cr_assert_eq(set(&e), 0, "%s", outcome.text);
}

Test(options, bare_minimum)
{
	const struct ctm_transport_endpoint e = {.size = sizeof e, .url = "http://localhost/"};

	cr_assert_eq(set(&e), 0, "%s", outcome.text);
}

Test(options, a_url_is_needed)
{
	const struct ctm_transport_endpoint e = {.size = sizeof e};

	cr_assert_eq(set(&e), -EINVAL);
	cr_assert_eq(outcome.verdict, CTM_TRANSPORT_PERSON);
	cr_assert_eq(outcome.hresult, 0x80072EE5);
}

Test(options, a_key_is_a_secret)
{
	const char *open = scratch_write("open", "x", 0644);
	struct ctm_transport_endpoint e = {
		.size = sizeof e, .url = "https://ctm.example/", .cert_file = open};

	/* The certificate may be open to all, but not if it brings its key. */
	cr_assert_eq(set(&e), -EPERM);
	cr_assert_not_null(strstr(outcome.text, "cert_file"));
	e.key_file = open;
	cr_assert_eq(set(&e), -EPERM);
	cr_assert_not_null(strstr(outcome.text, "key_file"));
	e.key_file = scratch_write("closed", "x", 0600);
	cr_assert_eq(set(&e), 0);
	e.key_file = scratch_path("none");
	cr_assert_eq(set(&e), -ENOENT);
	cr_assert_eq(outcome.verdict, CTM_TRANSPORT_PERSON);
}
