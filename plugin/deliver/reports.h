/* SPDX-License-Identifier: MIT */
/*
 * reports.h - what aria2 says of many downloads
 *
 * Begins zeroed, and ends in ctm_reports_done(). Both numbers are bounded: aria2 knows no more in
 * earnest.
 */
#ifndef CTM_REPORTS_H
#define CTM_REPORTS_H

#include "report.h"

#define CTM_REPORTS_MAX 100000u
#define CTM_REPORTS_FILES_MAX 1000000u /* of all of them together */

struct ctm_reports {
	struct ctm_report *items;
	size_t n;
	size_t cap;
	size_t n_files;
};

/* Takes a report, which is zeroed then. 0; -ENOMEM or -E2BIG: it stays the caller's. */
int ctm_reports_take(struct ctm_reports *reports, struct ctm_report *report);

/* Back to the first n. */
void ctm_reports_cut(struct ctm_reports *reports, size_t n);

void ctm_reports_done(struct ctm_reports *reports);

#endif
