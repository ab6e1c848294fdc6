/* SPDX-License-Identifier: MIT */
/*
 * A line of the log is one line in each format, whatever stands in message, job and endpoint: no
 * control character comes through, JSON parses and says what was said, CMTrace's end stands at the
 * end alone, a datagram of the journal has our fields once each and no others.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "fuzz.h"
#include "log_format.h"
#include "utf.h"

#define CMTRACE_END "]LOG]!>"

/* One whole line: visible but for the newline at its end. */
static void check_line(const struct ctm_buf *out)
{
	FUZZ_CHECK(out->error == 0 && out->len > 0 && out->data[out->len - 1] == '\n');
	FUZZ_CHECK(fuzz_is_visible(out->data, out->len - 1));
}

static void check_member(const json_t *object, const char *name, const char *value)
{
	const char *said = json_string_value(json_object_get(object, name));

	FUZZ_CHECK(!value == !said);
	if (value && ctm_utf8_valid(value, strlen(value)))
		FUZZ_CHECK(strcmp(said, value) == 0);
}

static void check_json(struct ctm_buf *out, const struct ctm_log_line *line)
{
	json_error_t error;
	json_t *object;

	ctm_log_format_json(out, line);
	check_line(out);
	object = json_loadb(out->data, out->len, JSON_REJECT_DUPLICATES, &error);
	FUZZ_CHECK(json_is_object(object));
	check_member(object, "message", line->text);
	check_member(object, "job", line->subject.job);
	check_member(object, "endpoint", line->subject.endpoint);
	check_member(object, "level", ctm_log_level_name(line->level));
	json_decref(object);
}

static void check_cmtrace(struct ctm_buf *out, const struct ctm_log_line *line)
{
	const char *end;

	ctm_log_format_cmtrace(out, line);
	check_line(out);
	FUZZ_CHECK(strncmp(out->data, "<![LOG[", 7) == 0);
	end = strstr(out->data, CMTRACE_END);
	FUZZ_CHECK(end && strncmp(end, CMTRACE_END "<time=\"", 14) == 0);
	FUZZ_CHECK(!strstr(end + 1, CMTRACE_END));
	FUZZ_CHECK(strcmp(out->data + out->len - 2, ">\n") == 0);
}

/* The value of the next field, which is taken off; its name in *ret_name. */
static const char *next_field(
	struct fuzz_input *in, const char **ret_name, size_t *ret_name_len, size_t *ret_len)
{
	const char *s = (const char *)in->data;
	const char *end = memchr(s, '\n', in->len);
	const char *equals;
	const char *value;
	uint64_t len = 0;

	FUZZ_CHECK(end);
	equals = memchr(s, '=', (size_t)(end - s));
	*ret_name = s;
	*ret_name_len = (size_t)((equals ? equals : end) - s);
	if (equals) {
		value = equals + 1;
		len = (uint64_t)(end - value);
	} else {
		FUZZ_CHECK((size_t)(end + 1 - s) + 8 <= in->len);
		for (int i = 7; i >= 0; i--)
			len = len << 8 | (unsigned char)end[1 + i];
		value = end + 9;
	}
	FUZZ_CHECK(len < in->len && (size_t)(value - s) + len < in->len && value[len] == '\n');
	in->data += (size_t)(value - s) + len + 1;
	in->len -= (size_t)(value - s) + len + 1;
	*ret_len = len;
	return value;
}

static void check_journal(struct ctm_buf *out, const struct ctm_log_line *line)
{
	static const char *const names[] = {"MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER",
		"SYSLOG_PID", "CTM_COMPONENT", "CTM_JOB", "CTM_ENDPOINT", "CTM_GID", "CTM_HRESULT"};
	struct fuzz_input in;
	size_t next = 0;

	ctm_log_format_journal(out, line);
	FUZZ_CHECK(out->error == 0);
	in = (struct fuzz_input){(const uint8_t *)out->data, out->len};
	while (in.len) {
		const char *name;
		const char *value;
		size_t name_len;
		size_t len;

		value = next_field(&in, &name, &name_len, &len);
		while (next < sizeof names / sizeof *names &&
			(strlen(names[next]) != name_len ||
				memcmp(names[next], name, name_len) != 0))
			next++;
		FUZZ_CHECK(next < sizeof names / sizeof *names);
		if (next == 0)
			FUZZ_CHECK(fuzz_is_visible(value, len));
		if (next == 5)
			FUZZ_CHECK(len == strlen(line->subject.job) &&
				   memcmp(value, line->subject.job, len) == 0);
		next++;
	}
}

static void check_all(const struct ctm_log_line *line)
{
	CTM_CLEANUP_BUF struct ctm_buf out = CTM_BUF_INIT(1 << 20);

	ctm_log_format_text(&out, line);
	check_line(&out);
	ctm_buf_reset(&out);
	ctm_log_format_stamped(&out, line);
	check_line(&out);
	ctm_buf_reset(&out);
	check_json(&out, line);
	ctm_buf_reset(&out);
	check_cmtrace(&out, line);
	ctm_buf_reset(&out);
	check_journal(&out, line);
	ctm_buf_reset(&out);
	ctm_log_format_syslog_head(&out, line);
	FUZZ_CHECK(fuzz_is_visible(out.data, out.len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	const uint8_t what = fuzz_take_byte(&in);
	const uint64_t number = fuzz_take_number(&in);
	char *text = fuzz_take_text(&in);
	char *job = fuzz_take_text(&in);
	char *endpoint = fuzz_take_text(&in);
	const struct ctm_log_line line = {
		.level = (enum ctm_log_level)(what & 3),
		.subject = {.job = what & 4 ? job : NULL,
			.endpoint = what & 8 ? endpoint : NULL,
			.gid = what & 16 ? number : 0,
			.hresult = what & 32 ? (uint32_t)number : 0},
		.component = "deliver",
		.text = text,
		.time = {.tv_sec = (time_t)(number >> 24), .tv_nsec = (long)(number % 1000000000)},
	};

	check_all(&line);
	free(endpoint);
	free(job);
	free(text);
	return 0;
}
