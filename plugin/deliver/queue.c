/* SPDX-License-Identifier: MIT */
#include "queue.h"

#include <errno.h>
#include <stdlib.h>

#include "hresult.h"
#include "numbers.h"

struct loading {
	struct ctm_queue *queue;
	struct ctm_queue before; /* the items there were */
	struct ctm_stamp now;
	uint64_t now_ms;
};

int ctm_queue_make_room(struct ctm_queue *queue)
{
	const size_t cap = queue->cap ? queue->cap * 2 : 16;
	struct ctm_queue_item *items;

	if (queue->n < queue->cap)
		return 0;
	items = reallocarray(queue->items, cap, sizeof *items);
	if (!items)
		return -ENOMEM;
	queue->items = items;
	queue->cap = cap;
	return 0;
}

/* Of the kinds that were seen, or another one. */
static unsigned kind_of(struct ctm_queue *queue, const struct ctm_queue_item *item)
{
	unsigned kind = 0;

	while (kind < CTM_QUEUE_KINDS && queue->kinds_seen >> kind & 1 &&
		(queue->kinds[kind].work != item->work ||
			queue->kinds[kind].endpoint != item->endpoint))
		kind++;
	if (kind < CTM_QUEUE_KINDS)
		queue->kinds[kind] = (struct ctm_queue_kind){item->work, item->endpoint};
	queue->kinds_seen |= UINT32_C(1) << kind;
	return kind;
}

