/* SPDX-License-Identifier: MIT */
#include "answer.h"

#include <inttypes.h>
#include <string.h>

#include <curl/curl.h>

#include "hresult.h"
#include "outcome.h"

/* What is not listed is retried from the first step. The hint says what a person can do. */
static const struct by_status {
	unsigned first, last;
	enum ctm_transport_verdict verdict;
	const char *hint;
} by_status[] = {
	{300, 399, CTM_TRANSPORT_PERSON, ": redirects are not followed, set url to the new place"},
	{400, 400, CTM_TRANSPORT_REFUSED, ": the endpoint can't read the message"},
	{401, 401, CTM_TRANSPORT_PERSON, ": the endpoint wants credentials, see token_file"},
	{403, 403, CTM_TRANSPORT_PERSON, ": the endpoint does not admit these credentials"},
	{404, 404, CTM_TRANSPORT_PERSON, ": nothing answers at this url"},
	{407, 407, CTM_TRANSPORT_PERSON, ": the proxy wants credentials"},
	{410, 410, CTM_TRANSPORT_REFUSED, ": the endpoint is gone for good"},
	{413, 413, CTM_TRANSPORT_REFUSED, ": the message is too large for the endpoint"},
	{422, 422, CTM_TRANSPORT_REFUSED, ": the endpoint refuses the content"},
	{600, 999, CTM_TRANSPORT_RETRY, ": there is none such"},
};

static const struct by_status *find_status(unsigned status)
{
	static const struct by_status other = {0, 0, CTM_TRANSPORT_RETRY, ""};

	for (size_t i = 0; i < sizeof by_status / sizeof *by_status; i++) {
		if (status >= by_status[i].first && status <= by_status[i].last)
			return &by_status[i];
	}
	return &other;
}

/* CTM's words that no attempt will change. */
static enum ctm_transport_verdict verdict_of_hresult(uint32_t hresult)
{
	static const uint32_t final[] = {CTM_HR_INVALID_ARG, CTM_HR_INVALID_DATA, CTM_HR_NOT_FOUND};

	for (size_t i = 0; i < sizeof final / sizeof *final; i++) {
		if (final[i] == hresult)
			return CTM_TRANSPORT_REFUSED;
	}
	return CTM_TRANSPORT_RETRY;
}

/* "0x" and one to eight hexadecimal digits, nothing else. */
static bool parse_hresult(const char *s, uint32_t *ret_hresult)
{
	static const char digits[] = "0123456789abcdef";
	size_t len = strlen(s);
	uint32_t value = 0;

	if (len < 3 || len > 10 || s[0] != '0' || (s[1] | 0x20) != 'x')
		return false;
	for (size_t i = 2; i < len; i++) {
		const int c = s[i] >= 'A' && s[i] <= 'F' ? s[i] + ('a' - 'A') : s[i];
		const char *at = strchr(digits, c);

		if (!at)
			return false;
		value = value << 4 | (uint32_t)(at - digits);
	}
	*ret_hresult = value;
	return true;
}

static uint32_t clamp(int64_t seconds)
{
	if (seconds < 1)
		return 1;
	if (seconds > CTM_ANSWER_RETRY_AFTER_MAX_S)
		return CTM_ANSWER_RETRY_AFTER_MAX_S;
	return (uint32_t)seconds;
}

/*
 * Seconds or a date; 0 where it is neither, or a date that is past. A date begins with the name of
 * a day; what libcurl would read beyond that ("20260102", "-5") is none.
 */
static uint32_t parse_retry_after(const char *s, int64_t now_s)
{
	const size_t len = strlen(s);
	int64_t seconds = 0;
	int64_t date;

	if (len && strspn(s, "0123456789") == len) {
		for (; *s && seconds <= CTM_ANSWER_RETRY_AFTER_MAX_S; s++)
			seconds = seconds * 10 + (*s - '0');
		return clamp(seconds);
	}
	if (!*s || !strchr("MTWFS", *s))
		return 0;
	date = (int64_t)curl_getdate(s, NULL);
	return date < 0 || date < now_s ? 0 : clamp(date - now_s);
}

static void judge_2xx(const struct ctm_reply *reply, struct ctm_transport_outcome *o)
{
	uint32_t hresult = 0;

	if (reply->has_hresult && !parse_hresult(reply->hresult, &hresult))
		ctm_outcome_set(o, CTM_TRANSPORT_RETRY, CTM_HR_INVALID_SERVER_RESPONSE,
			"HTTP status %u with an unreadable CTM-HRESULT \"%s\"", reply->status,
			reply->hresult);
	else if (hresult)
		ctm_outcome_set(o, verdict_of_hresult(hresult), hresult,
			"CTM answered 0x%08" PRIX32, hresult);
	else
		ctm_outcome_set(o, CTM_TRANSPORT_TAKEN, 0, "%s", "");
}

/* What is beyond HTTP's five classes counts as a failure of the server's (RFC 9110, 15). */
static uint32_t hresult_of_status(unsigned status)
{
	return status <= 599 ? CTM_HR_HTTP(status) : CTM_HR_INVALID_SERVER_RESPONSE;
}

static void judge_status(const struct ctm_reply *reply, struct ctm_transport_outcome *o)
{
	const struct by_status *found = find_status(reply->status);
	uint32_t hresult;

	if (!reply->has_hresult || !parse_hresult(reply->hresult, &hresult) || !hresult)
		hresult = hresult_of_status(reply->status);
	ctm_outcome_set(o, found->verdict, hresult, "HTTP status %u%s", reply->status, found->hint);
}

void ctm_answer_judge(const struct ctm_reply *reply, int64_t now_s, struct ctm_transport_outcome *o)
{
	o->http_status = reply->status;
	o->retry_after_s = 0;
	if (reply->status >= 200 && reply->status <= 299)
		judge_2xx(reply, o);
	else
		judge_status(reply, o);
	if (o->verdict == CTM_TRANSPORT_RETRY || o->verdict == CTM_TRANSPORT_PERSON)
		o->retry_after_s = parse_retry_after(reply->retry_after, now_s);
}

void ctm_answer_judge_proxy(unsigned status, struct ctm_transport_outcome *o)
{
	const struct by_status *found = find_status(status);
	const bool person = found->verdict == CTM_TRANSPORT_PERSON;

	ctm_outcome_set(o, person ? CTM_TRANSPORT_PERSON : CTM_TRANSPORT_RETRY,
		hresult_of_status(status), "the proxy answered HTTP status %u", status);
}
