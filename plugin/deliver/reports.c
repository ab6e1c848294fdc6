/* SPDX-License-Identifier: MIT */
#include "reports.h"

#include <errno.h>
#include <stdlib.h>

static int make_room(struct ctm_reports *reports)
{
	const size_t cap = reports->cap ? reports->cap * 2 : 16;
	struct ctm_report *items;

	if (reports->n < reports->cap)
		return 0;
	items = realloc(reports->items, cap * sizeof *items);
	if (!items)
		return -ENOMEM;
	reports->items = items;
	reports->cap = cap;
	return 0;
}

int ctm_reports_take(struct ctm_reports *reports, struct ctm_report *report)
{
	int r;

	if (reports->n == CTM_REPORTS_MAX ||
		report->n_files > CTM_REPORTS_FILES_MAX - reports->n_files)
		return -E2BIG;
	r = make_room(reports);
	if (r < 0)
		return r;
	reports->items[reports->n++] = *report;
	reports->n_files += report->n_files;
	*report = (struct ctm_report){0};
	return 0;
}

void ctm_reports_cut(struct ctm_reports *reports, size_t n)
{
	while (reports->n > n) {
		struct ctm_report *last = &reports->items[--reports->n];

		reports->n_files -= last->n_files;
		ctm_report_done(last);
	}
}

void ctm_reports_done(struct ctm_reports *reports)
{
	ctm_reports_cut(reports, 0);
	free(reports->items);
	*reports = (struct ctm_reports){0};
}
