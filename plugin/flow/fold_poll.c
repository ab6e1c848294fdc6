/* SPDX-License-Identifier: MIT */
/*
 * Everything that aria2 has at one moment: what is complete and what failed, what is under way, and
 * what is not there any more.
 */
#include <errno.h>
#include <stdlib.h>

#include "blame.h"
#include "fold_complete.h"
#include "fold_failed.h"
#include "fold_report.h"
#include "fold_under_way.h"

struct polling {
	const struct ctm_report *reports; /* in the order in which downloads go, and end */
	const struct ctm_report **by_gid; /* sorted */
	size_t n;
	struct ctm_poll poll;
	struct ctm_under_way under_way;
	struct ctm_fold *fold;
};

/* By gid; of two with the same gid the later one, which is the newer, comes last. */
static int compare_age(const void *a, const void *b)
{
	const struct ctm_report *const *x = a;
	const struct ctm_report *const *y = b;

	if ((*x)->gid != (*y)->gid)
		return (*x)->gid < (*y)->gid ? -1 : 1;
	return (*x > *y) - (*x < *y);
}

static int compare(const void *a, const void *b)
{
	const struct ctm_report *const *x = a;
	const struct ctm_report *const *y = b;

	return ((*x)->gid > (*y)->gid) - ((*x)->gid < (*y)->gid);
}

/* A download that went on while aria2 was asked is there twice: the newest counts. */
static void keep_newest(struct polling *p)
{
	size_t kept = 0;

	qsort((void *)p->by_gid, p->n, sizeof *p->by_gid, compare_age);
	for (size_t i = 0; i < p->n; i++)
		if (i + 1 == p->n || p->by_gid[i]->gid != p->by_gid[i + 1]->gid)
			p->by_gid[kept++] = p->by_gid[i];
	p->n = kept;
}

bool ctm_poll_is_news(const struct ctm_poll *poll, const struct ctm_file *file)
{
	return !file->evident &&
	       (!file->given_up || !poll->known.at_end || poll->known.since_ms > file->cause_ms);
}

static size_t order_of(const struct polling *p, const struct ctm_report *report)
{
	return (size_t)(report - p->reports);
}

/* aria2 would not touch what was there. */
static bool spoils_nothing(const struct ctm_report *report)
{
	return ctm_report_is_complete(report) ||
	       (report->status == CTM_REPORT_ERROR && ctm_blame_is_of_another(report->error_code));
}

/* What downloads that are not at their end work on, and what those that failed may have spoiled. */
static int collect_busy(struct polling *p)
{
	int r = 0;

	for (size_t i = 0; i < p->n; i++) {
		const struct ctm_report *report = p->by_gid[i];
		const size_t order =
			ctm_report_is_at_end(report) ? order_of(p, report) : CTM_PATHS_BUSY;

		if (spoils_nothing(report))
			continue;
		for (size_t k = 0; r == 0 && k < report->n_files; k++)
			if (report->files[k].selected && report->files[k].path[0])
				r = ctm_paths_add(&p->poll.busy, report->files[k].path, order);
	}
	ctm_paths_sort(&p->poll.busy);
	return r;
}

static int fold_one(struct ctm_txn *txn, const struct ctm_report *report, struct polling *p)
{
	int r = ctm_fold_known(txn, report, &p->poll.known);

	/* One that seeds is whole now, whatever has stopped before or since. */
	p->poll.order =
		report->status == CTM_REPORT_COMPLETE ? order_of(p, report) : CTM_PATHS_BUSY - 1;
	if (r < 0)
		return r;
	if (!ctm_report_is_at_end(report))
		return ctm_under_way_note(txn, report, &p->under_way);
	if (ctm_report_is_complete(report))
		return ctm_fold_complete(txn, report, &p->poll, p->fold);
	return ctm_fold_failed(txn, report, &p->poll, p->fold);
}

/* What is there goes before what failed: else the gids would decide which of two counts. */
static int fold_all(struct ctm_txn *txn, struct polling *p)
{
	int r = 0;

	for (int failed = 0; failed < 2; failed++)
		for (size_t i = 0; r == 0 && i < p->n; i++) {
			const struct ctm_report *report = p->by_gid[i];

			if (failed ==
				(ctm_report_is_at_end(report) && !ctm_report_is_complete(report)))
				r = fold_one(txn, report, p);
		}
	return r;
}

/* One that aria2 had, and has no more, without having told its end: somebody removed it. */
static int fold_missing(
	struct ctm_txn *txn, uint64_t gid, const struct ctm_known *known, void *context)
{
	struct polling *p = context;
	char none[] = "";
	struct ctm_report missing = {
		.gid = gid,
		.status = CTM_REPORT_REMOVED,
		.error_message = none,
		.dir = none,
		.asked_ms = p->fold->now.wall_ms,
	};
	const struct ctm_report *wanted = &missing;
	int r = 0;

	if (p->n && bsearch(&wanted, (const void *)p->by_gid, p->n, sizeof wanted, compare))
		return 0;
	p->poll.known = *known;
	if (!known->at_end)
		r = ctm_fold_failed(txn, &missing, &p->poll, p->fold);
	return r < 0 ? r : ctm_store_known_delete(txn, gid);
}

static int poll_begin(
	struct polling *p, const struct ctm_report *reports, size_t n, struct ctm_fold *fold)
{
	*p = (struct polling){.reports = reports, .n = n, .fold = fold};
	p->by_gid = (const struct ctm_report **)calloc(n + 1, sizeof *p->by_gid);
	if (!p->by_gid)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		p->by_gid[i] = &reports[i];
	keep_newest(p);
	return collect_busy(p);
}

static void poll_done(struct polling *p)
{
	free((void *)p->by_gid);
	ctm_paths_done(&p->poll.busy);
	ctm_under_way_done(&p->under_way);
}

int ctm_fold_poll(struct ctm_txn *txn, const struct ctm_report *reports, size_t n, bool all,
	struct ctm_fold *fold)
{
	struct polling p;
	int r = poll_begin(&p, reports, n, fold);

	if (r == 0)
		r = fold_all(txn, &p);
	if (r == 0 && all)
		r = ctm_store_known_each(txn, fold_missing, &p);
	if (r == 0)
		r = ctm_under_way_apply(txn, &p.under_way, fold);
	poll_done(&p);
	return r;
}
