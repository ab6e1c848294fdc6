/* SPDX-License-Identifier: MIT */
/* The environment's proxy is used, but never for this machine itself. ctm-endpoint plays one. */
#include "transport.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "module.h"
#include "peer.h"
#include "raw.h"
#include "scratch.h"

TestSuite(transport_proxy, .init = module_init, .fini = module_done);

static void expect_path(const char *path)
{
	json_t *records = peer_records();

	cr_expect_eq(json_array_size(records), 1);
	cr_expect_str_eq(
		json_string_value(json_object_get(json_array_get(records, 0), "path")), path);
	json_decref(records);
}

static void set_dead_proxy(void)
{
	char url[64];

	snprintf(url, sizeof url, "http://127.0.0.1:%u/", raw_dead_port());
	setenv("http_proxy", url, 1);
	setenv("https_proxy", url, 1);
	setenv("all_proxy", url, 1);
}

Test(transport_proxy, of_the_environment)
{
	const struct ctm_transport_endpoint e = module_endpoint("http://ctm.invalid/notify");

	peer_start(NULL, NULL);
	setenv("http_proxy", peer_url("http", "127.0.0.1"), 1);
	expect_outcome(module_try(&e), CTM_TRANSPORT_TAKEN, 0);
	expect_path("http://ctm.invalid/notify");
}

Test(transport_proxy, of_the_environment_not_for_this_machine)
{
	static const char *const hosts[] = {
		"127.0.0.1", "localhost", "127.1", "[::ffff:127.0.0.1]"};

	set_dead_proxy();
	peer_start(NULL, NULL);
	for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++) {
		const struct ctm_transport_endpoint e = module_endpoint(peer_url("http", hosts[i]));

		expect_outcome(module_try(&e), CTM_TRANSPORT_TAKEN, 0);
	}
}

Test(transport_proxy, of_the_environment_not_for_a_socket)
{
	const char *path = scratch_path("ctm.sock");
	struct ctm_transport_endpoint e = module_endpoint("http://ctm.invalid/notify");

	set_dead_proxy();
	peer_start(NULL, (const char *const[]){"--unix", path, NULL});
	e.socket_path = path;
	e.proxy = getenv("http_proxy");
	expect_outcome(module_try(&e), CTM_TRANSPORT_TAKEN, 0);
	expect_path("/notify");
}

/* What the configuration says is meant, whatever the environment thinks. */
Test(transport_proxy, of_the_configuration)
{
	struct ctm_transport_endpoint e = module_endpoint("http://ctm.invalid/notify");

	set_dead_proxy();
	setenv("no_proxy", "*", 1);
	peer_start(NULL, NULL);
	e.proxy = peer_url("http", "127.0.0.1");
	expect_outcome(module_try(&e), CTM_TRANSPORT_TAKEN, 0);
	expect_path("http://ctm.invalid/notify");
}

/* A proxy does not speak for CTM: its 400 is not the end of the message. */
Test(transport_proxy, that_opens_no_tunnel)
{
	static const struct {
		const char *answer;
		enum ctm_transport_verdict verdict;
		uint32_t hresult;
	} cases[] = {
		{"HTTP/1.1 407 No\r\nCTM-HRESULT: 0x80070057\r\nContent-Length: 0\r\n\r\n",
			CTM_TRANSPORT_PERSON, 0x80190197},
		{"HTTP/1.1 400 No\r\nContent-Length: 0\r\n\r\n", CTM_TRANSPORT_RETRY, 0x80190190},
		{"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", CTM_TRANSPORT_RETRY, 0x801901F7},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ctm_transport_endpoint e = module_endpoint("https://ctm.invalid/notify");
		struct ctm_transport_outcome o;

		raw_start(cases[i].answer, NULL);
		e.proxy = raw_url();
		o = module_try(&e);
		expect_outcome(o, cases[i].verdict, cases[i].hresult);
		cr_expect_eq(o.http_status, 0);
		cr_expect_not_null(strstr(o.text, "proxy"));
	}
}
