/* SPDX-License-Identifier: MIT */
#include "answer.h"

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(answer, .fini = ctm_test_check_leaks);

/* 2026-01-02T03:04:05Z, a Friday. */
#define NOW 1767323045

static struct ctm_transport_outcome judge(
	unsigned status, const char *hresult, const char *retry_after)
{
	struct ctm_transport_outcome o = {.size = sizeof o, .tag = 7, .retry_after_s = 99};
	struct ctm_reply reply = {.status = status, .complete = true};

	if (hresult) {
		reply.has_hresult = true;
		strcpy(reply.hresult, hresult);
	}
	if (retry_after)
		strcpy(reply.retry_after, retry_after);
	ctm_answer_judge(&reply, NOW, &o);
	cr_assert_eq(o.tag, 7);
	cr_assert_eq(o.http_status, status);
	return o;
}

Test(answer, verdicts)
{
	static const struct {
		unsigned status;
		const char *header;
		enum ctm_transport_verdict verdict;
		uint32_t hresult;
	} cases[] = {
		{200, NULL, CTM_TRANSPORT_TAKEN, 0},
		{202, NULL, CTM_TRANSPORT_TAKEN, 0},
		{204, NULL, CTM_TRANSPORT_TAKEN, 0},
		{299, NULL, CTM_TRANSPORT_TAKEN, 0},
		{200, "0x00000000", CTM_TRANSPORT_TAKEN, 0},
		{200, "0X0", CTM_TRANSPORT_TAKEN, 0},
		{200, "0x80070057", CTM_TRANSPORT_REFUSED, 0x80070057},
		{200, "0x8007000D", CTM_TRANSPORT_REFUSED, 0x8007000D},
		{200, "0x8007000d", CTM_TRANSPORT_REFUSED, 0x8007000D},
		{202, "0x80070490", CTM_TRANSPORT_REFUSED, 0x80070490},
		{200, "0x800706BA", CTM_TRANSPORT_RETRY, 0x800706BA},
		{200, "0x80004005", CTM_TRANSPORT_RETRY, 0x80004005},
		{200, "0x00000001", CTM_TRANSPORT_RETRY, 1},
		{200, "", CTM_TRANSPORT_RETRY, 0x80072F78},
		{200, "0", CTM_TRANSPORT_RETRY, 0x80072F78},
		{200, "S_OK", CTM_TRANSPORT_RETRY, 0x80072F78},
		{200, "0x", CTM_TRANSPORT_RETRY, 0x80072F78},
		{200, "0x000000000", CTM_TRANSPORT_RETRY, 0x80072F78},
		{200, "0x0000000G", CTM_TRANSPORT_RETRY, 0x80072F78},
		{200, "0x 0", CTM_TRANSPORT_RETRY, 0x80072F78},
		{200, "-2147024809", CTM_TRANSPORT_RETRY, 0x80072F78},
		{300, NULL, CTM_TRANSPORT_PERSON, 0x8019012C},
		{302, NULL, CTM_TRANSPORT_PERSON, 0x8019012E},
		{399, NULL, CTM_TRANSPORT_PERSON, 0x8019018F},
		{400, NULL, CTM_TRANSPORT_REFUSED, 0x80190190},
		{401, NULL, CTM_TRANSPORT_PERSON, 0x80190191},
		{402, NULL, CTM_TRANSPORT_RETRY, 0x80190192},
		{403, NULL, CTM_TRANSPORT_PERSON, 0x80190193},
		{404, NULL, CTM_TRANSPORT_PERSON, 0x80190194},
		{405, NULL, CTM_TRANSPORT_RETRY, 0x80190195},
		{407, NULL, CTM_TRANSPORT_PERSON, 0x80190197},
		{408, NULL, CTM_TRANSPORT_RETRY, 0x80190198},
		{409, NULL, CTM_TRANSPORT_RETRY, 0x80190199},
		{410, NULL, CTM_TRANSPORT_REFUSED, 0x8019019A},
		{413, NULL, CTM_TRANSPORT_REFUSED, 0x8019019D},
		{422, NULL, CTM_TRANSPORT_REFUSED, 0x801901A6},
		{425, NULL, CTM_TRANSPORT_RETRY, 0x801901A9},
		{429, NULL, CTM_TRANSPORT_RETRY, 0x801901AD},
		{500, NULL, CTM_TRANSPORT_RETRY, 0x801901F4},
		{503, NULL, CTM_TRANSPORT_RETRY, 0x801901F7},
		{599, NULL, CTM_TRANSPORT_RETRY, 0x80190257},
		{600, NULL, CTM_TRANSPORT_RETRY, 0x80072F78},
		{999, NULL, CTM_TRANSPORT_RETRY, 0x80072F78},
		/* Elsewhere the status decides, and CTM may name the cause. */
		{503, "0x80070057", CTM_TRANSPORT_RETRY, 0x80070057},
		{503, "0x00000000", CTM_TRANSPORT_RETRY, 0x801901F7},
		{503, "garbage", CTM_TRANSPORT_RETRY, 0x801901F7},
		{410, "0x00000000", CTM_TRANSPORT_REFUSED, 0x8019019A},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ctm_transport_outcome o = judge(cases[i].status, cases[i].header, NULL);

		cr_expect_eq(o.verdict, cases[i].verdict, "%u %s", cases[i].status,
			cases[i].header ? cases[i].header : "-");
		cr_expect_eq(o.hresult, cases[i].hresult, "%u %s: 0x%08X", cases[i].status,
			cases[i].header ? cases[i].header : "-", o.hresult);
		cr_expect_eq(o.retry_after_s, 0);
		cr_expect_eq(o.text[0] == '\0', o.verdict == CTM_TRANSPORT_TAKEN);
	}
}

