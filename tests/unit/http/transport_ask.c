/* SPDX-License-Identifier: MIT */
/* Questions as they go over the wire, and answers by the rules. */
#include "transport.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "module.h"
#include "peer.h"
#include "raw.h"

TestSuite(transport_ask, .init = module_init, .fini = module_done);

static void release(struct ctm_transport_answer *answer)
{
	module_table()->release(NULL, answer);
	cr_expect_null(answer->body);
}

Test(transport_ask, what_is_sent)
{
	struct ctm_transport_answer answer;
	struct ctm_transport_question q;
	json_t *records;

	peer_start(NULL, NULL);
	q = module_question(peer_url("http", "127.0.0.1"));
	q.body = "{\"method\":\"aria2.getVersion\"}";
	q.body_len = strlen(q.body);
	answer = module_ask(&q);
	cr_expect_eq(answer.hresult, 0, "%s", answer.text);
	cr_expect_eq(answer.http_status, 200);
	release(&answer);
	records = peer_records();
	cr_assert_eq(json_array_size(records), 1);
	cr_expect_str_eq(peer_header(records, 0, "content-type"), "application/json");
	cr_expect_str_eq(peer_header(records, 0, "user-agent"), "aria2-ctm/test");
	cr_expect_null(peer_header(records, 0, "accept-encoding"));
	cr_expect_null(peer_header(records, 0, "expect"));
	cr_expect_null(peer_header(records, 0, "ce-id"));
	json_decref(records);
}

static struct ctm_transport_answer hear(const char *said)
{
	struct ctm_transport_question q;

	raw_start(said, NULL);
	q = module_question(raw_url());
	return module_ask(&q);
}

Test(transport_ask, an_answer_of_any_status_is_one)
{
	struct ctm_transport_answer answer =
		hear("HTTP/1.1 400 Bad Request\r\nContent-Length: 12\r\n\r\n{\"error\":{}}");

	cr_expect_eq(answer.hresult, 0, "%s", answer.text);
	cr_expect_eq(answer.http_status, 400);
	cr_expect_eq(answer.body_len, 12);
	cr_expect_str_eq(answer.body, "{\"error\":{}}");
	release(&answer);
	answer = hear("HTTP/1.1 204 No Content\r\n\r\n");
	cr_expect_eq(answer.hresult, 0, "%s", answer.text);
	cr_expect_null(answer.body);
	release(&answer);
}

Test(transport_ask, redirects_are_not_followed)
{
	struct ctm_transport_question q;
	struct ctm_transport_answer answer;
	json_t *records;

	peer_start("307 header=Location:/elsewhere\n200\n", NULL);
	q = module_question(peer_url("http", "127.0.0.1"));
	answer = module_ask(&q);
	cr_expect_eq(answer.http_status, 307);
	release(&answer);
	records = peer_records();
	cr_expect_eq(json_array_size(records), 1);
	json_decref(records);
}

/* The environment's proxy is not for this machine itself. */
Test(transport_ask, no_proxy_for_this_machine)
{
	struct ctm_transport_answer answer;

	setenv("http_proxy", "http://127.0.0.1:1/", 1);
	answer = hear("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]");
	cr_expect_eq(answer.hresult, 0, "%s", answer.text);
	release(&answer);
	unsetenv("http_proxy");
}

Test(transport_ask, beside_messages)
{
	const struct ctm_transport_message m = module_message(CTM_TRANSPORT_SUCCESS);
	struct ctm_transport_outcome o = {.size = sizeof o};
	struct ctm_transport_answer answer = {.size = sizeof answer};
	struct ctm_transport *t = module_open();
	struct ctm_transport_question q;
	struct ctm_transport_endpoint e;
	size_t n_outcomes = 0;
	size_t n_answers = 0;

	peer_start(NULL, NULL);
	raw_start("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", NULL);
	e = module_endpoint(peer_url("http", "127.0.0.1"));
	q = module_question(raw_url());
	cr_assert_eq(module_table()->submit(t, &e, &m, 1), 0);
	cr_assert_eq(module_table()->ask(t, &q, 2), 0);
	cr_assert_eq(module_table()->ask(t, &q, 3), 0);
	cr_expect_eq(module_table()->next(t, &o), 0);
	cr_expect_eq(module_table()->next_answer(t, &answer), 0);
	for (int i = 0; i < 20 && (n_outcomes < 1 || n_answers < 2); i++) {
		cr_assert_eq(module_table()->wait(t, NULL, 0, 1000), 0);
		while (module_table()->next(t, &o)) {
			cr_expect_eq(o.tag, 1);
			n_outcomes++;
		}
		while (module_table()->next_answer(t, &answer)) {
			cr_expect(answer.tag == 2 || answer.tag == 3);
			cr_expect_str_eq(answer.body, "[]");
			release(&answer);
			n_answers++;
		}
	}
	cr_expect_eq(n_outcomes, 1);
	cr_expect_eq(n_answers, 2);
	module_table()->close(t);
}

Test(transport_ask, close_drops_what_is_under_way)
{
	struct ctm_transport *t = module_open();
	struct ctm_transport_question q;

	raw_start("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", NULL);
	q = module_question(raw_url());
	cr_assert_eq(module_table()->ask(t, &q, 1), 0);
	cr_assert_eq(module_table()->wait(t, NULL, 0, 5000), 0);
	cr_assert_eq(module_table()->ask(t, &q, 2), 0);
	module_table()->close(t);
}

/* A host that was built before a member was added. */
Test(transport_ask, an_older_host)
{
	struct ctm_transport_answer answer = {.size = offsetof(struct ctm_transport_answer, text)};
	struct ctm_transport *t = module_open();
	struct ctm_transport_question q;

	raw_start("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]", NULL);
	q = module_question(raw_url());
	cr_assert_eq(module_table()->ask(t, &q, 1), 0);
	while (!module_table()->next_answer(t, &answer))
		cr_assert_eq(module_table()->wait(t, NULL, 0, 1000), 0);
	cr_expect_str_eq(answer.body, "[]");
	release(&answer);
	q.size = 4;
	cr_expect_lt(module_table()->ask(t, &q, 1), 0);
	module_table()->close(t);
}
