/* SPDX-License-Identifier: MIT */
/* What becomes of messages that are not taken. */
#include "transport.h"

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "module.h"
#include "peer.h"
#include "raw.h"
#include "scratch.h"

TestSuite(transport_failures, .init = module_init, .fini = module_done);

static size_t count_records(void)
{
	json_t *records = peer_records();
	const size_t n = json_array_size(records);

	json_decref(records);
	return n;
}

static struct ctm_transport_outcome answer_with(const char *answers)
{
	struct ctm_transport_endpoint e;

	peer_start(answers, NULL);
	e = module_endpoint(peer_url("http", "127.0.0.1"));
	return module_try(&e);
}

Test(transport_failures, busy)
{
	const struct ctm_transport_outcome o = answer_with("503 header=Retry-After:7\n");

	expect_outcome(o, CTM_TRANSPORT_RETRY, 0x801901F7);
	cr_expect_eq(o.http_status, 503);
	cr_expect_eq(o.retry_after_s, 7);
	cr_expect_str_eq(o.text, "HTTP status 503");
}

Test(transport_failures, refused_by_ctm)
{
	expect_outcome(answer_with("200 header=CTM-HRESULT:0x80070490\n"), CTM_TRANSPORT_REFUSED,
		0x80070490);
}

Test(transport_failures, unreadable_hresult)
{
	expect_outcome(
		answer_with("200 header=CTM-HRESULT:fine\n"), CTM_TRANSPORT_RETRY, 0x80072F78);
}

Test(transport_failures, unauthorized)
{
	expect_outcome(answer_with("401 header=WWW-Authenticate:Basic\n"), CTM_TRANSPORT_PERSON,
		0x80190191);
	cr_expect_eq(count_records(), 1);
}

Test(transport_failures, a_redirect_is_not_followed)
{
	expect_outcome(answer_with("307 header=Location:/elsewhere\n200\n"), CTM_TRANSPORT_PERSON,
		0x80190133);
	cr_expect_eq(count_records(), 1);
}

Test(transport_failures, cut_connection)
{
	const struct ctm_transport_outcome o = answer_with("cut\n");

	expect_outcome(o, CTM_TRANSPORT_RETRY, 0x80072F78);
	cr_expect_eq(o.http_status, 0);
	cr_expect_eq(o.curl_code, 52);
	cr_expect_eq(count_records(), 1);
}

Test(transport_failures, cut_before)
{
	expect_outcome(answer_with("cut-before\n"), CTM_TRANSPORT_RETRY, 0x80072F78);
	cr_expect_eq(count_records(), 0);
}

Test(transport_failures, timeout)
{
	struct ctm_transport_endpoint e;

	peer_start("delay=10000\n", NULL);
	e = module_endpoint(peer_url("http", "127.0.0.1"));
	e.timeout_ms = 300;
	expect_outcome(module_try(&e), CTM_TRANSPORT_RETRY, 0x80072EE2);
	cr_expect_eq(count_records(), 1);
}

Test(transport_failures, a_slow_one_holds_up_no_other)
{
	const struct ctm_transport_message m = module_message(CTM_TRANSPORT_SUCCESS);
	struct ctm_transport *t = module_open();
	struct ctm_transport_endpoint fast;
	struct ctm_transport_endpoint slow;

	peer_start(NULL, NULL);
	raw_start_slow("", "", 100);
	slow = module_endpoint(raw_url());
	slow.timeout_ms = 2000;
	fast = module_endpoint(peer_url("http", "127.0.0.1"));
	cr_assert_eq(module_table()->submit(t, &slow, &m, 1), 0);
	cr_assert_eq(module_table()->submit(t, &fast, &m, 2), 0);
	cr_expect_eq(module_next(t).tag, 2);
	expect_outcome(module_next(t), CTM_TRANSPORT_RETRY, 0x80072EE2);
	module_table()->close(t);
}

Test(transport_failures, nobody_listens)
{
	struct ctm_transport_endpoint e;
	char url[64];

	snprintf(url, sizeof url, "http://127.0.0.1:%u/", raw_dead_port());
	e = module_endpoint(url);
	expect_outcome(module_try(&e), CTM_TRANSPORT_RETRY, 0x80072EFD);
}

Test(transport_failures, no_such_socket)
{
	struct ctm_transport_endpoint e = module_endpoint("http://localhost/");

	e.socket_path = scratch_path("none.sock");
	expect_outcome(module_try(&e), CTM_TRANSPORT_RETRY, 0x80072EFD);
}

Test(transport_failures, bad_urls)
{
	static const struct {
		const char *url;
		uint32_t hresult;
	} cases[] = {
		{"http://", 0x80072EE5},
		{"http://a b/", 0x80072EE5},
		{"http://localhost:99999/", 0x80072EE5},
		{"file:///etc/hostname", 0x80072EE6},
		{"ftp://localhost/x", 0x80072EE6},
		{"gopher://localhost/x", 0x80072EE6},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct ctm_transport_endpoint e = module_endpoint(cases[i].url);

		expect_outcome(module_try(&e), CTM_TRANSPORT_RETRY, cases[i].hresult);
	}
}

Test(transport_failures, nothing_can_be_injected)
{
	struct ctm_transport_message m = module_message(CTM_TRANSPORT_SUCCESS);
	struct ctm_transport_endpoint e;

	peer_start(NULL, NULL);
	e = module_endpoint(peer_url("http", "127.0.0.1"));
	m.id = "{3F25}\r\nX-Evil: 1";
	expect_outcome(module_try_message(&e, &m), CTM_TRANSPORT_REFUSED, 0x80070057);
	cr_expect_eq(count_records(), 0);
}

Test(transport_failures, close_drops_what_is_under_way)
{
	const struct ctm_transport_message m = module_message(CTM_TRANSPORT_SUCCESS);
	struct ctm_transport *t = module_open();
	struct ctm_transport_endpoint e;

	peer_start("delay=20000\n", NULL);
	e = module_endpoint(peer_url("http", "127.0.0.1"));
	for (uint64_t tag = 0; tag < 3; tag++)
		cr_assert_eq(module_table()->submit(t, &e, &m, tag), 0);
	e.token_file = scratch_path("none");
	cr_assert_eq(module_table()->submit(t, &e, &m, 3), 0);
	cr_assert_eq(module_table()->wait(t, NULL, 0, 100), 0);
	module_table()->close(t);
}
