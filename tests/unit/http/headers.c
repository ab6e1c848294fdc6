/* SPDX-License-Identifier: MIT */
#include "headers.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(headers, .fini = ctm_test_check_leaks);

static struct ctm_transport_message sample(enum ctm_transport_method method)
{
	return (struct ctm_transport_message){
		.size = sizeof(struct ctm_transport_message),
		.method = method,
		.id = "{3F25}",
		.source = "aria2-ctm://host",
		.time_s = 1767323045,
	};
}

static bool has(const struct curl_slist *list, const char *line)
{
	for (; list; list = list->next) {
		if (strcmp(list->data, line) == 0)
			return true;
	}
	return false;
}

Test(headers, event)
{
	static const struct {
		enum ctm_transport_method method;
		const char *type;
	} cases[] = {
		{CTM_TRANSPORT_SUCCESS, "ce-type: aria2-ctm.notify.success"},
		{CTM_TRANSPORT_ERROR, "ce-type: aria2-ctm.notify.error"},
		{CTM_TRANSPORT_PROGRESS, "ce-type: aria2-ctm.notify.progress"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ctm_transport_message m = sample(cases[i].method);
		struct ctm_transport_outcome o = {.size = sizeof o};
		struct curl_slist *list = NULL;

		cr_assert_eq(ctm_headers_add_event(&list, &m, "{3F25}/success", &o), 0);
		cr_expect(has(list, cases[i].type));
		cr_expect(has(list, "Content-Type: application/json"));
		cr_expect(has(list, "ce-specversion: 1.0"));
		cr_expect(has(list, "ce-id: {3F25}/success"));
		cr_expect(has(list, "Idempotency-Key: {3F25}/success"));
		cr_expect(has(list, "webhook-id: {3F25}/success"));
		cr_expect(has(list, "ce-source: aria2-ctm://host"));
		cr_expect(has(list, "ce-subject: {3F25}"));
		cr_expect(has(list, "ce-time: 2026-01-02T03:04:05Z"));
		cr_expect(has(list, "Expect:"));
		ctm_headers_free(list);
	}
}

static void expect_refused(const struct ctm_transport_message *m, const char *what)
{
	struct ctm_transport_outcome o = {.size = sizeof o};
	struct curl_slist *list = NULL;

	cr_assert_eq(ctm_headers_add_event(&list, m, "id", &o), -EINVAL);
	cr_expect_eq(o.verdict, CTM_TRANSPORT_REFUSED);
	cr_expect_eq(o.hresult, 0x80070057);
	cr_expect_not_null(strstr(o.text, what), "%s", o.text);
	ctm_headers_free(list);
}

Test(headers, nothing_can_be_injected)
{
	struct ctm_transport_message m = sample(CTM_TRANSPORT_SUCCESS);

	m.id = "{3F25}\r\nX-Evil: 1";
	expect_refused(&m, "szID");
	m = sample(CTM_TRANSPORT_SUCCESS);
	m.source = "host\n";
	expect_refused(&m, "source");
	m.source = NULL;
	expect_refused(&m, "source");
	m = sample(CTM_TRANSPORT_SUCCESS);
	m.time_s = INT64_MAX;
	expect_refused(&m, "time");
	m = sample((enum ctm_transport_method)0);
	expect_refused(&m, "method");
}

static int add_configured(const char *header, const char *token_file, char *ret_text)
{
	const struct ctm_transport_endpoint e = {
		.size = sizeof e, .headers = &header, .n_headers = 1, .token_file = token_file};
	struct ctm_transport_outcome o = {.size = sizeof o};
	struct curl_slist *list = NULL;
	const int r = ctm_headers_add_configured(&list, &e, &o);

	cr_expect_eq(list != NULL, r == 0);
	cr_expect_eq(o.verdict, r == 0 ? CTM_TRANSPORT_TAKEN : CTM_TRANSPORT_PERSON);
	strcpy(ret_text, o.text);
	ctm_headers_free(list);
	return r;
}

Test(headers, configured)
{
	static const char *const good[] = {"X-Site: LAB", "X-Site:LAB", "X: \xc3\xa4",
		"Authorization: Basic eDp5", "Host: ctm"};
	static const char *const bad[] = {NULL, "", "X-Site", "X Site: LAB", ": x",
		"X-Site:", "X-Site: \t", "X-Site;", "X: a\r\nY: b", "X: a\x01",
		"Content-Type: text/plain", "content-length: 3", "TRANSFER-ENCODING: chunked",
		"Expect: 100-continue", "idempotency-key: 1", "ce-id: 1", "CE-Time: 1",
		"Webhook-Signature: v1,x", "Connection: close"};
	char text[256];

	for (size_t i = 0; i < sizeof good / sizeof *good; i++)
		cr_expect_eq(add_configured(good[i], NULL, text), 0, "%s", good[i]);
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		cr_expect_eq(add_configured(bad[i], NULL, text), -EINVAL, "%s", bad[i]);
}

Test(headers, a_token_excludes_another_authorization)
{
	char text[256];

	cr_assert_eq(add_configured("authorization: Basic c2VjcmV0", "/token", text), -EINVAL);
	cr_assert_not_null(strstr(text, "\"authorization\""));
	cr_assert_null(strstr(text, "c2VjcmV0"));
}