Test(answer, retry_after)
{
	static const struct {
		const char *value;
		uint32_t seconds;
	} cases[] = {
		{"", 0},
		{"0", 1},
		{"1", 1},
		{"120", 120},
		{"0120", 120},
		{"86400", 86400},
		{"86401", 86400},
		{"99999999999999999999999999999999999999999", 86400},
		{"-5", 0},
		{"+5", 0},
		{"1.5", 0},
		{"5s", 0},
		{"soon", 0},
		{"Sometime", 0},
		{"20260102", 86400},
		{"2026-01-02 03:05:05", 0},
		{"Fri, 02 Jan 2026 03:05:05 GMT", 60},
		{"Friday, 02-Jan-26 03:05:05 GMT", 60},
		{"Fri Jan  2 03:05:05 2026", 60},
		{"Fri, 02 Jan 2026 03:04:05 GMT", 1},
		{"Fri, 02 Jan 2026 03:04:04 GMT", 0},
		{"Sun, 02 Jan 2028 03:04:04 GMT", 86400},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		cr_expect_eq(judge(503, NULL, cases[i].value).retry_after_s, cases[i].seconds,
			"\"%s\": %u", cases[i].value,
			judge(503, NULL, cases[i].value).retry_after_s);
	}
}

Test(answer, retry_after_counts_only_where_a_retry_follows)
{
	cr_assert_eq(judge(401, NULL, "30").retry_after_s, 30);
	cr_assert_eq(judge(200, "0x800706BA", "30").retry_after_s, 30);
	cr_assert_eq(judge(200, NULL, "30").retry_after_s, 0);
	cr_assert_eq(judge(410, NULL, "30").retry_after_s, 0);
}

Test(answer, texts)
{
	cr_assert_str_eq(judge(503, NULL, NULL).text, "HTTP status 503");
	cr_assert_str_eq(judge(200, "0x800706ba", NULL).text, "CTM answered 0x800706BA");
	cr_assert_not_null(strstr(judge(302, NULL, NULL).text, "redirects are not followed"));
	cr_assert_not_null(strstr(judge(200, "x\x01y", NULL).text, "\"x y\""));
}

Test(answer, a_proxy_is_never_final)
{
	struct ctm_transport_outcome o = {.size = sizeof o};

	ctm_answer_judge_proxy(407, &o);
	cr_assert_eq(o.verdict, CTM_TRANSPORT_PERSON);
	cr_assert_eq(o.hresult, 0x80190197);
	ctm_answer_judge_proxy(400, &o);
	cr_assert_eq(o.verdict, CTM_TRANSPORT_RETRY);
	ctm_answer_judge_proxy(502, &o);
	cr_assert_eq(o.verdict, CTM_TRANSPORT_RETRY);
	cr_assert_eq(o.http_status, 0);
}
