/* SPDX-License-Identifier: MIT */
#include "queue.h"

#include <errno.h>
#include <stdlib.h>

#include "numbers.h"

struct loading {
	struct ctm_queue *queue;
	struct ctm_queue before; /* the items there were */
	struct ctm_stamp now;
	uint64_t now_ms;
};

static int append(struct ctm_queue *queue, const struct ctm_queue_item *item)
{
	if (queue->n == queue->cap) {
		size_t cap = queue->cap ? queue->cap * 2 : 16;
		struct ctm_queue_item *items = reallocarray(queue->items, cap, sizeof *items);

		if (!items)
			return -ENOMEM;
		queue->items = items;
		queue->cap = cap;
	}
	queue->items[queue->n++] = *item;
	return 0;
}

static int describe_message(struct ctm_txn *txn, struct loading *l, struct ctm_queue_item *item)
{
	struct ctm_message message;
	struct ctm_job_text text;
	const char *url;
	int r = item->work == CTM_WORK_PROGRESS ? ctm_store_progress_get(txn, item->job, &message)
						: ctm_store_message_get(txn, item->job, &message);

	if (r < 0)
		return r;
	item->due_ms = l->now_ms + ctm_message_due_ms(&message, &l->now);
	item->under_way = message.under_way;
	ctm_message_done(&message);
	r = ctm_store_text_get(txn, item->job, &text);
	if (r < 0)
		return r;
	if (ctm_config_endpoint(l->queue->config, text.endpoint, &item->endpoint, &url, NULL) < 0)
		item->endpoint = NULL;
	ctm_job_text_done(&text);
	return 0;
}

static int compare_identity(const void *a, const void *b)
{
	const struct ctm_queue_item *x = a;
	const struct ctm_queue_item *y = b;

	if (x->work != y->work)
		return x->work < y->work ? -1 : 1;
	return (x->job > y->job) - (x->job < y->job);
}

static int load_item(struct ctm_txn *txn, enum ctm_work work, uint32_t number, void *context)
{
	struct loading *l = context;
	struct ctm_queue_item item = {.work = work, .job = number};
	const struct ctm_queue_item *before = l->before.n
						      ? bsearch(&item, l->before.items, l->before.n,
								sizeof item, compare_identity)
						      : NULL;
	struct ctm_job job;
	int r = ctm_store_job_get(txn, number, &job);

	/* Work without its job is nobody's: it holds up no other. */
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	item.priority = job.priority;
	item.busy = before && before->busy;
	item.due_ms = l->now_ms;
	if (work == CTM_WORK_VERIFY)
		item.due_ms += ctm_job_look_due_ms(&job, &l->now);
	else
		r = describe_message(txn, l, &item);
	if (item.under_way && !item.busy && l->queue->orphans_are_due)
		item.due_ms = l->now_ms;
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	return append(l->queue, &item);
}

static int compare_urgency(const void *a, const void *b)
{
	const struct ctm_queue_item *x = a;
	const struct ctm_queue_item *y = b;
	const bool x_is_progress = x->work == CTM_WORK_PROGRESS;
	const bool y_is_progress = y->work == CTM_WORK_PROGRESS;

	if (x_is_progress != y_is_progress)
		return x_is_progress ? 1 : -1;
	if (x->priority != y->priority)
		return x->priority < y->priority ? -1 : 1;
	if (x->due_ms != y->due_ms)
		return x->due_ms < y->due_ms ? -1 : 1;
	return compare_identity(a, b);
}

static void sort(struct ctm_queue *queue, int (*compare)(const void *, const void *))
{
	if (queue->n)
		qsort(queue->items, queue->n, sizeof *queue->items, compare);
}

int ctm_queue_load(struct ctm_txn *txn, struct ctm_queue *queue)
{
	struct loading l = {
		.queue = queue,
		.before = *queue,
		.now = ctm_clock_now(),
		.now_ms = ctm_clock_boot_ms(),
	};
	int r;

	sort(&l.before, compare_identity);
	*queue = (struct ctm_queue){
		.config = l.before.config,
		.orphans_are_due = l.before.orphans_are_due,
	};
	r = ctm_store_work_each(txn, load_item, &l);
	if (r < 0) {
		ctm_queue_done(queue);
		*queue = l.before;
		return r;
	}
	free(l.before.items);
	sort(queue, compare_urgency);
	return 0;
}

struct ctm_queue_item *ctm_queue_find(struct ctm_queue *queue, enum ctm_work work, uint32_t job)
{
	for (size_t i = 0; i < queue->n; i++)
		if (queue->items[i].work == work && queue->items[i].job == job)
			return &queue->items[i];
	return NULL;
}

void ctm_queue_remove(struct ctm_queue *queue, enum ctm_work work, uint32_t job)
{
	struct ctm_queue_item *item = ctm_queue_find(queue, work, job);

	if (!item)
		return;
	queue->n--;
	for (; item < queue->items + queue->n; item++)
		*item = item[1];
}

uint64_t ctm_queue_next(const struct ctm_queue *queue, ctm_queue_filter *can_start, void *context)
{
	uint64_t next = UINT64_MAX;

	for (size_t i = 0; i < queue->n; i++) {
		const struct ctm_queue_item *item = &queue->items[i];

		if (!item->busy && item->due_ms < next && can_start(item, context))
			next = item->due_ms;
	}
	return next;
}

size_t ctm_queue_busy(const struct ctm_queue *queue)
{
	size_t busy = 0;

	for (size_t i = 0; i < queue->n; i++)
		busy += queue->items[i].busy;
	return busy;
}

void ctm_queue_done(struct ctm_queue *queue)
{
	free(queue->items);
	queue->items = NULL;
	queue->n = queue->cap = 0;
}
