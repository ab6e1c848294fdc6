/* SPDX-License-Identifier: MIT */
#include "log_format.h"

#include <inttypes.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "clock.h"
#include "pack.h"
#include "redact.h"
#include "utf.h"

#define IDENTIFIER "aria2-ctm"
#define CMTRACE_FIELD 100u     /* characters that CMTrace takes in component and file */
#define SYSLOG_DAEMON (3 << 3) /* the facility, RFC 3164 */

static const struct {
	const char *name;
	int priority; /* syslog's and the journal's */
	int type;     /* CMTrace's */
} levels[] = {
	[CTM_LOG_ERROR] = {"error", 3, 3},
	[CTM_LOG_WARNING] = {"warning", 4, 2},
	[CTM_LOG_INFO] = {"info", 6, 1},
	[CTM_LOG_DEBUG] = {"debug", 7, 1},
};

const char *ctm_log_level_name(enum ctm_log_level level)
{
	return levels[level].name;
}

static long milliseconds(const struct ctm_log_line *line)
{
	return line->time.tv_nsec / 1000000;
}

void ctm_log_format_message(struct ctm_buf *out, const struct ctm_log_line *line)
{
	const struct ctm_log_subject *about = &line->subject;

	if (about->job) {
		ctm_buf_add_char(out, '[');
		ctm_utf8_add_visible(out, about->job, SIZE_MAX);
		ctm_buf_add_str(out, "] ");
	}
	ctm_utf8_add_visible(out, line->text, SIZE_MAX);
	if (about->hresult)
		ctm_buf_printf(out, " (0x%08" PRIX32 ")", about->hresult);
	if (about->gid)
		ctm_buf_printf(out, " (gid %016" PRIx64 ")", about->gid);
}

void ctm_log_format_text(struct ctm_buf *out, const struct ctm_log_line *line)
{
	ctm_buf_printf(out, "%s: %s: ", line->component, levels[line->level].name);
	ctm_log_format_message(out, line);
	ctm_buf_add_char(out, '\n');
}

static void add_utc(struct ctm_buf *out, const struct ctm_log_line *line)
{
	char text[32];

	ctm_clock_print_utc(line->time.tv_sec, text);
	ctm_buf_printf(out, "%.19s.%03ldZ", text, milliseconds(line));
}

void ctm_log_format_stamped(struct ctm_buf *out, const struct ctm_log_line *line)
{
	add_utc(out, line);
	ctm_buf_printf(
		out, " %s[%d] %s: ", line->component, (int)getpid(), levels[line->level].name);
	ctm_log_format_message(out, line);
	ctm_buf_add_char(out, '\n');
}

/* Bytes that are not UTF-8 become "\\xff", because JSON can't hold them. */
static void add_json_string(struct ctm_buf *out, const char *s)
{
	size_t len = strlen(s);

	ctm_buf_add_char(out, '"');
	for (size_t step; len; s += step, len -= step) {
		char32_t code = 0;
		const size_t n = ctm_utf8_next(s, len, &code);

		step = n ? n : 1;
		if (!n)
			ctm_buf_printf(out, "\\\\x%02x", (unsigned)(unsigned char)*s);
		else if (code == '"' || code == '\\')
			ctm_buf_printf(out, "\\%c", (char)code);
		else if (ctm_utf8_is_control(code))
			ctm_buf_printf(out, "\\u%04x", (unsigned)code);
		else
			ctm_buf_add(out, s, n);
	}
	ctm_buf_add_char(out, '"');
}

static void add_json_member(struct ctm_buf *out, const char *name, const char *value)
{
	if (!value)
		return;
	ctm_buf_printf(out, ",\"%s\":", name);
	add_json_string(out, value);
}

void ctm_log_format_json(struct ctm_buf *out, const struct ctm_log_line *line)
{
	const struct ctm_log_subject *about = &line->subject;

	ctm_buf_add_str(out, "{\"time\":\"");
	add_utc(out, line);
	ctm_buf_printf(out, "\",\"level\":\"%s\"", levels[line->level].name);
	add_json_member(out, "component", line->component);
	ctm_buf_printf(out, ",\"pid\":%d", (int)getpid());
	add_json_member(out, "job", about->job);
	if (about->endpoint)
		add_json_member(out, "endpoint", CTM_REDACT_URL(about->endpoint));
	if (about->gid)
		ctm_buf_printf(out, ",\"gid\":\"%016" PRIx64 "\"", about->gid);
	if (about->hresult)
		ctm_buf_printf(out, ",\"hresult\":\"0x%08" PRIX32 "\"", about->hresult);
	add_json_member(out, "message", line->text);
	ctm_buf_add_str(out, "}\n");
}

