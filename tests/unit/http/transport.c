/* SPDX-License-Identifier: MIT */
/* The table, and messages that arrive. */
#include "transport.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "module.h"
#include "peer.h"
#include "scratch.h"

TestSuite(transport, .init = module_init, .fini = module_done);

#define ID "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}"
#define CALL "\"szEndpoint\":\"ctm\",\"szID\":\"" ID "\",\"szClientData\":\"<opaque>\","
#define COUNTS                                                                                     \
	"\"szBytesTotal\":\"1048576\",\"szBytesTransferred\":\"1048576\","                         \
	"\"ulFilesTotal\":2,\"ulFilesTransferred\":2}"

Test(transport, table)
{
	const struct ctm_transport_table *table = module_table();

	cr_assert_eq(table->size, sizeof *table);
	cr_assert_eq(table->abi_major, CTM_TRANSPORT_ABI_MAJOR);
	cr_assert_eq(table->abi_minor, CTM_TRANSPORT_ABI_MINOR);
	cr_assert_str_eq(table->name, "http");
	table->close(NULL);
}

Test(transport, says_which_libcurl_it_is)
{
	module_table()->close(module_open());
	cr_assert_not_null(strstr(module_log, "libcurl/"));
}

static void expect_header(json_t *records, const char *name, const char *value)
{
	const char *found = peer_header(records, 0, name);

	cr_expect_not_null(found, "%s", name);
	if (found)
		cr_expect_str_eq(found, value, "%s: %s", name, found);
}

static void expect_method(enum ctm_transport_method method, const char *type, const char *body)
{
	const struct ctm_transport_endpoint e = module_endpoint(peer_url("http", "127.0.0.1"));
	const struct ctm_transport_message m = module_message(method);
	const struct ctm_transport_outcome o = module_try_message(&e, &m);
	json_t *records = peer_records();
	json_t *last = json_array_get(records, json_array_size(records) - 1);

	expect_outcome(o, CTM_TRANSPORT_TAKEN, 0);
	cr_expect_eq(o.http_status, 200);
	cr_expect_eq(o.curl_code, 0);
	cr_expect_str_eq(o.text, "");
	cr_expect_str_eq(json_string_value(json_object_get(last, "method")), "POST");
	cr_expect_str_eq(json_string_value(json_object_get(last, "path")), "/notify");
	cr_expect_str_eq(json_string_value(json_object_get(last, "body")), body);
	cr_expect_str_eq(
		json_string_value(json_object_get(json_object_get(last, "headers"), "ce-type")),
		type);
	json_decref(records);
}

Test(transport, three_methods)
{
	peer_start(NULL, NULL);
	expect_method(CTM_TRANSPORT_SUCCESS, "aria2-ctm.notify.success",
		"{\"method\":\"SendNotifySuccessToCTM\"," CALL COUNTS);
	expect_method(CTM_TRANSPORT_ERROR, "aria2-ctm.notify.error",
		"{\"method\":\"SendNotifyErrorToCTM\"," CALL
		"\"hrErrorCode\":\"0x80190194\",\"szErrorMessage\":\"not found\"}");
	expect_method(CTM_TRANSPORT_PROGRESS, "aria2-ctm.notify.progress",
		"{\"method\":\"SendNotifyProgressToCTM\","
		"\"szProgressType\":\"DownloadingData\"," CALL COUNTS);
}

Test(transport, headers)
{
	const char *const configured[] = {"X-Site: LAB", "X-Other: 1"};
	static const char *const absent[] = {"expect", "cookie", "authorization", "accept-encoding",
		"webhook-signature", "webhook-timestamp"};
	struct ctm_transport_endpoint e;
	json_t *records;

	peer_start(NULL, NULL);
	e = module_endpoint(peer_url("http", "127.0.0.1"));
	e.headers = configured;
	e.n_headers = 2;
	expect_outcome(module_try(&e), CTM_TRANSPORT_TAKEN, 0);
	records = peer_records();
	expect_header(records, "content-type", "application/json");
	expect_header(records, "ce-specversion", "1.0");
	expect_header(records, "ce-id", ID "/success");
	expect_header(records, "ce-source", "aria2-ctm://host.example");
	expect_header(records, "ce-subject", ID);
	expect_header(records, "ce-time", "2026-01-02T03:04:05Z");
	expect_header(records, "idempotency-key", ID "/success");
	expect_header(records, "webhook-id", ID "/success");
	expect_header(records, "user-agent", "aria2-ctm/test");
	expect_header(records, "x-site", "LAB");
	expect_header(records, "x-other", "1");
	for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
		cr_expect_null(peer_header(records, 0, absent[i]), "%s", absent[i]);
	json_decref(records);
}

