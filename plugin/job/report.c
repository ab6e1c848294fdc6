/* SPDX-License-Identifier: MIT */
#include "report.h"

#include <stdlib.h>

bool ctm_report_is_complete(const struct ctm_report *report)
{
	if (report->status == CTM_REPORT_COMPLETE)
		return true;
	return report->status == CTM_REPORT_ACTIVE && report->seeder && report->bytes > 0 &&
	       report->done == report->bytes;
}

void ctm_report_done(struct ctm_report *report)
{
	for (size_t i = 0; i < report->n_files; i++) {
		free(report->files[i].path);
		free(report->files[i].uri);
	}
	free(report->files);
	free(report->error_message);
	free(report->dir);
	*report = (struct ctm_report){0};
}
