/* SPDX-License-Identifier: MIT */
/*
 * log.h - one line for every decision that a person could ask about
 *
 * Only programs and the outermost functions of the shared object log. Nothing is opened before the
 * first line is written: a hook that has nothing to say pays nothing. The sink is the one global of
 * this project besides the store's registry.
 *
 * A line names its job and gid in fields of their own, so that every format can show them in its
 * own way (JSON members, journal fields, "[{3F25...}]" in text).
 */
#ifndef CTM_LOG_H
#define CTM_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "errors.h"

enum ctm_log_level {
	CTM_LOG_ERROR,
	CTM_LOG_WARNING,
	CTM_LOG_INFO,
	CTM_LOG_DEBUG,
};

enum ctm_log_format {
	CTM_LOG_TEXT,
	CTM_LOG_JSON,
	CTM_LOG_CMTRACE,
};

/* What a line is about; members are NULL or 0 where they say nothing. */
struct ctm_log_subject {
	const char *job;      /* the GUID as it stands in the sidecar */
	const char *endpoint; /* szEndpoint */
	uint64_t gid;         /* aria2's */
	uint32_t hresult;
};

/*
 * Sets where lines go: "auto", "stderr", "syslog", "journal" or an absolute file name. `component`
 * is the program ("deliver"), static. Borrowed strings are copied. 0 or -ENOMEM. Can be called
 * again. Until it is called lines go to stderr as text at level warning.
 *
 * owned: a directory (NULL: none) whose owner a file is written by. A process that is root, and has
 * not become that user yet, does not touch the file: its lines go to syslog, or to stderr where
 * there is none. Nor where it can't be told who that is, unless root alone can change what stands
 * in the file's directory.
 */
int ctm_log_setup(const char *component, const char *target, enum ctm_log_format format,
	enum ctm_log_level level, const char *owned);

/* Whether lines go to standard error: who complains there need not do so twice. */
bool ctm_log_is_stderr(void);

/* Whether a line of that level is written at all. */
int ctm_log_wants(enum ctm_log_level level);

/* Writes a line; subject may be NULL. Control characters are made visible. Keeps errno. */
void ctm_log(enum ctm_log_level level, const struct ctm_log_subject *subject, const char *format,
	...) CTM_PRINTF(3, 4);

/* The complaint of *e as a line. */
void ctm_log_complaint(
	enum ctm_log_level level, const struct ctm_log_subject *subject, const struct ctm_error *e);

/*
 * Lines of one piece of work: from ctm_log_gather() on those that go to a file are kept, and
 * ctm_log_pour() writes them, some thirty with one system call. For work that is done in a moment,
 * with nothing in it that can hang: whoever is killed in between has not said them.
 */
void ctm_log_gather(void);
void ctm_log_pour(void);

/* Closes what is open, and opens it again for the next line: a library keeps no descriptor. */
void ctm_log_close(void);

/* Closes what was opened, and forgets where lines went. */
void ctm_log_done(void);

#endif