/* What would end the message early gets a blank inside. */
static void add_cmtrace_message(struct ctm_buf *out, const char *message)
{
	static const char end[] = "]LOG]!>";

	for (const char *hit; (hit = strstr(message, end)); message = hit + sizeof end - 1) {
		ctm_buf_add(out, message, (size_t)(hit - message));
		ctm_buf_add_str(out, "]LOG] !>");
	}
	ctm_buf_add_str(out, message);
}

static void add_cmtrace_field(struct ctm_buf *out, const char *name, const char *value)
{
	size_t left = strlen(value);
	size_t n;

	ctm_buf_printf(out, " %s=\"", name);
	for (unsigned i = 0; i < CMTRACE_FIELD && left; i++, value += n, left -= n) {
		char32_t code = 0;

		n = ctm_utf8_next(value, left, &code);
		if (!n || code == '"' || ctm_utf8_is_control(code))
			ctm_buf_add_char(out, '?');
		else
			ctm_buf_add(out, value, n);
		n = n ? n : 1;
	}
	ctm_buf_add_char(out, '"');
}

/* The offset is Windows' bias, UTC = local + bias: the sign is the other way round than in ISO. */
void ctm_log_format_cmtrace(struct ctm_buf *out, const struct ctm_log_line *line)
{
	CTM_CLEANUP_BUF struct ctm_buf message = CTM_BUF_INIT(out->limit);
	struct tm tm = {0};

	localtime_r(&line->time.tv_sec, &tm);
	ctm_log_format_message(&message, line);
	ctm_buf_add_str(out, "<![LOG[");
	add_cmtrace_message(out, message.data && !message.error ? message.data : line->text);
	ctm_buf_printf(out, "]LOG]!><time=\"%02d:%02d:%02d.%03ld%+ld\" date=\"%02d-%02d-%04d\"",
		tm.tm_hour, tm.tm_min, tm.tm_sec, milliseconds(line), -tm.tm_gmtoff / 60,
		tm.tm_mon + 1, tm.tm_mday, tm.tm_year + 1900);
	add_cmtrace_field(out, "component", line->component);
	ctm_buf_printf(out, " context=\"\" type=\"%d\" thread=\"%ld\"", levels[line->level].type,
		syscall(SYS_gettid));
	add_cmtrace_field(out, "file", IDENTIFIER);
	ctm_buf_add_str(out, ">\n");
}

/* A value with a newline goes behind its length, 64 bits little endian. */
static void add_journal_field(struct ctm_buf *out, const char *name, const char *value)
{
	const size_t len = strlen(value);
	unsigned char little[8];

	ctm_buf_add_str(out, name);
	if (strchr(value, '\n')) {
		for (size_t i = 0; i < sizeof little; i++)
			little[i] = (unsigned char)((uint64_t)len >> 8 * i);
		ctm_buf_add_char(out, '\n');
		ctm_buf_add(out, little, sizeof little);
	} else {
		ctm_buf_add_char(out, '=');
	}
	ctm_buf_add(out, value, len);
	ctm_buf_add_char(out, '\n');
}

void ctm_log_format_journal(struct ctm_buf *out, const struct ctm_log_line *line)
{
	CTM_CLEANUP_BUF struct ctm_buf message = CTM_BUF_INIT(out->limit);
	const struct ctm_log_subject *about = &line->subject;

	ctm_log_format_message(&message, line);
	add_journal_field(
		out, "MESSAGE", message.data && !message.error ? message.data : line->text);
	ctm_buf_printf(out, "PRIORITY=%d\nSYSLOG_IDENTIFIER=" IDENTIFIER "\nSYSLOG_PID=%d\n",
		levels[line->level].priority, (int)getpid());
	add_journal_field(out, "CTM_COMPONENT", line->component);
	if (about->job)
		add_journal_field(out, "CTM_JOB", about->job);
	if (about->endpoint)
		add_journal_field(out, "CTM_ENDPOINT", CTM_REDACT_URL(about->endpoint));
	if (about->gid)
		ctm_buf_printf(out, "CTM_GID=%016" PRIx64 "\n", about->gid);
	if (about->hresult)
		ctm_buf_printf(out, "CTM_HRESULT=0x%08" PRIX32 "\n", about->hresult);
}

/* The names of months are RFC 3164's, whatever the locale says. */
void ctm_log_format_syslog_head(struct ctm_buf *out, const struct ctm_log_line *line)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	struct tm tm = {0};

	localtime_r(&line->time.tv_sec, &tm);
	ctm_buf_printf(out, "<%d>%.3s %2d %02d:%02d:%02d " IDENTIFIER "[%d]: ",
		SYSLOG_DAEMON | levels[line->level].priority, months + 3 * tm.tm_mon, tm.tm_mday,
		tm.tm_hour, tm.tm_min, tm.tm_sec, (int)getpid());
}
