/* SPDX-License-Identifier: MIT */
#include "log.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log_format.h"
#include "log_sink.h"

#define TEXT_LIMIT 8192u     /* bytes of one text; what is longer is cut */
#define SHORT_TEXT 800u      /* of what is said without memory */
#define RECORD_LIMIT 131072u /* bytes of a formatted one */
#define JOURNAL_SOCKET "/run/systemd/journal/socket"
#define SYSLOG_SOCKET "/dev/log"

/* As many lines as whoever reads them from a pipe gets in one piece. */
static char room[PIPE_BUF + 1];

static struct {
	pthread_mutex_t lock;
	const char *component;
	char *file;  /* of target FILE, else NULL */
	char *owned; /* the directory whose owner writes it; NULL: whoever has a line */
	enum ctm_log_format format;
	enum ctm_log_level level;
	struct ctm_log_sink sink;
	bool gathers;
	struct ctm_buf gathered; /* records, each a line of the file, in the room above */
} state = {
	.lock = PTHREAD_MUTEX_INITIALIZER,
	.component = "aria2-ctm",
	.level = CTM_LOG_WARNING,
	.sink = CTM_LOG_SINK_INIT,
	.gathered = CTM_BUF_IN(room),
};

static enum ctm_log_target find_target(const char *name)
{
	if (strcmp(name, "stderr") == 0)
		return CTM_LOG_STDERR;
	if (strcmp(name, "syslog") == 0)
		return CTM_LOG_SYSLOG;
	if (strcmp(name, "journal") == 0)
		return CTM_LOG_JOURNAL;
	if (strcmp(name, "auto") != 0)
		return CTM_LOG_FILE;
	if (getenv("JOURNAL_STREAM"))
		return CTM_LOG_JOURNAL;
	return isatty(STDERR_FILENO) ? CTM_LOG_STDERR : CTM_LOG_SYSLOG;
}

static const char *socket_of(enum ctm_log_target target)
{
	if (target == CTM_LOG_JOURNAL)
		return JOURNAL_SOCKET;
	return target == CTM_LOG_SYSLOG ? SYSLOG_SOCKET : NULL;
}

/* As they are, with the file's stamps: what it does not take is not lost without a trace. */
static void pour_to_stderr(const char *records)
{
	struct ctm_log_sink sink = CTM_LOG_SINK_INIT;

	for (size_t len; (len = strcspn(records, "\n")); records += len + 1)
		ctm_log_sink_write(&sink, records, len + 1);
}

/* The lock is held. */
static void pour(void)
{
	struct ctm_buf *b = &state.gathered;

	if (b->len && ctm_log_sink_write(&state.sink, b->data, b->len) < 0)
		pour_to_stderr(b->data);
	ctm_buf_reset(b);
}

/* Closes the sink and forgets its file; the lock is held. */
static void forget_sink(void)
{
	pour();
	state.gathers = false;
	ctm_log_sink_close(&state.sink);
	free(state.file);
	free(state.owned);
	state.file = state.owned = NULL;
	state.sink = (struct ctm_log_sink)CTM_LOG_SINK_INIT;
}

int ctm_log_setup(const char *component, const char *target, enum ctm_log_format format,
	enum ctm_log_level level, const char *owned)
{
	const int saved = errno;
	const enum ctm_log_target kind = find_target(target);
	char *file = kind == CTM_LOG_FILE ? strdup(target) : NULL;
	char *dir = file && owned ? strdup(owned) : NULL;

	if ((kind == CTM_LOG_FILE && !file) || (file && owned && !dir)) {
		free(file);
		return -ENOMEM;
	}
	pthread_mutex_lock(&state.lock);
	forget_sink();
	state.component = component;
	state.file = file;
	state.owned = dir;
	state.format = format;
	state.sink.target = kind;
	state.sink.path = file ? file : socket_of(kind);
	__atomic_store_n(&state.level, level, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&state.lock);
	errno = saved;
	return 0;
}

bool ctm_log_is_stderr(void)
{
	bool is;

	pthread_mutex_lock(&state.lock);
	is = state.sink.target == CTM_LOG_STDERR;
	pthread_mutex_unlock(&state.lock);
	return is;
}

int ctm_log_wants(enum ctm_log_level level)
{
	return level <= __atomic_load_n(&state.level, __ATOMIC_RELAXED);
}

/* The journal has fields of its own for what json and cmtrace would spell out. */
static void format_record(
	struct ctm_buf *out, const struct ctm_log_line *line, enum ctm_log_target target)
{
	if (target == CTM_LOG_JOURNAL) {
		ctm_log_format_journal(out, line);
		return;
	}
	if (target == CTM_LOG_SYSLOG)
		ctm_log_format_syslog_head(out, line);
	if (state.format == CTM_LOG_JSON)
		ctm_log_format_json(out, line);
	else if (state.format == CTM_LOG_CMTRACE)
		ctm_log_format_cmtrace(out, line);
	else if (target == CTM_LOG_FILE)
		ctm_log_format_stamped(out, line);
	else
		ctm_log_format_text(out, line);
	/* A datagram is a line by itself. */
	if (target == CTM_LOG_SYSLOG && !out->error && out->len)
		out->data[--out->len] = '\0';
}

