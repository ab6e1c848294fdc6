/* SPDX-License-Identifier: MIT */
#include "reply.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define BODY_CAP_MIN 4096u

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_status_line(const char *line, size_t len)
{
	return len >= 5 && strncasecmp(line, "HTTP/", 5) == 0;
}

/*
 * "HTTP/1.1 503 Service Unavailable", "HTTP/1.0 503": the status, or 0. libcurl is content with
 * less ("HTTP/1.1 2000", "HTTP/2 200"), but a word that is to be believed is spoken clearly.
 */
static unsigned parse_status(const char *line, size_t len)
{
	static const char form[] = "HTTP/1.d ddd";
	const size_t n = sizeof form - 1;
	unsigned status;

	if (len <= n || !is_status_line(line, len) || !memchr(" \r\n", line[n], 3))
		return 0;
	for (size_t i = 5; i < n; i++) {
		if (form[i] == 'd' ? !is_digit(line[i]) : line[i] != form[i])
			return 0;
	}
	status = (unsigned)(line[n - 3] - '0') * 100 + (unsigned)(line[n - 2] - '0') * 10 +
		 (unsigned)(line[n - 1] - '0');
	return status >= 100 ? status : 0;
}

/* Every answer begins anew: those before it were 1xx. */
static void begin(struct ctm_reply *reply, const char *line, size_t len)
{
	reply->status = parse_status(line, len);
	reply->begun = true;
	reply->has_hresult = false;
	reply->hresult[0] = '\0';
	reply->retry_after[0] = '\0';
}

/* False where it does not fit or holds a NUL. */
static bool copy_trimmed(const char *s, size_t len, char value[CTM_REPLY_VALUE_MAX + 1])
{
	while (len && strchr(" \t", *s) && *s) {
		s++;
		len--;
	}
	while (len && s[len - 1] && strchr(" \t\r\n", s[len - 1]))
		len--;
	if (len > CTM_REPLY_VALUE_MAX || memchr(s, '\0', len))
		return false;
	memcpy(value, s, len);
	value[len] = '\0';
	return true;
}

/* Two that differ contradict each other: neither is believed. */
static void take_hresult(struct ctm_reply *reply, const char *s, size_t len)
{
	char value[CTM_REPLY_VALUE_MAX + 1];

	if (!copy_trimmed(s, len, value) ||
		(reply->has_hresult && strcmp(value, reply->hresult) != 0))
		strcpy(value, "?");
	strcpy(reply->hresult, value);
	reply->has_hresult = true;
}

static void take_retry_after(struct ctm_reply *reply, const char *s, size_t len)
{
	if (!copy_trimmed(s, len, reply->retry_after))
		reply->retry_after[0] = '\0';
}

static const struct {
	const char *name;
	void (*take)(struct ctm_reply *reply, const char *s, size_t len);
} wanted[] = {
	{"CTM-HRESULT", take_hresult},
	{"Retry-After", take_retry_after},
};

static void take_field(struct ctm_reply *reply, const char *line, size_t len)
{
	const char *colon = memchr(line, ':', len);
	const size_t name_len = colon ? (size_t)(colon - line) : 0;

	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		if (name_len == strlen(wanted[i].name) &&
			strncasecmp(line, wanted[i].name, name_len) == 0)
			wanted[i].take(reply, colon + 1, len - name_len - 1);
	}
}

static bool is_blank(const char *line, size_t len)
{
	return len && (line[0] == '\r' || line[0] == '\n');
}

/* An answer that begins twice would be judged by the word that libcurl does not go by. */
static void take_line(struct ctm_reply *reply, const char *line, size_t len)
{
	if (is_blank(line, len) && reply->begun) {
		reply->begun = false;
		reply->complete = reply->status >= 200;
		/* The connection speaks another protocol from here on, which nobody asked for. */
		if (reply->status == 101)
			reply->broke_off = CTM_REPLY_NO_STATUS;
		return;
	}
	if (reply->begun && !is_status_line(line, len)) {
		take_field(reply, line, len);
		return;
	}
	if (!reply->begun)
		begin(reply, line, len);
	else
		reply->status = 0;
	if (!reply->status)
		reply->broke_off = CTM_REPLY_NO_STATUS;
}

/* What comes after the blank line of a final status is a trailer: no part of the word. */
bool ctm_reply_header(struct ctm_reply *reply, const char *line, size_t len)
{
	reply->header_bytes += len;
	if (reply->header_bytes > CTM_REPLY_HEADER_BYTES_MAX) {
		reply->broke_off = CTM_REPLY_HEADERS_TOO_LONG;
		return false;
	}
	if (!reply->complete)
		take_line(reply, line, len);
	return reply->broke_off == CTM_REPLY_GOES_ON;
}

/* Room for len bytes more and a NUL: twice as much each time, and never beyond body_max. */
static bool make_room(struct ctm_reply *reply, size_t len)
{
	const size_t needed = reply->body_bytes + len + 1;
	size_t cap = reply->body_cap ? reply->body_cap * 2 : BODY_CAP_MIN;
	char *body;

	if (needed <= reply->body_cap)
		return true;
	if (cap > reply->body_max + 1)
		cap = reply->body_max + 1;
	if (cap < needed)
		cap = needed;
	body = realloc(reply->body, cap);
	if (!body)
		return false;
	reply->body = body;
	reply->body_cap = cap;
	return true;
}

static bool keep(struct ctm_reply *reply, const char *bytes, size_t len)
{
	if (!make_room(reply, len))
		return false;
	memcpy(reply->body + reply->body_bytes, bytes, len);
	reply->body[reply->body_bytes + len] = '\0';
	return true;
}

bool ctm_reply_body(struct ctm_reply *reply, const char *bytes, size_t len)
{
	if (len > reply->body_max - reply->body_bytes)
		reply->broke_off = CTM_REPLY_BODY_TOO_LONG;
	else if (reply->keeps_body && len && !keep(reply, bytes, len))
		reply->broke_off = CTM_REPLY_NO_MEMORY;
	else
		reply->body_bytes += len;
	return reply->broke_off == CTM_REPLY_GOES_ON;
}

char *ctm_reply_take_body(struct ctm_reply *reply)
{
	char *body = reply->body;

	reply->body = NULL;
	reply->body_cap = 0;
	return body;
}

void ctm_reply_done(struct ctm_reply *reply)
{
	free(ctm_reply_take_body(reply));
}
