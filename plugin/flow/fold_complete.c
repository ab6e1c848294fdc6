/* SPDX-License-Identifier: MIT */
#include "fold_complete.h"

#include <string.h>

#include "fold_counted.h"
#include "fold_evidence.h"

struct completing {
	const struct ctm_report *report;
	const struct ctm_event *event;
	struct ctm_fold *fold;
	const struct ctm_poll *poll;
};

/* A file with a gid may be brought by what followed from that download. */
static bool listens(const struct ctm_file *file, const struct ctm_report *report)
{
	return ctm_file_listens_to(file, report->gid) ||
	       (report->following && file->gid == report->following) ||
	       (report->belongs_to && file->gid == report->belongs_to);
}

/* The event spoke of another file of the download; or aria2 was asked, long after. */
static bool is_inferred(const struct completing *c)
{
	const struct ctm_event *event = c->report->event;

	return c->poll || (event && strcmp(event->path, c->event->path) != 0);
}

static int fold_path(struct ctm_txn *txn, const struct ctm_file *found, void *context)
{
	const struct completing *c = context;
	struct ctm_file file = *found;
	struct ctm_job job;
	int r = ctm_store_job_get(txn, file.job, &job);

	if (r < 0 || ctm_job_has_ended(&job) || job.kind != CTM_KIND_LISTED ||
		!listens(&file, c->report) || (c->poll && !ctm_poll_is_news(c->poll, &file)))
		return r;
	r = ctm_fold_evidence(txn, c->event, &job, &file, is_inferred(c), c->fold);
	return r < 0 ? r : 0;
}

static bool is_named(const struct ctm_report *report, const struct ctm_report_file *file)
{
	return report->event && strcmp(report->event->path, file->path) == 0;
}

/* As it was when the hook spoke of it; of the files that it did not name, as it is now. */
static struct ctm_sight sight_of(
	const struct ctm_report *report, const struct ctm_report_file *file)
{
	return is_named(report, file) && report->event->sight.known ? report->event->sight
								    : file->sight;
}

/* The file as if a hook had spoken of it. */
static struct ctm_event event_of(
	const struct ctm_report *report, const struct ctm_report_file *file, uint32_t n_files)
{
	return (struct ctm_event){
		.type = CTM_EVENT_COMPLETE,
		.gid = report->gid,
		.n_files = n_files,
		.path = file->path,
		.device = file->device,
		.wall_ms = report->event ? report->event->wall_ms : report->asked_ms,
		.undated = !report->event,
		.repeats_ms = report->event ? report->event->repeats_ms : 0,
		.repeats_ctime_ns = is_named(report, file) ? report->event->repeats_ctime_ns
							   : file->sight.ctime_ns,
		.sight = sight_of(report, file),
	};
}

/*
 * What is there is what aria2 speaks of if it is as large as that says. An answer about a file that
 * is not there counts: the last look finds out why. In a poll that is long past.
 */
static bool counts(const struct ctm_report_file *file, const struct ctm_poll *poll)
{
	if (!file->selected || !file->path[0])
		return false;
	if (file->sight.known)
		return file->sight.size == file->bytes &&
		       (!poll || (!file->lacks_pieces &&
					 !ctm_paths_has(&poll->busy, file->path, poll->order)));
	return !poll;
}

/* Totals and single jobs count a download by its first file, for as many as it has. */
static int count_whole(struct ctm_txn *txn, const struct ctm_report *report,
	const struct ctm_poll *poll, struct ctm_fold *fold)
{
	const struct ctm_report_file *first = NULL;
	struct ctm_event event;
	uint32_t n = 0;
	int r;

	for (size_t i = 0; i < report->n_files; i++) {
		const struct ctm_report_file *file = &report->files[i];

		if (!file->selected)
			continue;
		if (!counts(file, poll))
			return 0;
		first = first ? first : file;
		n++;
	}
	if (!first)
		return 0;
	event = event_of(report, first, n);
	r = ctm_fold_counted(txn, &event, poll, fold);
	return r < 0 ? r : 0;
}

int ctm_fold_complete(struct ctm_txn *txn, const struct ctm_report *report,
	const struct ctm_poll *poll, struct ctm_fold *fold)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < report->n_files; i++) {
		const struct ctm_report_file *file = &report->files[i];
		const struct ctm_event event = event_of(report, file, 1);
		struct completing c = {
			.report = report, .event = &event, .fold = fold, .poll = poll};

		if (counts(file, poll))
			r = ctm_store_file_by_path(txn, file->path, fold_path, &c);
	}
	return r < 0 ? r : count_whole(txn, report, poll, fold);
}