/* Whether root alone decides what stands in the directory of that file. */
static bool is_in_directory_of_root(const char *file)
{
	CTM_CLEANUP_FREE char *dir = strndup(file, (size_t)(strrchr(file, '/') + 1 - file));
	struct stat st;

	return dir && stat(dir, &st) == 0 && st.st_uid == 0 && !(st.st_mode & 022);
}

/*
 * Root, as long as it has not become the user whose file it is, leaves it alone: a link in its
 * place would lead it anywhere, and a file that it made would be closed to that user. Where nobody
 * can say whose it is, on a dead disk for one, a line may still go where no other could write.
 */
static bool is_for_others(void)
{
	struct stat st;

	if (!state.owned || geteuid() != 0)
		return false;
	return stat(state.owned, &st) == 0 ? st.st_uid != 0 : !is_in_directory_of_root(state.file);
}

/* Whether the record is kept, to be poured with others. */
static bool gather(const struct ctm_buf *record)
{
	struct ctm_buf *b = &state.gathered;

	if (record->error || b->len + record->len > b->limit)
		pour();
	if (record->error || record->len > b->limit)
		return false;
	ctm_buf_add(b, record->data, record->len);
	return true;
}

/*
 * What its target does not take goes to stderr, so that it is not lost without a trace. -ENOMEM: it
 * could not even be written down.
 */
static int write_record(struct ctm_buf *record, const struct ctm_log_line *line)
{
	struct ctm_log_sink stderr_sink = CTM_LOG_SINK_INIT;
	struct ctm_log_sink syslog_sink = {
		.target = CTM_LOG_SYSLOG, .path = SYSLOG_SOCKET, .fd = -1};
	struct ctm_log_sink *sink = !state.gathers && is_for_others() ? &syslog_sink : &state.sink;
	bool written;

	format_record(record, line, sink->target);
	if (record->error == -ENOMEM)
		return record->error;
	if (state.gathers && gather(record))
		return 0;
	written = !record->error && ctm_log_sink_write(sink, record->data, record->len) == 0;
	ctm_log_sink_close(&syslog_sink);
	if (written || sink->target == CTM_LOG_STDERR)
		return 0;
	ctm_buf_reset(record);
	ctm_log_format_text(record, line);
	if (!record->error)
		ctm_log_sink_write(&stderr_sink, record->data, record->len);
	return record->error;
}

/* That memory is short is what must not go unsaid for want of it: the line, cut if it is long. */
static void write_line(const struct ctm_log_line *line)
{
	static char reserve[4 * SHORT_TEXT + 1024];
	CTM_CLEANUP_BUF struct ctm_buf record = CTM_BUF_INIT(RECORD_LIMIT);
	struct ctm_buf borrowed = {
		.data = reserve, .cap = sizeof reserve, .limit = sizeof reserve - 1};
	struct ctm_log_line cut = *line;
	char text[SHORT_TEXT];

	if (write_record(&record, line) != -ENOMEM)
		return;
	snprintf(text, sizeof text, "%s", line->text);
	cut.text = text;
	(void)write_record(&borrowed, &cut);
}

void ctm_log(
	enum ctm_log_level level, const struct ctm_log_subject *subject, const char *format, ...)
{
	const int saved = errno;
	struct ctm_log_line line = {.level = level};
	char text[TEXT_LIMIT];
	va_list ap;

	if (!ctm_log_wants(level))
		return;
	va_start(ap, format);
	if (vsnprintf(text, sizeof text, format, ap) < 0)
		text[0] = '\0';
	va_end(ap);
	clock_gettime(CLOCK_REALTIME, &line.time);
	line.text = text;
	if (subject)
		line.subject = *subject;
	pthread_mutex_lock(&state.lock);
	line.component = state.component;
	write_line(&line);
	pthread_mutex_unlock(&state.lock);
	errno = saved;
}

void ctm_log_complaint(
	enum ctm_log_level level, const struct ctm_log_subject *subject, const struct ctm_error *e)
{
	char text[CTM_ERROR_TEXT + sizeof e->file + 32];

	if (ctm_log_wants(level))
		ctm_log(level, subject, "%s", ctm_error_print(e, text, sizeof text));
}

void ctm_log_gather(void)
{
	const int saved = errno;

	pthread_mutex_lock(&state.lock);
	state.gathers = state.sink.target == CTM_LOG_FILE && !is_for_others();
	pthread_mutex_unlock(&state.lock);
	errno = saved;
}

void ctm_log_pour(void)
{
	const int saved = errno;

	pthread_mutex_lock(&state.lock);
	pour();
	state.gathers = false;
	pthread_mutex_unlock(&state.lock);
	errno = saved;
}

void ctm_log_close(void)
{
	const int saved = errno;

	pthread_mutex_lock(&state.lock);
	pour();
	ctm_log_sink_close(&state.sink);
	pthread_mutex_unlock(&state.lock);
	errno = saved;
}

void ctm_log_done(void)
{
	const int saved = errno;

	pthread_mutex_lock(&state.lock);
	forget_sink();
	pthread_mutex_unlock(&state.lock);
	errno = saved;
}
