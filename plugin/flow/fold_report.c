/* SPDX-License-Identifier: MIT */
#include "fold_report.h"

#include "fold_complete.h"
#include "fold_failed.h"

bool ctm_report_is_at_end(const struct ctm_report *report)
{
	return ctm_report_is_complete(report) || report->status == CTM_REPORT_ERROR ||
	       report->status == CTM_REPORT_REMOVED;
}

int ctm_fold_known(
	struct ctm_txn *txn, const struct ctm_report *report, struct ctm_known *ret_before)
{
	struct ctm_known now = {
		.since_ms = report->asked_ms,
		.at_end = ctm_report_is_at_end(report),
	};
	int r = ctm_store_known_get(txn, report->gid, ret_before);

	if (now.at_end)
		now.before_ms = ret_before->since_ms;
	/* The first time that it was seen at its end, the last time that it was under way. */
	if (r < 0 || (ret_before->at_end && now.at_end))
		return r;
	return ctm_store_known_put(txn, report->gid, &now);
}

/* The event is the end that counts, whatever was known of that gid before. */
static int note_end(struct ctm_txn *txn, const struct ctm_report *report)
{
	const int64_t wall_ms = report->event->wall_ms;
	const struct ctm_known now = {.since_ms = wall_ms, .at_end = true, .before_ms = wall_ms};

	return ctm_store_known_put(txn, report->gid, &now);
}

/*
 * aria2 said a moment ago that the torrent is there, and somebody has paused it since: nothing
 * would say so again. Without such an event a paused one may have got more files to download
 * meanwhile.
 */
static bool is_paused_and_there(const struct ctm_report *report)
{
	return report->status == CTM_REPORT_PAUSED && ctm_event_is_evidence(report->event) &&
	       report->seeder && report->bytes > 0 && report->done == report->bytes;
}

int ctm_fold_report(struct ctm_txn *txn, const struct ctm_report *report, struct ctm_fold *fold)
{
	const bool there = ctm_report_is_complete(report) || is_paused_and_there(report);
	int r;

	if (!there && !ctm_report_is_at_end(report))
		return 0;
	r = note_end(txn, report);
	if (r < 0)
		return r;
	if (there)
		return ctm_fold_complete(txn, report, NULL, fold);
	return ctm_fold_failed(txn, report, NULL, fold);
}