/* libcurl would ask before it sends a body beyond 1 MiB. */
Test(transport, a_large_body_goes_at_once)
{
	const size_t len = 3u << 20;
	struct ctm_transport_message m = module_message(CTM_TRANSPORT_SUCCESS);
	struct ctm_transport_endpoint e;
	char *data = malloc(len + 1);
	json_t *records;

	memset(data, 'x', len);
	data[len] = '\0';
	m.client_data = data;
	peer_start(NULL, NULL);
	e = module_endpoint(peer_url("http", "127.0.0.1"));
	expect_outcome(module_try_message(&e, &m), CTM_TRANSPORT_TAKEN, 0);
	records = peer_records();
	cr_expect_null(peer_header(records, 0, "expect"));
	cr_expect_gt(json_string_length(json_object_get(json_array_get(records, 0), "body")), len);
	json_decref(records);
	free(data);
}

Test(transport, many_at_once_each_with_its_tag)
{
	const struct ctm_transport_table *table = module_table();
	const struct ctm_transport_message m = module_message(CTM_TRANSPORT_SUCCESS);
	struct ctm_transport *t = module_open();
	struct ctm_transport_endpoint e;
	bool seen[100] = {false};
	json_t *records;

	peer_start(NULL, NULL);
	e = module_endpoint(peer_url("http", "127.0.0.1"));
	for (uint64_t tag = 0; tag < 100; tag++)
		cr_assert_eq(table->submit(t, &e, &m, tag), 0);
	for (size_t i = 0; i < 100; i++) {
		const struct ctm_transport_outcome o = module_next(t);

		expect_outcome(o, CTM_TRANSPORT_TAKEN, 0);
		cr_assert_lt(o.tag, 100);
		cr_expect_not(seen[o.tag]);
		seen[o.tag] = true;
	}
	table->close(t);
	records = peer_records();
	cr_expect_eq(json_array_size(records), 100);
	json_decref(records);
}

Test(transport, over_a_unix_socket)
{
	const char *path = scratch_path("ctm.sock");
	struct ctm_transport_endpoint e = module_endpoint("http://ctm.example/notify");
	json_t *records;

	peer_start(NULL, (const char *const[]){"--unix", path, NULL});
	e.socket_path = path;
	expect_outcome(module_try(&e), CTM_TRANSPORT_TAKEN, 0);
	records = peer_records();
	expect_header(records, "host", "ctm.example");
	json_decref(records);
}

/* A host that was built before client certificates were, say: what it does not know is not set. */
Test(transport, an_older_host)
{
	const struct ctm_transport_table *table = module_table();
	struct ctm_transport_message m = module_message(CTM_TRANSPORT_SUCCESS);
	struct ctm_transport *t = module_open();
	struct ctm_transport_outcome o = {.size = offsetof(struct ctm_transport_outcome, hresult)};
	struct ctm_transport_endpoint e;

	peer_start(NULL, NULL);
	e = module_endpoint(peer_url("http", "127.0.0.1"));
	e.size = 0;
	cr_expect_lt(table->submit(t, &e, &m, 1), 0);
	e.size = sizeof e + 64;
	m.size = sizeof m + 64;
	cr_assert_eq(table->submit(t, &e, &m, 1), 0);
	while (!table->next(t, &o))
		cr_assert_eq(table->wait(t, NULL, 0, 10000), 0);
	cr_assert_eq(o.verdict, CTM_TRANSPORT_TAKEN);
	e.size = offsetof(struct ctm_transport_endpoint, url);
	cr_assert_eq(table->submit(t, &e, &m, 2), 0);
	expect_outcome(module_next(t), CTM_TRANSPORT_PERSON, 0x80072EE5);
	table->close(t);
}
