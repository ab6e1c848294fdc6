/* SPDX-License-Identifier: MIT */
#include "fold_error.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blame.h"
#include "fold_counted.h"

struct folding {
	const struct ctm_event *event;
	const struct ctm_cause *cause;
	struct ctm_fold *fold;
	bool claimed;
};

/* The job remembers it too, with its words, for `status`. */
static int remember(struct ctm_txn *txn, struct ctm_job *job, const struct ctm_cause *cause)
{
	struct ctm_job_text text;
	int r;

	if (!ctm_job_remember(job, cause))
		return 0;
	r = ctm_store_text_get(txn, job->number, &text);
	if (r < 0)
		return r;
	free(text.cause);
	text.cause = strdup(cause->text);
	r = text.cause ? ctm_store_text_put(txn, job->number, &text) : -ENOMEM;
	ctm_job_text_done(&text);
	return r;
}

static int note(struct ctm_txn *txn, struct ctm_job *job, struct ctm_file *file,
	const struct ctm_cause *cause, bool given_up, struct ctm_fold *fold)
{
	int r = ctm_job_note_cause(job, file, cause, given_up);

	fold->causes++;
	if (r <= 0)
		return r;
	ctm_remarks_add(&fold->remarks, CTM_LOG_INFO, job->number, fold->gid, cause->hresult,
		given_up ? "aria2 gave up: %s" : "remembered, and ends nothing by itself: %s",
		cause->text);
	r = ctm_store_file_put(txn, file);
	if (r == 0)
		r = remember(txn, job, cause);
	if (r == 0)
		r = ctm_store_job_put(txn, job);
	return r < 0 ? r : ctm_numbers_add(&fold->jobs, job->number);
}

int ctm_fold_cause(struct ctm_txn *txn, struct ctm_job *job, const struct ctm_file *found,
	const struct ctm_cause *cause, bool given_up, struct ctm_fold *fold)
{
	/* The record that changes has words of its own. */
	CTM_CLEANUP_FREE char *why = strdup(found->why ? found->why : "");
	struct ctm_file file = *found;
	int r;

	if (!why)
		return -ENOMEM;
	file.why = why;
	r = note(txn, job, &file, cause, given_up, fold);
	why = file.why;
	return r;
}

int ctm_fold_cause_counted(struct ctm_txn *txn, struct ctm_job *job, const char *path,
	const struct ctm_cause *cause, bool given_up, struct ctm_fold *fold)
{
	struct ctm_file file = {0};
	int r = ctm_store_file_find(txn, job->number, path, &file);

	if (r == -ENOENT) {
		file = (struct ctm_file){.path = strdup(path)};
		r = file.path ? ctm_store_file_add(txn, job, &file) : -ENOMEM;
	}
	if (r == 0)
		r = note(txn, job, &file, cause, given_up, fold);
	ctm_file_done(&file);
	return r;
}

/* The event's words, about that file. */
static struct ctm_cause cause_of(
	const struct folding *f, const char *path, char text[CTM_ERROR_TEXT])
{
	struct ctm_cause cause = *f->cause;
	char name[CTM_BLAME_NAME];

	snprintf(text, CTM_ERROR_TEXT, "%s: %s", ctm_blame_name(path, name), f->cause->text);
	cause.text = text;
	return cause;
}

/* Whether it is the job's own business: what happened before is remembered, and decides nothing. */
static int is_concerned(struct ctm_txn *txn, const struct folding *f, const struct ctm_job *job,
	const char *path, bool *ret_concerned)
{
	int64_t ended_ms;
	int r = ctm_store_ended_get(txn, path, job->local_len, &ended_ms);

	if (r == 0)
		*ret_concerned = ctm_job_is_concerned(job, f->event->wall_ms, ended_ms);
	return r;
}

/* `sure`: it is that file, and not another download's. */
static int note_listed(struct ctm_txn *txn, struct folding *f, struct ctm_job *job,
	const struct ctm_file *file, bool sure)
{
	char text[CTM_ERROR_TEXT];
	const struct ctm_cause cause = cause_of(f, file->path, text);
	bool concerned = false;
	int r = is_concerned(txn, f, job, file->path, &concerned);

	f->claimed = true;
	return r < 0 ? r : ctm_fold_cause(txn, job, file, &cause, sure && concerned, f->fold);
}

static int fold_gid(struct ctm_txn *txn, const struct ctm_file *found, void *context)
{
	struct folding *f = context;
	struct ctm_job job;
	int r = ctm_store_job_get(txn, found->job, &job);

	return r < 0 || ctm_job_has_ended(&job) ? r : note_listed(txn, f, &job, found, true);
}

static int fold_path(struct ctm_txn *txn, const struct ctm_file *found, void *context)
{
	struct folding *f = context;
	struct ctm_job job;
	int r = ctm_store_job_get(txn, found->job, &job);

	if (r < 0 || ctm_job_has_ended(&job) || job.kind != CTM_KIND_LISTED || found->gid)
		return r;
	return note_listed(txn, f, &job, found, f->event->sight.absent);
}

static int fold_root(struct ctm_txn *txn, const struct ctm_job *found, void *context)
{
	struct folding *f = context;
	const char *path = f->event->path;
	struct ctm_job job = *found;
	char text[CTM_ERROR_TEXT];
	const struct ctm_cause cause = cause_of(f, path, text);
	bool concerned = false;
	int r = is_concerned(txn, f, &job, path, &concerned);

	f->claimed = true;
	return r < 0 ? r
		     : ctm_fold_cause_counted(txn, &job, path, &cause,
			       f->event->sight.absent && concerned, f->fold);
}

int ctm_fold_error(struct ctm_txn *txn, const struct ctm_event *event,
	const struct ctm_cause *cause, struct ctm_fold *fold)
{
	struct folding f = {.event = event, .cause = cause, .fold = fold};
	int r = event->gid ? ctm_store_file_by_gid(txn, event->gid, fold_gid, &f) : 0;

	if (r == 0 && event->path[0])
		r = ctm_store_file_by_path(txn, event->path, fold_path, &f);
	if (r == 0 && event->path[0])
		r = ctm_fold_roots(txn, event->path, fold_root, &f);
	return r < 0 ? r : f.claimed;
}
