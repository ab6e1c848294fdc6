/* SPDX-License-Identifier: MIT */
/*
 * queue.h - what a deliverer has to do, and when: the store's list of work, in memory
 *
 * Filled from the store when somebody else has changed it; the deliverer's own changes are made
 * here as well, so that ten thousand waiting messages are not read again after each answer.
 */
#ifndef CTM_QUEUE_H
#define CTM_QUEUE_H

#include "config.h"
#include "store.h"

struct ctm_queue_item {
	enum ctm_work work;
	uint32_t job;
	enum ctm_priority priority;
	uint64_t due_ms; /* by ctm_clock_boot_ms() */
	bool busy;       /* being verified or sent now, by us */
	bool gone;       /* ctm_queue_compact() takes it off */
	bool under_way;  /* an attempt to send was begun by somebody, outcome unknown */
	const struct ctm_endpoint *endpoint; /* to send to; NULL where none is configured */
};

struct ctm_queue {
	struct ctm_queue_item *items;
	size_t n;
	size_t cap;
	uint32_t *places; /* of items by what they are, a hash table; NULL: there is none */
	size_t n_places;
	uint64_t version; /* of the store that it shows */
	const struct ctm_config *config;
	/*
	 * Attempts that a deliverer began and did not live to finish are due now, not at their next
	 * step. Only for whoever holds deliver.lock: nobody else is at work then.
	 */
	bool orphans_are_due;
	/*
	 * By ctm_clock_boot_ms(): looks that were short of memory or descriptors before then are
	 * due now, not at their next step. 0: they are not.
	 */
	uint64_t short_before_ms;
};

/*
 * Reads the store's list in the caller's transaction. Items that are busy stay busy. Sorted:
 * progress last, FOREGROUND first, then by due time. 0 or negative errno.
 */
int ctm_queue_load(struct ctm_txn *txn, struct ctm_queue *queue);

/* The item, or NULL. */
struct ctm_queue_item *ctm_queue_find(struct ctm_queue *queue, enum ctm_work work, uint32_t job);

/* Room for one more item. 0 or -ENOMEM. Then that can be added; it has no place in the order. */
int ctm_queue_make_room(struct ctm_queue *queue);
void ctm_queue_add(struct ctm_queue *queue, const struct ctm_queue_item *item);

void ctm_queue_remove(struct ctm_queue *queue, enum ctm_work work, uint32_t job);

/* Takes off all that are gone. No item's address is good any more. */
void ctm_queue_compact(struct ctm_queue *queue);

/*
 * When the first item is due that is not busy and that can_start() says could be started, by
 * ctm_clock_boot_ms(); UINT64_MAX: none. What has no room now is started when something ends.
 */
typedef bool ctm_queue_filter(const struct ctm_queue_item *item, void *context);
uint64_t ctm_queue_next(const struct ctm_queue *queue, ctm_queue_filter *can_start, void *context);

/* How many are busy. */
size_t ctm_queue_busy(const struct ctm_queue *queue);

void ctm_queue_done(struct ctm_queue *queue);

#endif
