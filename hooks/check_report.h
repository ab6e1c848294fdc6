/* SPDX-License-Identifier: MIT */
/*
 * check_report.h - what `check` found
 *
 * Findings are collected in the order in which they are met, and printed with errors last, where a
 * person at a terminal looks first. Each that is not good has a remedy.
 */
#ifndef CTM_CHECK_REPORT_H
#define CTM_CHECK_REPORT_H

#include "lines.h"

enum ctm_check_level {
	CTM_CHECK_OK,
	CTM_CHECK_WARNING,
	CTM_CHECK_ERROR,
	CTM_CHECK_LEVELS,
};

struct ctm_finding {
	enum ctm_check_level level;
	char *subject; /* a file, "file:line", "[endpoint.ctm] url", a job */
	char *text;
	char *remedy; /* NULL: the text says it, or nothing is wrong */
};

struct ctm_check_report {
	struct ctm_finding *items;
	size_t n;
	size_t cap;
	size_t count[CTM_CHECK_LEVELS];
	bool no_memory; /* a finding could not be kept: the report is not whole */
};

void ctm_check_add(struct ctm_check_report *report, enum ctm_check_level level, const char *subject,
	const char *format, ...) CTM_PRINTF(4, 5);

/* The remedy of the finding that was added last. */
void ctm_check_remedy(struct ctm_check_report *report, const char *format, ...) CTM_PRINTF(2, 3);

/* A complaint of a reader, with its "file:line" as the subject: for a ctm_ini_complain. */
void ctm_check_complaint(struct ctm_check_report *report, const struct ctm_error *complaint);

/* All of it and how many of each level. */
void ctm_check_print(const struct ctm_check_report *report, struct ctm_lines *lines);

void ctm_check_report_done(struct ctm_check_report *report);

#endif