static void append(struct ctm_queue *queue, const struct ctm_queue_item *item)
{
	struct ctm_queue_item *last = &queue->items[queue->n++];

	*last = *item;
	last->kind = kind_of(queue, item);
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

/* A look that was short of something, and not one that was made since. */
static bool was_short(const struct loading *l, const struct ctm_job *job)
{
	const struct ctm_stamp *from = &job->look_from;

	return l->queue->short_before_ms && job->cause == CTM_E_OUTOFMEMORY &&
	       (from->boot != l->now.boot || from->boot_ms < l->queue->short_before_ms);
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
		item.due_ms += was_short(l, &job) ? 0 : ctm_job_look_due_ms(&job, &l->now);
	else
		r = describe_message(txn, l, &item);
	if (item.under_way && !item.busy && l->queue->orphans_are_due)
		item.due_ms = l->now_ms;
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = ctm_queue_make_room(l->queue);
	if (r == 0)
		append(l->queue, &item);
	return r;
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

static size_t hash(enum ctm_work work, uint32_t job)
{
	return job * 2654435761u + (uint32_t)work * 40503u;
}

static void note_place(struct ctm_queue *queue, size_t i)
{
	size_t at = hash(queue->items[i].work, queue->items[i].job);

	while (queue->places[at % queue->n_places] != UINT32_MAX)
		at++;
	queue->places[at % queue->n_places] = (uint32_t)i;
}

/* Without memory for it things are found all the same, one after the other. */
static void note_places(struct ctm_queue *queue)
{
	size_t size = 64;

	while (size < 2 * queue->n)
		size *= 2;
	if (size != queue->n_places) {
		free(queue->places);
		queue->places = malloc(size * sizeof *queue->places);
		queue->n_places = queue->places ? size : 0;
	}
	for (size_t i = 0; i < queue->n_places; i++)
		queue->places[i] = UINT32_MAX;
	for (size_t i = 0; queue->places && i < queue->n; i++)
		note_place(queue, i);
}

static void take_off_gone(struct ctm_queue *queue)
{
	size_t n = 0;

	for (size_t i = 0; i < queue->n; i++)
		if (!queue->items[i].gone)
			queue->items[n++] = queue->items[i];
	queue->n = n;
	queue->n_gone = 0;
}

int ctm_queue_load(struct ctm_txn *txn, struct ctm_queue *queue)
{
	struct loading l = {
		.queue = queue,
		.now = ctm_clock_now(),
		.now_ms = ctm_clock_boot_ms(),
	};
	int r;

	/* Or what comes anew would be as busy as that was. */
	take_off_gone(queue);
	l.before = *queue;
	sort(&l.before, compare_identity);
	*queue = (struct ctm_queue){
		.config = l.before.config,
		.orphans_are_due = l.before.orphans_are_due,
		.short_before_ms = l.before.short_before_ms,
	};
	r = ctm_store_work_each(txn, load_item, &l);
	if (r < 0) {
		ctm_queue_done(queue);
		*queue = l.before;
		sort(queue, compare_urgency);
		note_places(queue);
		return r;
	}
	ctm_queue_done(&l.before);
	sort(queue, compare_urgency);
	note_places(queue);
	return 0;
}

void ctm_queue_add(struct ctm_queue *queue, const struct ctm_queue_item *item)
{
	append(queue, item);
	if (queue->places && queue->n_places >= 2 * queue->n)
		note_place(queue, queue->n - 1);
	else
		note_places(queue);
}

static bool is(const struct ctm_queue_item *item, enum ctm_work work, uint32_t job)
{
	return item->work == work && item->job == job && !item->gone;
}

struct ctm_queue_item *ctm_queue_find(struct ctm_queue *queue, enum ctm_work work, uint32_t job)
{
	if (queue->places) {
		for (size_t at = hash(work, job);; at++) {
			const uint32_t place = queue->places[at % queue->n_places];

			if (place == UINT32_MAX)
				return NULL;
			if (is(&queue->items[place], work, job))
				return &queue->items[place];
		}
	}
	for (size_t i = 0; i < queue->n; i++)
		if (is(&queue->items[i], work, job))
			return &queue->items[i];
	return NULL;
}

void ctm_queue_drop(struct ctm_queue *queue, struct ctm_queue_item *item)
{
	queue->n_gone += !item->gone;
	item->gone = true;
	item->busy = false;
}

/* Half, so that all that is ever taken off is moved but a few times. */
void ctm_queue_compact(struct ctm_queue *queue)
{
	if (!queue->n_gone || queue->n_gone < queue->n / 2)
		return;
	take_off_gone(queue);
	note_places(queue);
}

void ctm_queue_remove(struct ctm_queue *queue, enum ctm_work work, uint32_t job)
{
	struct ctm_queue_item *item = ctm_queue_find(queue, work, job);

	if (!item)
		return;
	ctm_queue_drop(queue, item);
	ctm_queue_compact(queue);
}

static bool has_room(struct ctm_queue_walk *walk, const struct ctm_queue_item *item)
{
	enum ctm_queue_room room;

	if (walk->full & UINT32_C(1) << item->kind)
		return false;
	room = walk->room(item, walk->context);
	if (room == CTM_QUEUE_FULL && item->kind < CTM_QUEUE_KINDS)
		walk->full |= UINT32_C(1) << item->kind;
	return room == CTM_QUEUE_ROOM;
}

struct ctm_queue_item *ctm_queue_walk(struct ctm_queue_walk *walk)
{
	while (walk->at < walk->queue->n && walk->full != walk->queue->kinds_seen) {
		struct ctm_queue_item *item = &walk->queue->items[walk->at++];

		if (!item->busy && !item->gone && item->due_ms <= walk->due_ms &&
			has_room(walk, item))
			return item;
	}
	return NULL;
}

uint64_t ctm_queue_next(struct ctm_queue *queue, ctm_queue_filter *room, void *context)
{
	const uint64_t now_ms = ctm_clock_boot_ms();
	struct ctm_queue_walk walk = {
		.queue = queue,
		.due_ms = UINT64_MAX - 1,
		.room = room,
		.context = context,
	};
	const struct ctm_queue_item *item;
	uint64_t next = UINT64_MAX;

	while (next > now_ms && (item = ctm_queue_walk(&walk))) {
		next = item->due_ms;
		walk.due_ms = next ? next - 1 : 0;
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
	free(queue->places);
	queue->items = NULL;
	queue->places = NULL;
	queue->n = queue->n_gone = queue->cap = queue->n_places = 0;
}
