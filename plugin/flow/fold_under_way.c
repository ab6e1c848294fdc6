/* SPDX-License-Identifier: MIT */
#include "fold_under_way.h"

#include <errno.h>
#include <stdlib.h>

#include "fold_counted.h"

struct noting {
	struct ctm_under_way *under_way;
	uint64_t gid;
	const struct ctm_report_file *file;
	uint64_t bytes;
};

static int add(struct ctm_under_way *u, uint32_t job, uint64_t bytes)
{
	if (u->n == u->cap) {
		size_t cap = u->cap ? u->cap * 2 : 16;
		struct ctm_under_way_bytes *items = reallocarray(u->items, cap, sizeof *items);

		if (!items)
			return -ENOMEM;
		u->items = items;
		u->cap = cap;
	}
	u->items[u->n++] = (struct ctm_under_way_bytes){.job = job, .bytes = bytes};
	return 0;
}

static bool wants(const struct ctm_job *job)
{
	return (job->flags & CTM_FLAG_NOTIFYPROGRESS) && !ctm_job_has_ended(job);
}

static int note_listed(struct ctm_txn *txn, const struct ctm_file *file, void *context)
{
	const struct noting *n = context;
	struct ctm_job job;
	int r = ctm_store_job_get(txn, file->job, &job);

	if (r < 0 || !wants(&job) || job.kind != CTM_KIND_LISTED || file->evident ||
		!ctm_file_listens_to(file, n->gid))
		return r;
	return add(n->under_way, job.number, n->bytes);
}

static int note_counted(struct ctm_txn *txn, const struct ctm_job *job, void *context)
{
	const struct noting *n = context;
	struct ctm_file file;
	bool evident = false;
	int r;

	if (!wants(job))
		return 0;
	r = ctm_store_file_find(txn, job->number, n->file->path, &file);
	if (r == 0) {
		evident = file.evident;
		ctm_file_done(&file);
	}
	if (r < 0 && r != -ENOENT)
		return r;
	return evident ? 0 : add(n->under_way, job->number, n->bytes);
}

static size_t count_selected(const struct ctm_report *report)
{
	size_t n = 0;

	for (size_t i = 0; i < report->n_files; i++)
		n += report->files[i].selected;
	return n;
}

int ctm_under_way_note(
	struct ctm_txn *txn, const struct ctm_report *report, struct ctm_under_way *under_way)
{
	/* Of a file aria2 counts whole pieces, which are large: of the download every byte. */
	const bool alone = count_selected(report) == 1;
	int r = 0;

	for (size_t i = 0; r == 0 && i < report->n_files; i++) {
		struct noting n = {.under_way = under_way,
			.gid = report->gid,
			.file = &report->files[i],
			.bytes = alone ? report->done : report->files[i].done};

		if (!n.file->selected || !n.file->path[0])
			continue;
		r = ctm_store_file_by_path(txn, n.file->path, note_listed, &n);
		if (r == 0)
			r = ctm_fold_roots(txn, n.file->path, note_counted, &n);
	}
	return r;
}

static int compare(const void *a, const void *b)
{
	const struct ctm_under_way_bytes *x = a;
	const struct ctm_under_way_bytes *y = b;

	return (x->job > y->job) - (x->job < y->job);
}

/* No more than there is to come. */
static uint64_t cut(const struct ctm_job *job, uint64_t bytes)
{
	const uint64_t total = ctm_job_bytes_total(job);
	const uint64_t left = total > job->bytes_evident ? total - job->bytes_evident : 0;

	return total && bytes > left ? left : bytes;
}

static int apply_one(struct ctm_txn *txn, uint32_t number, uint64_t bytes, struct ctm_fold *fold)
{
	struct ctm_job job;
	int r = ctm_store_job_get(txn, number, &job);

	if (r < 0 || !wants(&job))
		return r;
	bytes = cut(&job, bytes);
	if (!ctm_job_note_begun(&job) && job.bytes_under_way == bytes)
		return 0;
	job.bytes_under_way = bytes;
	r = ctm_store_job_put(txn, &job);
	return r < 0 ? r : ctm_numbers_add(&fold->jobs, number);
}

int ctm_under_way_apply(struct ctm_txn *txn, struct ctm_under_way *under_way, struct ctm_fold *fold)
{
	const struct ctm_under_way_bytes *items = under_way->items;
	int r = 0;

	if (under_way->n)
		qsort(under_way->items, under_way->n, sizeof *items, compare);
	for (size_t i = 0; r == 0 && i < under_way->n;) {
		const uint32_t job = items[i].job;
		uint64_t bytes = 0;

		for (; i < under_way->n && items[i].job == job; i++)
			bytes += items[i].bytes;
		r = apply_one(txn, job, bytes, fold);
	}
	return r;
}

void ctm_under_way_done(struct ctm_under_way *under_way)
{
	free(under_way->items);
	*under_way = (struct ctm_under_way){0};
}
