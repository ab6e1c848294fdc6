/* SPDX-License-Identifier: MIT */
/*
 * log_sink.h - where records of the log go: one system call each, never a wait for others
 *
 * A sink opens its target at the first record. The caller keeps threads apart. A target that
 * can't be written is an error of that record only; the next one tries again.
 */
#ifndef CTM_LOG_SINK_H
#define CTM_LOG_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum ctm_log_target {
	CTM_LOG_STDERR,
	CTM_LOG_SYSLOG,
	CTM_LOG_JOURNAL,
	CTM_LOG_FILE,
};

struct ctm_log_sink {
	enum ctm_log_target target;
	const char *path; /* of the file or socket; borrowed */
	int fd;           /* -1: not open. Never stderr's */
	bool stream;      /* syslog's socket is one of streams */
	dev_t device;     /* of the open file */
	ino_t inode;
};

#define CTM_LOG_SINK_INIT                                                                          \
	{                                                                                          \
		.target = CTM_LOG_STDERR, .fd = -1                                                 \
	}

/*
 * Writes one record, or to a file several lines. 0 or negative errno. A file that was renamed away
 * is opened anew.
 */
int ctm_log_sink_write(struct ctm_log_sink *sink, const char *record, size_t len);

/* Closes what is open; the sink can be used again. */
void ctm_log_sink_close(struct ctm_log_sink *sink);

#endif
