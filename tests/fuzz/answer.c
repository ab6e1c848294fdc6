/* SPDX-License-Identifier: MIT */
/*
 * What an endpoint answers, line by line as libcurl hands it out, and what is made of it: taken is
 * only a 2xx whose every CTM-HRESULT is zero; the verdict is the status's; Retry-After stays within
 * its bounds; what is shown is one visible line; no more is kept than may be.
 *
 * Input: a switch, the wall clock, the header lines up to an empty one, the body.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "answer.h"
#include "fuzz.h"

#define BODY_MAX 100
#define DIGITS "0123456789"

static void check_text(const struct ctm_transport_outcome *o)
{
	const size_t len = strnlen(o->text, sizeof o->text);

	FUZZ_CHECK(len < sizeof o->text && fuzz_is_visible(o->text, len));
	FUZZ_CHECK((len == 0) == (o->verdict == CTM_TRANSPORT_TAKEN));
	FUZZ_CHECK((o->hresult == 0) == (o->verdict == CTM_TRANSPORT_TAKEN));
}

/* Whether a header says an HRESULT of zero: 0x and one to eight zeros. */
static bool is_zero(const char *s, size_t len)
{
	while (len && (*s == ' ' || *s == '\t')) {
		s++;
		len--;
	}
	while (len && (strchr(" \t\r\n", s[len - 1]) && s[len - 1]))
		len--;
	if (len < 3 || len > 10 || s[0] != '0' || (s[1] | 0x20) != 'x')
		return false;
	for (size_t i = 2; i < len; i++)
		if (s[i] != '0')
			return false;
	return true;
}

/* What counts of the lines, by another way. */
struct model {
	bool begun;  /* a status line came, and no blank line since */
	bool over;   /* the final header block is there whole */
	bool broken; /* what stands where a status line should, or one where none should */
	unsigned status;
	bool nonzero; /* a CTM-HRESULT that is not zero, of this status */
	unsigned n;   /* of them: two zeros that are not written alike are not believed */
};

/* The status of a line that says one clearly, else 0. */
static unsigned model_status(const char *line, size_t len)
{
	char copy[14] = "";
	unsigned minor;
	unsigned status;
	int end = 0;

	if (len < 13 || strncasecmp(line, "HTTP/1.", 7) != 0 || strspn(line + 7, DIGITS) < 1 ||
		line[8] != ' ' || strspn(line + 9, DIGITS) < 3 || !line[12] ||
		!strchr(" \r\n", line[12]))
		return 0;
	memcpy(copy, line, 12);
	if (sscanf(copy + 7, "%1u %3u%n", &minor, &status, &end) != 2 || end != 5 || status < 100)
		return 0;
	return status;
}

static void model_begin(struct model *m, const char *line, size_t len)
{
	*m = (struct model){.begun = true, .status = model_status(line, len)};
	m->broken = !m->status;
}

static void model_line(struct model *m, const char *line, size_t len)
{
	static const char name[] = "CTM-HRESULT:";

	if (m->over)
		return;
	if (!m->begun) {
		model_begin(m, line, len);
	} else if (len >= 5 && strncasecmp(line, "HTTP/", 5) == 0) {
		m->broken = true;
	} else if (*line == '\r' || *line == '\n') {
		m->begun = false;
		m->over = m->status >= 200;
		m->broken = m->status == 101;
	} else if (len >= sizeof name - 1 && strncasecmp(line, name, sizeof name - 1) == 0) {
		m->nonzero =
			m->nonzero || !is_zero(line + sizeof name - 1, len - (sizeof name - 1));
		m->n++;
	}
}

static enum ctm_transport_verdict verdict_of(unsigned status)
{
	static const unsigned refused[] = {400, 410, 413, 422};
	static const unsigned person[] = {401, 403, 404, 407};

	for (size_t i = 0; i < 4; i++) {
		if (status == refused[i])
			return CTM_TRANSPORT_REFUSED;
		if (status == person[i])
			return CTM_TRANSPORT_PERSON;
	}
	return status / 100 == 3 ? CTM_TRANSPORT_PERSON : CTM_TRANSPORT_RETRY;
}

