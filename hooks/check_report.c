/* SPDX-License-Identifier: MIT */
#include "check_report.h"

#include <stdlib.h>
#include <string.h>

static struct ctm_finding *room(struct ctm_check_report *report)
{
	struct ctm_finding *items;
	size_t cap;

	if (report->n == report->cap) {
		cap = report->cap ? report->cap * 2 : 32;
		items = reallocarray(report->items, cap, sizeof *items);
		if (!items)
			return NULL;
		report->items = items;
		report->cap = cap;
	}
	return &report->items[report->n];
}

static void add(struct ctm_check_report *report, enum ctm_check_level level, const char *subject,
	char *text)
{
	struct ctm_finding *finding = room(report);

	report->count[level]++;
	if (!finding || !text) {
		free(text);
		report->no_memory = true;
		return;
	}
	*finding = (struct ctm_finding){.level = level, .subject = strdup(subject), .text = text};
	report->no_memory |= !finding->subject;
	report->n++;
}

void ctm_check_add(struct ctm_check_report *report, enum ctm_check_level level, const char *subject,
	const char *format, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, format);
	if (vasprintf(&text, format, ap) < 0)
		text = NULL;
	va_end(ap);
	add(report, level, subject, text);
}

void ctm_check_remedy(struct ctm_check_report *report, const char *format, ...)
{
	struct ctm_finding *finding = report->n ? &report->items[report->n - 1] : NULL;
	va_list ap;

	if (!finding || report->no_memory)
		return;
	free(finding->remedy);
	va_start(ap, format);
	if (vasprintf(&finding->remedy, format, ap) < 0) {
		finding->remedy = NULL;
		report->no_memory = true;
	}
	va_end(ap);
}

void ctm_check_complaint(struct ctm_check_report *report, const struct ctm_error *complaint)
{
	char place[sizeof complaint->file + 16];

	if (complaint->line)
		snprintf(place, sizeof place, "%s:%u", complaint->file, complaint->line);
	else
		snprintf(place, sizeof place, "%s", complaint->file);
	ctm_check_add(report, complaint->code < 0 ? CTM_CHECK_ERROR : CTM_CHECK_WARNING, place,
		"%s", complaint->text);
}

static void print(
	const struct ctm_finding *finding, const struct ctm_finding *next, struct ctm_lines *lines)
{
	static const struct {
		const char *name;
		enum ctm_colour colour;
	} levels[] = {
		[CTM_CHECK_OK] = {"ok", CTM_GREEN},
		[CTM_CHECK_WARNING] = {"warning", CTM_YELLOW},
		[CTM_CHECK_ERROR] = {"error", CTM_RED},
	};

	ctm_lines_begin(lines, 0, 2);
	ctm_lines_add(lines, levels[finding->level].colour, levels[finding->level].name);
	ctm_lines_printf(lines, CTM_PLAIN, ": %s: %s", finding->subject ? finding->subject : "",
		finding->text);
	ctm_lines_end(lines);
	/* One remedy for all in a row that have the same. */
	if (!finding->remedy ||
		(next && next->remedy && strcmp(next->remedy, finding->remedy) == 0))
		return;
	ctm_lines_begin(lines, 2, 4);
	ctm_lines_printf(lines, CTM_PLAIN, "remedy: %s", finding->remedy);
	ctm_lines_end(lines);
}

static const struct ctm_finding *next_of_level(
	const struct ctm_check_report *report, size_t from, enum ctm_check_level level)
{
	for (size_t i = from; i < report->n; i++)
		if (report->items[i].level == level)
			return &report->items[i];
	return NULL;
}

static void print_level(
	const struct ctm_check_report *report, enum ctm_check_level level, struct ctm_lines *lines)
{
	const struct ctm_finding *finding = next_of_level(report, 0, level);

	while (finding) {
		const size_t behind = (size_t)(finding - report->items) + 1;
		const struct ctm_finding *next = next_of_level(report, behind, level);

		print(finding, next, lines);
		finding = next;
	}
}

void ctm_check_print(const struct ctm_check_report *report, struct ctm_lines *lines)
{
	const size_t errors = report->count[CTM_CHECK_ERROR];
	const size_t warnings = report->count[CTM_CHECK_WARNING];

	print_level(report, CTM_CHECK_OK, lines);
	print_level(report, CTM_CHECK_WARNING, lines);
	print_level(report, CTM_CHECK_ERROR, lines);
	if (report->no_memory)
		ctm_lines_line(lines, CTM_RED, "error: out of memory, the report is not whole");
	ctm_lines_line(lines, CTM_BOLD, "%zu error%s, %zu warning%s", errors,
		errors == 1 ? "" : "s", warnings, warnings == 1 ? "" : "s");
}

void ctm_check_report_done(struct ctm_check_report *report)
{
	for (size_t i = 0; i < report->n; i++) {
		free(report->items[i].subject);
		free(report->items[i].text);
		free(report->items[i].remedy);
	}
	free(report->items);
	*report = (struct ctm_check_report){0};
}
