/* SPDX-License-Identifier: MIT */
#include "fold.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fold_counted.h"
#include "fold_evidence.h"
#include "fold_question.h"
#include "fold_seeding.h"
#include "fold_torrent.h"

struct folding {
	const struct ctm_event *event;
	struct ctm_fold *fold;
	bool may_ask; /* aria2, of what the event leaves open */
	bool claimed;
	bool doubted; /* aria2 may know more of it: which files, or whose child it is */
};

/* What a rule found: negative errno, or whether the event became evidence. */
static int claim(struct folding *f, int r)
{
	f->claimed |= r > 0;
	return r < 0 ? r : 0;
}

/* The event is noted with the file, and decides nothing; the first one begins the job's progress.
 */
static int only_note(
	struct ctm_txn *txn, struct ctm_job *job, struct ctm_file *file, const struct folding *f)
{
	int r = 0;

	if (ctm_job_note_event(file, f->event->type))
		r = ctm_store_file_put(txn, file);
	if (r < 0 || !ctm_job_note_begun(job))
		return r;
	r = ctm_store_job_put(txn, job);
	return r < 0 ? r : ctm_numbers_add(&f->fold->jobs, job->number);
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
	if (!ctm_file_listens_to(&file, f->event->gid)) {
		f->doubted = true;
		return only_note(txn, &job, &file, f);
	}
	/* That they are as many says less than aria2 knows: which ones they are. */
	if (f->event->n_files > 1) {
		f->doubted = true;
		f->claimed |= f->may_ask;
		return f->may_ask ? only_note(txn, &job, &file, f)
				  : claim(f, ctm_fold_torrent(txn, f->event, &job, f->fold));
	}
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
	return only_note(txn, &job, &file, f);
}

static int note_begun(struct ctm_txn *txn, const struct ctm_job *found, void *context)
{
	const struct folding *f = context;
	struct ctm_job job = *found;
	int r;

	if (!ctm_job_note_begun(&job))
		return 0;
	r = ctm_store_job_put(txn, &job);
	return r < 0 ? r : ctm_numbers_add(&f->fold->jobs, job.number);
}

static int note_path(struct ctm_txn *txn, const struct ctm_file *found, void *context)
{
	const struct folding *f = context;
	struct ctm_file file = *found;
	struct ctm_job job;
	int r = ctm_store_job_get(txn, file.job, &job);

	if (r < 0 || ctm_job_has_ended(&job) || job.kind != CTM_KIND_LISTED ||
		!ctm_file_listens_to(&file, f->event->gid))
		return r;
	return only_note(txn, &job, &file, f);
}

/* A download of a job has begun, or goes on; that is all that is known. */
static int fold_begun(struct ctm_txn *txn, struct folding *f)
{
	int r = ctm_store_file_by_path(txn, f->event->path, note_path, f);

	return r < 0 ? r : ctm_fold_roots(txn, f->event->path, note_begun, f);
}

static int fold_evidence(struct ctm_txn *txn, struct folding *f)
{
	int r = ctm_store_file_by_path(txn, f->event->path, fold_path, f);

	if (r == 0)
		r = claim(f, ctm_fold_counted(txn, f->event, NULL, f->fold));
	f->doubted |= f->event->n_files > 1 && !f->claimed;
	return r;
}

static int fold(struct ctm_txn *txn, struct folding *f)
{
	const struct ctm_event *event = f->event;
	int r = 0;

	if (ctm_event_is_evidence(event))
		r = fold_evidence(txn, f);
	else if (event->type == CTM_EVENT_ERROR && !f->may_ask)
		r = claim(f,
			ctm_fold_unexplained(txn, event, "no [aria2] rpc is configured", f->fold));
	else
		f->doubted = event->type == CTM_EVENT_ERROR || event->type == CTM_EVENT_STOP;
	if (r == 0 && event->type == CTM_EVENT_START && event->path[0])
		r = fold_begun(txn, f);
	if (r == 0 && event->gid)
		r = ctm_store_file_by_gid(txn, event->gid, fold_gid, f);
	return r;
}

int ctm_fold_event(struct ctm_txn *txn, const struct ctm_event *said, struct ctm_fold *to)
{
	struct ctm_event event = *said;
	struct folding f = {
		.event = &event,
		.fold = to,
		.may_ask = ctm_question_may_be_asked(to->config),
	};
	int r = ctm_fold_seeding(txn, &event);

	to->gid = event.gid;
	if (r == 0)
		r = fold(txn, &f);
	if (r == 0 && f.doubted && f.may_ask) {
		to->work = true;
		/* An error without its answer is nobody's yet, and is kept with its question. */
		f.claimed |= event.type == CTM_EVENT_ERROR;
		r = ctm_store_question_put(txn, &event, &to->now);
	}
	return r < 0 ? r : f.claimed;
}

int ctm_fold_event_alone(struct ctm_txn *txn, const struct ctm_event *said, struct ctm_fold *to)
{
	struct ctm_event event = *said;
	struct folding f = {.event = &event, .fold = to};
	int r = ctm_fold_seeding(txn, &event);

	to->gid = event.gid;
	if (r == 0)
		r = fold(txn, &f);
	return r < 0 ? r : f.claimed;
}
