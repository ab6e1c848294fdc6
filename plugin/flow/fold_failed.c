/* SPDX-License-Identifier: MIT */
#include "fold_failed.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aria2_code.h"
#include "blame.h"
#include "fold_counted.h"
#include "fold_error.h"
#include "hresult.h"
#include "path.h"

struct failing {
	const struct ctm_report *report;
	const struct ctm_poll *poll; /* NULL: it is the answer to a question */
	struct ctm_fold *fold;
	uint32_t hresult;
	int64_t since_ms; /* when the failure was first seen */
	const char *path; /* of the file that failed; NULL: not known */
	bool own_gid;     /* the file is found by the download's own gid */
};

/* Whether it is aria2's last word on the file, and not on another download of the same name. */
static bool is_last_word(const struct failing *f, const char *path)
{
	if (ctm_blame_is_removal(f->report))
		return false;
	if (f->own_gid)
		return true;
	if (ctm_blame_is_of_another(f->report->error_code))
		return false;
	return !f->poll || !ctm_paths_has(&f->poll->busy, path, CTM_PATHS_BUSY - 1);
}

/*
 * Whether it failed for this job: an answer speaks of an event that has just been; in a poll it
 * must have been seen under way while the job was there. Where nobody has seen that, its end must
 * be new, and it is this job's if there was none before it in that place, or if its sidecar names a
 * download that was never seen before.
 */
static int is_concerned(struct ctm_txn *txn, const struct failing *f, const struct ctm_job *job,
	const char *path, bool named, bool *ret_concerned)
{
	const struct ctm_known *known = f->poll ? &f->poll->known : NULL;
	int64_t ended_ms = 0;
	int r = ctm_store_ended_get(txn, path, job->local_len, &ended_ms);

	if (!known)
		*ret_concerned = ctm_job_is_concerned(job, f->since_ms, ended_ms);
	else if ((known->at_end ? known->before_ms : known->since_ms) >= job->created_ms)
		*ret_concerned = true;
	else
		*ret_concerned =
			(!ended_ms || ended_ms > job->created_ms || (named && !known->since_ms)) &&
			ctm_job_is_concerned(job, f->since_ms, 0);
	return r;
}

static struct ctm_cause cause_of(
	const struct failing *f, const char *path, char text[CTM_ERROR_TEXT])
{
	return (struct ctm_cause){
		.hresult = f->hresult,
		.since_ms = f->since_ms,
		.text = ctm_blame_describe(f->report, path, text, CTM_ERROR_TEXT),
	};
}

/* A removal is no cause where the file has come, or a better one is known. */
static bool is_settled(const struct failing *f, const struct ctm_file *file)
{
	return ctm_blame_is_removal(f->report) && (file->evident || file->given_up);
}

static int fold_file(struct ctm_txn *txn, const struct ctm_file *found, struct failing *f)
{
	char text[CTM_ERROR_TEXT];
	const struct ctm_cause cause = cause_of(f, found->path, text);
	struct ctm_job job;
	bool concerned = false;
	int r = ctm_store_job_get(txn, found->job, &job);

	if (r < 0 || ctm_job_has_ended(&job) || job.kind != CTM_KIND_LISTED || is_settled(f, found))
		return r;
	r = is_concerned(txn, f, &job, found->path, found->gid != 0, &concerned);
	if (r < 0 || !concerned)
		return r;
	return ctm_fold_cause(txn, &job, found, &cause, is_last_word(f, found->path), f->fold);
}

/* Of several files with the gid that the download came of, only that one failed. */
static int fold_gid(struct ctm_txn *txn, const struct ctm_file *found, void *context)
{
	struct failing *f = context;

	if (!f->own_gid && f->path && strcmp(f->path, found->path) != 0)
		return 0;
	return fold_file(txn, found, f);
}

static int fold_gids(struct ctm_txn *txn, struct failing *f)
{
	const uint64_t gids[] = {f->report->gid, f->report->following, f->report->belongs_to};
	int r = 0;

	for (size_t i = 0; r == 0 && i < sizeof gids / sizeof *gids; i++) {
		f->own_gid = i == 0;
		if (gids[i])
			r = ctm_store_file_by_gid(txn, gids[i], fold_gid, f);
	}
	f->own_gid = false;
	return r;
}