static void check_outcome(const struct ctm_reply *reply, const struct model *m, int64_t now)
{
	struct ctm_transport_outcome o = {.size = sizeof o};

	ctm_answer_judge(reply, now, &o);
	check_text(&o);
	FUZZ_CHECK(o.http_status == m->status);
	if (m->status / 100 == 2)
		FUZZ_CHECK(o.verdict == CTM_TRANSPORT_TAKEN ? !m->nonzero : m->nonzero || m->n > 1);
	else
		FUZZ_CHECK(o.verdict == verdict_of(m->status));
	FUZZ_CHECK(o.retry_after_s <= CTM_ANSWER_RETRY_AFTER_MAX_S);
	if (o.verdict == CTM_TRANSPORT_TAKEN || o.verdict == CTM_TRANSPORT_REFUSED)
		FUZZ_CHECK(o.retry_after_s == 0);
	ctm_answer_judge_proxy(m->status, &o);
	check_text(&o);
	FUZZ_CHECK(o.verdict == CTM_TRANSPORT_RETRY || o.verdict == CTM_TRANSPORT_PERSON);
}

/* A date that is so far from now is read as that. */
static void check_date(int64_t now, int64_t far)
{
	struct ctm_reply reply = {.status = 503, .complete = true};
	struct ctm_transport_outcome o = {.size = sizeof o};
	const time_t then = (time_t)(now + far);
	int64_t wanted = far < 1 ? 1 : far;
	struct tm tm;

	gmtime_r(&then, &tm);
	strftime(reply.retry_after, sizeof reply.retry_after, "%a, %d %b %Y %H:%M:%S GMT", &tm);
	ctm_answer_judge(&reply, now, &o);
	if (wanted > CTM_ANSWER_RETRY_AFTER_MAX_S)
		wanted = CTM_ANSWER_RETRY_AFTER_MAX_S;
	FUZZ_CHECK(o.retry_after_s == (far < 0 ? 0 : (uint32_t)wanted));
}

/* The lines of the header, up to one that breaks off; *in is what stands behind them. */
static void feed_header(struct ctm_reply *reply, struct model *m, struct fuzz_input *in)
{
	while (in->len && *in->data && !m->broken) {
		const uint8_t *end = memchr(in->data, '\n', in->len);
		const size_t len = end ? (size_t)(end + 1 - in->data) : in->len;
		char *line = fuzz_copy(in->data, len);

		model_line(m, line, len);
		/* libcurl's lines are not terminated. */
		line[len] = 'x';
		FUZZ_CHECK(ctm_reply_header(reply, line, len) ==
			   (reply->header_bytes <= CTM_REPLY_HEADER_BYTES_MAX && !m->broken));
		free(line);
		in->data += len;
		in->len -= len;
	}
}

static void feed_body(struct ctm_reply *reply, const struct fuzz_input *in)
{
	const size_t half = in->len / 2;
	const bool fits = in->len <= BODY_MAX;
	bool goes_on = ctm_reply_body(reply, (const char *)in->data, half);

	goes_on = goes_on && ctm_reply_body(reply, (const char *)in->data + half, in->len - half);
	FUZZ_CHECK(goes_on == fits && reply->body_bytes <= BODY_MAX);
	FUZZ_CHECK(fits == (reply->broke_off == CTM_REPLY_GOES_ON));
	if (reply->keeps_body && fits && in->len)
		FUZZ_CHECK(memcmp(reply->body, in->data, in->len) == 0 && !reply->body[in->len]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	const uint8_t what = fuzz_take_byte(&in);
	const int64_t now = (int64_t)(fuzz_take_number(&in) >> 31);
	struct ctm_reply reply = {.body_max = BODY_MAX, .keeps_body = what & 1};
	struct model m = {0};

	feed_header(&reply, &m, &in);
	FUZZ_CHECK(reply.complete == m.over && (m.broken || reply.status == m.status));
	if (reply.complete)
		check_outcome(&reply, &m, now);
	check_date(now + 86400, (int64_t)what * what * 3 - 300);
	if (!m.broken)
		feed_body(&reply, &in);
	ctm_reply_done(&reply);
	return 0;
}
