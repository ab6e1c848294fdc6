/* SPDX-License-Identifier: MIT */
/* Whoever is asked may break the rules: every question ends, soon, with bounded memory. */
#include "transport.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include <criterion/criterion.h>

#include "module.h"
#include "peer.h"
#include "raw.h"

TestSuite(transport_ask_hostile, .init = module_init, .fini = module_done);

static struct ctm_transport_answer ask(const char *head, const char *again, unsigned pause_ms)
{
	struct ctm_transport_question q;

	raw_start_slow(head, again, pause_ms);
	q = module_question(raw_url());
	q.timeout_ms = 1500;
	return module_ask(&q);
}

/* A failure has a name, a text, and no bytes. */
static void expect_failure(const struct ctm_transport_answer *answer, uint32_t hresult)
{
	cr_expect_eq(answer->hresult, hresult, "0x%08X: %s", answer->hresult, answer->text);
	cr_expect_eq(answer->http_status, 0);
	cr_expect_null(answer->body);
	cr_expect_neq(answer->text[0], '\0');
}

static void expect_end(const char *head, const char *again, unsigned pause_ms, uint32_t hresult)
{
	const struct ctm_transport_answer answer = ask(head, again, pause_ms);

	expect_failure(&answer, hresult);
}

Test(transport_ask_hostile, longer_than_the_limit)
{
	/* A page at a time: the limit is to be met before the timeout on a slow machine too. */
	static char no_end_in_sight[4096];
	struct ctm_transport_question q;
	struct ctm_transport_answer answer;

	memset(no_end_in_sight, '.', sizeof no_end_in_sight - 1);
	expect_end("HTTP/1.1 200 OK\r\n\r\n", no_end_in_sight, 0, 0x800700EA);
	raw_start("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789", NULL);
	q = module_question(raw_url());
	q.answer_max = 9;
	answer = module_ask(&q);
	expect_failure(&answer, 0x800700EA);
	cr_expect_str_eq(answer.text, "the answer is longer than 9 bytes");
	q.answer_max = 10;
	answer = module_ask(&q);
	cr_expect_eq(answer.hresult, 0);
	cr_expect_eq(answer.body_len, 10);
	module_table()->release(NULL, &answer);
}

Test(transport_ask_hostile, headers_without_end)
{
	expect_end("HTTP/1.1 200 OK\r\n", "X-Filler: 0123456789abcdef0123456789abcdef\r\n", 0,
		0x80072F78);
	expect_end("", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", 0, 0x80072F78);
}

Test(transport_ask_hostile, slow)
{
	expect_end("", "", 100, 0x80072EE2);
	expect_end("HTTP/1.1 200 OK\r\n\r\n", ".", 50, 0x80072EE2);
}

Test(transport_ask_hostile, breaks_off)
{
	expect_end(
		"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"result\":", NULL, 0, 0x80070026);
	expect_end("HTTP/1.1 200 OK\r\nContent-Le", NULL, 0, 0x80072F78);
	expect_end("", NULL, 0, 0x80072F78);
}

Test(transport_ask_hostile, no_http_at_all)
{
	expect_end("SSH-2.0-OpenSSH_9.2\r\n", NULL, 0, 0x80072F78);
	cr_expect_neq(ask("HTTP/1.1 abc\r\n\r\n", NULL, 0).hresult, 0);
}

/* No decoder runs: a small answer can't become a large one. */
Test(transport_ask_hostile, compressed)
{
	struct ctm_transport_answer answer = ask("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
						 "Content-Length: 4\r\n\r\nnope",
		NULL, 0);

	cr_expect_eq(answer.hresult, 0);
	cr_expect_str_eq(answer.body, "nope");
	module_table()->release(NULL, &answer);
}

Test(transport_ask_hostile, nobody_listens)
{
	struct ctm_transport_question q;
	struct ctm_transport_answer answer;
	char url[64];

	snprintf(url, sizeof url, "http://127.0.0.1:%u/jsonrpc", raw_dead_port());
	q = module_question(url);
	answer = module_ask(&q);
	expect_failure(&answer, 0x80072EFD);
	cr_expect_eq(answer.curl_code, 7);
}

Test(transport_ask_hostile, bad_urls)
{
	static const struct {
		const char *url;
		uint32_t hresult;
	} cases[] = {
		{"http://", 0x80072EE5},
		{"file:///etc/hostname", 0x80072EE6},
		{"ftp://localhost/x", 0x80072EE6},
		{NULL, 0x80072EE5},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct ctm_transport_question q = module_question(cases[i].url);
		const struct ctm_transport_answer answer = module_ask(&q);

		expect_failure(&answer, cases[i].hresult);
	}
}
