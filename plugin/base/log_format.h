/* SPDX-License-Identifier: MIT */
/*
 * log_format.h - a line of the log in each of its forms
 *
 * Every function appends one whole record to out (whose error sticks) and reads nothing but its
 * arguments, the time zone for the two formats with local time, and the ids of process and thread.
 * Text that came from elsewhere can't break out of its place in any of them.
 */
#ifndef CTM_LOG_FORMAT_H
#define CTM_LOG_FORMAT_H

#include <time.h>

#include "buf.h"
#include "log.h"

struct ctm_log_line {
	enum ctm_log_level level;
	struct ctm_log_subject subject;
	const char *component; /* "deliver" */
	const char *text;      /* as it was logged, control characters and all */
	struct timespec time;  /* CLOCK_REALTIME */
};

/* "error", "warning", "info", "debug". */
const char *ctm_log_level_name(enum ctm_log_level level);

/* The text behind "[{3F25...}] ", one line without a newline; HRESULT and gid behind it. */
void ctm_log_format_message(struct ctm_buf *out, const struct ctm_log_line *line);

/* "deliver: warning: MESSAGE" for a terminal, and with time and process id for a file. */
void ctm_log_format_text(struct ctm_buf *out, const struct ctm_log_line *line);
void ctm_log_format_stamped(struct ctm_buf *out, const struct ctm_log_line *line);

/* One JSON object a line. */
void ctm_log_format_json(struct ctm_buf *out, const struct ctm_log_line *line);

/* What CMTrace reads. */
void ctm_log_format_cmtrace(struct ctm_buf *out, const struct ctm_log_line *line);

/* A datagram of the journal's native protocol. */
void ctm_log_format_journal(struct ctm_buf *out, const struct ctm_log_line *line);

/* "<28>Jan  2 03:04:05 aria2-ctm[4711]: ", what syslog(3) puts in front of a message. */
void ctm_log_format_syslog_head(struct ctm_buf *out, const struct ctm_log_line *line);

#endif
