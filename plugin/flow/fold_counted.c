/* SPDX-License-Identifier: MIT */
#include "fold_counted.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fold_evidence.h"
#include "names.h"
#include "path.h"

struct visiting {
	const char *path;
	ctm_store_job_visitor *visit;
	void *context;
};

/* Hashes can collide: the text decides. */
static int visit_root(struct ctm_txn *txn, const struct ctm_job *job, void *context)
{
	const struct visiting *v = context;
	struct ctm_job_text text;
	bool below;
	int r;

	if (ctm_job_has_ended(job))
		return 0;
	r = ctm_store_text_get(txn, job->number, &text);
	if (r < 0)
		return r;
	below = ctm_path_below(v->path, text.local_path);
	ctm_job_text_done(&text);
	return below ? v->visit(txn, job, v->context) : 0;
}

int ctm_fold_roots(
	struct ctm_txn *txn, const char *path, ctm_store_job_visitor *visit, void *context)
{
	struct visiting v = {.path = path, .visit = visit, .context = context};

	return ctm_store_root_each(txn, path, visit_root, &v);
}

struct counting {
	const struct ctm_event *event;
	struct ctm_fold *fold;
	const struct ctm_poll *poll;
	bool claimed;
};

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

static int note_count(
	struct ctm_txn *txn, struct ctm_job *job, struct ctm_file *file, const struct counting *c)
{
	int r;

	if (!ctm_job_note_count(job, file, c->event->n_files))
		return 0;
	r = ctm_store_file_put(txn, file);
	if (r == 0)
		r = ctm_store_job_put(txn, job);
	return r < 0 ? r : ctm_numbers_add(&c->fold->jobs, job->number);
}

/* The file of a totals or single job that the event speaks of is counted, once. */
static int count_file(struct ctm_txn *txn, const struct ctm_job *found, void *context)
{
	struct counting *c = context;
	struct ctm_job job = *found;
	struct ctm_file file;
	int r = ctm_store_file_find(txn, job.number, c->event->path, &file);

	if (r == -ENOENT)
		r = add_counted(txn, &job, c->event, &file);
	if (r < 0)
		return r;
	if (!c->poll || ctm_poll_is_news(c->poll, &file)) {
		r = note_count(txn, &job, &file, c);
		if (r == 0)
			r = ctm_fold_evidence(txn, c->event, &job, &file, c->poll != NULL, c->fold);
	}
	ctm_file_done(&file);
	c->claimed |= r > 0;
	return r < 0 ? r : 0;
}

int ctm_fold_counted(struct ctm_txn *txn, const struct ctm_event *event,
	const struct ctm_poll *poll, struct ctm_fold *fold)
{
	struct counting c = {.event = event, .fold = fold, .poll = poll};
	int r = ctm_name_is_description(ctm_path_name(event->path))
			? 0
			: ctm_fold_roots(txn, event->path, count_file, &c);

	return r < 0 ? r : c.claimed;
}
