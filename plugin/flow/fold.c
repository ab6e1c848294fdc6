/* SPDX-License-Identifier: MIT */
#include "fold.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fold_evidence.h"
#include "fold_torrent.h"
#include "names.h"
#include "path.h"

struct folding {
	const struct ctm_event *event;
	struct ctm_fold *fold;
	bool claimed;
};

/* What a rule found: negative errno, or whether the event became evidence. */
static int claim(struct folding *f, int r)
{
	f->claimed |= r > 0;
	return r < 0 ? r : 0;
}

/* The event is noted with the file, and decides nothing. */
static int only_note(struct ctm_txn *txn, struct ctm_file *file, const struct ctm_event *event)
{
	return ctm_job_note_event(file, event->type) ? ctm_store_file_put(txn, file) : 0;
}

/* A listed file with the event's path. */
static int fold_path(struct ctm_txn *txn, const struct ctm_file *found, void *context)
{
	struct folding *f = context;
	struct ctm_file file = *found;
	struct ctm_job job;
	int r = ctm_store_job_get(txn, file.job, &job);

	if (r < 0 || ctm_job_has_ended(&job) || job.kind != CTM_KIND_LISTED)
		return r;
	if (!ctm_file_listens_to(&file, f->event->gid))
		return only_note(txn, &file, f->event);
	if (f->event->n_files > 1)
		return claim(f, ctm_fold_torrent(txn, f->event, &job, f->fold));
	return claim(f, ctm_fold_evidence(txn, f->event, &job, &file, false, f->fold));
}

/*
 * A listed file with the event's gid: the download is known, and may still have brought another
 * file than the one that was asked for. Then it is no evidence.
 */
static int fold_gid(struct ctm_txn *txn, const struct ctm_file *found, void *context)
{
	struct folding *f = context;
	struct ctm_file file = *found;
	struct ctm_job job;
	int r = ctm_store_job_get(txn, file.job, &job);

	if (r < 0 || ctm_job_has_ended(&job))
		return r;
	return only_note(txn, &file, f->event);
}

/* A file that is new to a totals or single job. */
static int add_counted(struct ctm_txn *txn, struct ctm_job *job, const struct ctm_event *event,
	struct ctm_file *ret_file)
{
	struct ctm_file file = {.count = event->n_files, .path = strdup(event->path)};
	int r = file.path ? ctm_store_file_add(txn, job, &file) : -ENOMEM;

	if (r == 0)
		r = ctm_store_job_put(txn, job);
	if (r < 0)
		free(file.path);
	else
		*ret_file = file;
	return r;
}

/* The file of a totals or single job that the event speaks of is counted, once. */
static int count_file(struct ctm_txn *txn, struct ctm_job *job, struct folding *f)
{
	const struct ctm_event *event = f->event;
	struct ctm_file file;
	int r = ctm_store_file_find(txn, job->number, event->path, &file);

	if (r == -ENOENT) {
		r = add_counted(txn, job, event, &file);
	} else if (r == 0 && ctm_job_note_count(job, &file, event->n_files)) {
		r = ctm_store_file_put(txn, &file);
		if (r == 0)
			r = ctm_store_job_put(txn, job);
		if (r == 0)
			r = ctm_numbers_add(&f->fold->jobs, job->number);
	}
	if (r < 0)
		return r;
	r = claim(f, ctm_fold_evidence(txn, event, job, &file, false, f->fold));
	ctm_file_done(&file);
	return r;
}

/* A job whose local_path is (by its hash) an ancestor of the path. */
static int fold_root(struct ctm_txn *txn, const struct ctm_job *found, void *context)
{
	struct folding *f = context;
	struct ctm_job job = *found;
	struct ctm_job_text text;
	bool below;
	int r;

	if (ctm_job_has_ended(&job) || ctm_name_is_description(ctm_path_name(f->event->path)))
		return 0;
	r = ctm_store_text_get(txn, job.number, &text);
	if (r < 0)
		return r;
	below = ctm_path_below(f->event->path, text.local_path);
	ctm_job_text_done(&text);
	return below ? count_file(txn, &job, f) : 0;
}

int ctm_fold_event(struct ctm_txn *txn, const struct ctm_event *event, struct ctm_fold *fold)
{
	struct folding f = {.event = event, .fold = fold};
	int r = 0;

	if (ctm_event_is_evidence(event)) {
		r = ctm_store_file_by_path(txn, event->path, fold_path, &f);
		if (r == 0)
			r = ctm_store_root_each(txn, event->path, fold_root, &f);
	}
	if (r == 0 && event->gid)
		r = ctm_store_file_by_gid(txn, event->gid, fold_gid, &f);
	return r < 0 ? r : f.claimed;
}

static int decide_job(
	struct ctm_txn *txn, uint32_t number, struct ctm_fold *fold, bool *ret_changed)
{
	struct ctm_job job;
	int r = ctm_store_job_get(txn, number, &job);

	if (r < 0)
		return r;
	*ret_changed = ctm_job_decide(&job, &fold->now);
	if (!*ret_changed)
		return 0;
	ctm_job_grow_older(&job, &fold->now);
	r = ctm_store_job_put(txn, &job);
	if (r < 0)
		return r;
	if (job.state == CTM_JOB_VERIFYING)
		return ctm_store_work_add(txn, CTM_WORK_VERIFY, number);
	return ctm_store_work_delete(txn, CTM_WORK_VERIFY, number);
}

int ctm_fold_decide(struct ctm_txn *txn, struct ctm_fold *fold)
{
	size_t kept = 0;

	ctm_numbers_unique(&fold->jobs);
	for (size_t i = 0; i < fold->jobs.n; i++) {
		bool changed = false;
		int r = decide_job(txn, fold->jobs.items[i], fold, &changed);

		if (r < 0)
			return r;
		if (changed)
			fold->jobs.items[kept++] = fold->jobs.items[i];
	}
	fold->jobs.n = kept;
	return 0;
}

void ctm_fold_done(struct ctm_fold *fold)
{
	ctm_numbers_done(&fold->jobs);
}