/* One with a gid was found by that, or is none of this download's. */
static int fold_path(struct ctm_txn *txn, const struct ctm_file *found, void *context)
{
	return found->gid ? 0 : fold_file(txn, found, context);
}

/* The URI alone says little: the file must also be one that the download could bring. */
static int fold_uri(struct ctm_txn *txn, const struct ctm_file *found, void *context)
{
	struct failing *f = context;

	if (found->gid || !f->report->dir[0] || !ctm_path_below(found->path, f->report->dir))
		return 0;
	return fold_file(txn, found, f);
}

static int is_settled_in(
	struct ctm_txn *txn, const struct failing *f, const struct ctm_job *job, bool *ret_settled)
{
	struct ctm_file file;
	int r = ctm_store_file_find(txn, job->number, f->path, &file);

	*ret_settled = false;
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	*ret_settled = is_settled(f, &file);
	ctm_file_done(&file);
	return 0;
}

static int fold_root(struct ctm_txn *txn, const struct ctm_job *found, void *context)
{
	const struct failing *f = context;
	char text[CTM_ERROR_TEXT];
	const struct ctm_cause cause = cause_of(f, f->path, text);
	struct ctm_job job = *found;
	bool concerned = false;
	bool settled = false;
	int r = is_concerned(txn, f, &job, f->path, false, &concerned);

	if (r == 0 && concerned)
		r = is_settled_in(txn, f, &job, &settled);
	if (r < 0 || !concerned || settled)
		return r;
	return ctm_fold_cause_counted(
		txn, &job, f->path, &cause, is_last_word(f, f->path), f->fold);
}

/* It would have brought something into its directory; its gid stands for the name. */
static int fold_nameless(struct ctm_txn *txn, struct failing *f)
{
	char gid[17];
	CTM_CLEANUP_FREE char *path = NULL;

	if (!f->report->dir[0])
		return 0;
	snprintf(gid, sizeof gid, "%016" PRIx64, f->report->gid);
	path = ctm_path_join(f->report->dir, gid);
	if (!path)
		return -ENOMEM;
	f->path = path;
	return ctm_fold_roots(txn, path, fold_root, f);
}

static int fold_one(struct ctm_txn *txn, struct failing *f, const char *path, const char *uri)
{
	int r;

	f->path = path;
	r = fold_gids(txn, f);
	if (r == 0 && path)
		r = ctm_store_file_by_path(txn, path, fold_path, f);
	if (r == 0 && uri[0])
		r = ctm_store_file_by_uri(txn, uri, fold_uri, f);
	if (r == 0 && path)
		r = ctm_fold_roots(txn, path, fold_root, f);
	return r < 0 || path ? r : fold_nameless(txn, f);
}

static int fold_files(struct ctm_txn *txn, struct failing *f)
{
	const struct ctm_report *report = f->report;
	bool any = false;
	int r = 0;

	for (size_t i = 0; r == 0 && i < report->n_files; i++) {
		const struct ctm_report_file *file = &report->files[i];
		CTM_CLEANUP_FREE char *path = NULL;

		if (!file->selected)
			continue;
		r = ctm_blame_path(report, file, &path);
		if (r == 0)
			r = fold_one(txn, f, path, file->path[0] ? "" : file->uri);
		any = true;
	}
	return r < 0 || any ? r : fold_one(txn, f, NULL, "");
}

static int64_t since_of(const struct ctm_report *report, const struct ctm_poll *poll)
{
	if (report->event)
		return report->event->wall_ms;
	return poll && poll->known.at_end ? poll->known.since_ms : report->asked_ms;
}

int ctm_fold_failed(struct ctm_txn *txn, const struct ctm_report *report,
	const struct ctm_poll *poll, struct ctm_fold *fold)
{
	struct failing f = {
		.report = report,
		.poll = poll,
		.fold = fold,
		.since_ms = since_of(report, poll),
	};

	fold->gid = report->gid;
	f.hresult = ctm_blame_is_removal(report)
			    ? CTM_E_CANCELLED
			    : ctm_aria2_hresult(report->error_code, report->error_message);
	return f.hresult ? fold_files(txn, &f) : 0;
}
