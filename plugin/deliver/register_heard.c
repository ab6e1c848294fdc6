/* SPDX-License-Identifier: MIT */
#include "register_heard.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fold_evidence.h"
#include "path.h"

/* To ask for each file costs more than to see first whether there is a job that could know. */
#define MANY 1024u

struct overlapping {
	const struct ctm_job *job;
	const char *local_path;
};

/* 1: the other job has files, some of which came, where this one may have its own. */
static int overlaps(struct ctm_txn *txn, const struct ctm_job *other, void *context)
{
	const struct overlapping *o = context;
	struct ctm_job_text text;
	int r;

	if (other->number == o->job->number || ctm_job_has_ended(other) || !other->files_evident)
		return 0;
	r = ctm_store_text_get(txn, other->number, &text);
	if (r < 0)
		return r;
	r = strcmp(text.local_path, o->local_path) == 0 ||
	    ctm_path_below(text.local_path, o->local_path) ||
	    ctm_path_below(o->local_path, text.local_path);
	ctm_job_text_done(&text);
	return r;
}

/* A file of ours, and the one of another job at the same path. */
struct pair {
	uint32_t file;
	uint32_t other_job;
	uint32_t other_file;
};

struct pairing {
	const struct ctm_job *job;
	const struct ctm_fold *fold;
	struct ctm_job_text text;
	uint32_t first;
	const struct ctm_file *file;
	struct pair *pairs;
	size_t n;
	size_t cap;
};

static int add_pair(struct pairing *p, const struct ctm_file *other)
{
	if (p->n == p->cap) {
		const size_t cap = p->cap ? p->cap * 2 : 16;
		struct pair *pairs = reallocarray(p->pairs, cap, sizeof *pairs);

		if (!pairs)
			return -ENOMEM;
		p->pairs = pairs;
		p->cap = cap;
	}
	p->pairs[p->n++] = (struct pair){
		.file = p->file->number, .other_job = other->job, .other_file = other->number};
	return 0;
}

static bool is_recent(const struct ctm_file *other, const struct ctm_fold *fold)
{
	const int64_t age_ms = fold->now.wall_ms - other->since_ms;

	return other->since_ms && age_ms < (int64_t)fold->config->unclaimed_s * 1000;
}

/* Whether the other job has another version of the same content in mind. */
static int is_of_another_version(struct ctm_txn *txn, const struct pairing *p, uint32_t other)
{
	struct ctm_job_text text;
	int r = ctm_store_text_get(txn, other, &text);

	if (r < 0)
		return r;
	r = p->text.content_id[0] && strcmp(text.content_id, p->text.content_id) == 0 &&
	    strcmp(text.content_version, p->text.content_version) != 0;
	ctm_job_text_done(&text);
	return r;
}

/* 1: one is found, and what all the others heard is the same. */
static int pair_with(struct ctm_txn *txn, const struct ctm_file *other, void *context)
{
	struct pairing *p = context;
	struct ctm_job job;
	int r;

	if (other->job == p->job->number || !other->evident || !is_recent(other, p->fold) ||
		!ctm_file_listens_to(p->file, other->gid))
		return 0;
	r = ctm_store_job_get(txn, other->job, &job);
	if (r < 0 || ctm_job_has_ended(&job))
		return r;
	r = is_of_another_version(txn, p, other->job);
	if (r == 0)
		r = add_pair(p, other);
	else if (r > 0)
		return 0;
	return r < 0 ? r : 1;
}

static int pair(struct ctm_txn *txn, const struct ctm_file *file, void *context)
{
	struct pairing *p = context;

	int r;

	if (file->number < p->first || file->evident)
		return 0;
	p->file = file;
	r = ctm_store_file_by_path(txn, file->path, pair_with, p);
	return r < 0 ? r : 0;
}

/* The other's evidence, as if it were this one's. */
static int hear(
	struct ctm_txn *txn, struct ctm_job *job, const struct pair *pair, struct ctm_fold *fold)
{
	struct ctm_file other = {0};
	struct ctm_file file = {0};
	int r = ctm_store_file_get(txn, pair->other_job, pair->other_file, &other);

	if (r == 0)
		r = ctm_store_file_get(txn, job->number, pair->file, &file);
	if (r == 0) {
		const struct ctm_event event = {
			.type = CTM_EVENT_COMPLETE,
			.gid = other.gid,
			.n_files = 1,
			.path = other.path,
			.device = other.device,
			.wall_ms = other.since_ms,
			.undated = !other.sight.known,
			.sight = other.sight,
		};

		r = ctm_fold_evidence(txn, &event, job, &file, other.inferred, fold);
	}
	ctm_file_done(&file);
	ctm_file_done(&other);
	return r < 0 ? r : 0;
}

static int hear_all(
	struct ctm_txn *txn, struct ctm_job *job, struct pairing *p, struct ctm_fold *fold)
{
	struct overlapping o = {.job = job, .local_path = p->text.local_path};
	int r = 1;

	if (job->next_file - p->first >= MANY)
		r = ctm_store_job_each(txn, overlaps, &o);
	if (r > 0)
		r = ctm_store_file_each(txn, job->number, pair, p);
	for (size_t i = 0; r == 0 && i < p->n; i++)
		r = hear(txn, job, &p->pairs[i], fold);
	return r;
}

int ctm_register_heard(
	struct ctm_txn *txn, struct ctm_job *job, uint32_t first, struct ctm_fold *fold)
{
	struct pairing p = {.job = job, .fold = fold, .first = first};
	int r;

	if (job->kind != CTM_KIND_LISTED || first == job->next_file)
		return 0;
	r = ctm_store_text_get(txn, job->number, &p.text);
	if (r < 0)
		return r;
	r = hear_all(txn, job, &p, fold);
	ctm_job_text_done(&p.text);
	free(p.pairs);
	return r;
}
