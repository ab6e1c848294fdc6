/* SPDX-License-Identifier: MIT */
/* Peers that break the rules: every attempt ends, soon, with bounded memory, and truly. */
#include "transport.h"

#include <string.h>
#include <time.h>

#include <criterion/criterion.h>

#include "module.h"
#include "peer.h"
#include "raw.h"

TestSuite(transport_hostile, .init = module_init, .fini = module_done);

static struct ctm_transport_outcome hear(const char *head, const char *again)
{
	struct ctm_transport_endpoint e;

	raw_start(head, again);
	e = module_endpoint(raw_url());
	return module_try(&e);
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* The word was spoken; what follows is not waited for. */
Test(transport_hostile, an_endless_body)
{
	const double start = now();

	expect_outcome(
		hear("HTTP/1.1 200 OK\r\n\r\n", "no end in sight\n"), CTM_TRANSPORT_TAKEN, 0);
	expect_outcome(hear("HTTP/1.1 503 No\r\nRetry-After: 9\r\n\r\n", "no end in sight\n"),
		CTM_TRANSPORT_RETRY, 0x801901F7);
	cr_expect_lt(now() - start, 5);
}

Test(transport_hostile, an_endless_body_from_a_real_server)
{
	struct ctm_transport_endpoint e;

	peer_start("200 endless\n", NULL);
	e = module_endpoint(peer_url("http", "127.0.0.1"));
	expect_outcome(module_try(&e), CTM_TRANSPORT_TAKEN, 0);
}

Test(transport_hostile, a_body_that_trickles)
{
	struct ctm_transport_endpoint e;

	raw_start_slow("HTTP/1.1 200 OK\r\n\r\n", ".", 50);
	e = module_endpoint(raw_url());
	e.timeout_ms = 500;
	expect_outcome(module_try(&e), CTM_TRANSPORT_TAKEN, 0);
}

Test(transport_hostile, a_body_that_breaks_off)
{
	expect_outcome(hear("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort", NULL),
		CTM_TRANSPORT_TAKEN, 0);
	expect_outcome(hear("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n", NULL),
		CTM_TRANSPORT_TAKEN, 0);
}

Test(transport_hostile, endless_headers)
{
	expect_outcome(
		hear("HTTP/1.1 200 OK\r\n", "X-Filler: 0123456789abcdef0123456789abcdef\r\n"),
		CTM_TRANSPORT_RETRY, 0x80072F78);
}

Test(transport_hostile, endless_hints)
{
	expect_outcome(hear("", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"),
		CTM_TRANSPORT_RETRY, 0x80072F78);
}

Test(transport_hostile, headers_that_break_off)
{
	const struct ctm_transport_outcome o = hear("HTTP/1.1 200 OK\r\nContent-Le", NULL);

	cr_expect_eq(o.verdict, CTM_TRANSPORT_RETRY);
	cr_expect_eq(o.http_status, 0);
}

Test(transport_hostile, no_http_at_all)
{
	expect_outcome(hear("SSH-2.0-OpenSSH_9.2\r\n", NULL), CTM_TRANSPORT_RETRY, 0x80072F78);
	cr_expect_eq(hear("HTTP/7.0 200 OK\r\n\r\n", NULL).verdict, CTM_TRANSPORT_RETRY);
	cr_expect_eq(hear("HTTP/1.1 abc\r\n\r\n", NULL).verdict, CTM_TRANSPORT_RETRY);
}

Test(transport_hostile, a_trailer_does_not_count)
{
	expect_outcome(hear("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
			    "Trailer: CTM-HRESULT\r\n\r\n0\r\nCTM-HRESULT: 0x80070057\r\n\r\n",
			       NULL),
		CTM_TRANSPORT_TAKEN, 0);
}

Test(transport_hostile, words_that_contradict)
{
	expect_outcome(hear("HTTP/1.1 200 OK\r\nCTM-HRESULT: 0x00000000\r\n"
			    "CTM-HRESULT: 0x80070057\r\nContent-Length: 0\r\n\r\n",
			       NULL),
		CTM_TRANSPORT_RETRY, 0x80072F78);
}

/* No decoder runs: what claims to be compressed is thrown away like the rest. */
Test(transport_hostile, a_body_that_claims_to_be_compressed)
{
	expect_outcome(hear("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n"
			    "\r\nnope",
			       NULL),
		CTM_TRANSPORT_TAKEN, 0);
}

Test(transport_hostile, the_text_is_fit_for_a_log)
{
	const struct ctm_transport_outcome o = hear(
		"HTTP/1.1 200 OK\r\nCTM-HRESULT: \x1b[2Jx\xff\r\nContent-Length: 0\r\n\r\n", NULL);

	expect_outcome(o, CTM_TRANSPORT_RETRY, 0x80072F78);
	cr_expect_null(strchr(o.text, '\x1b'));
	cr_expect_null(strchr(o.text, '\xff'));
}
