/* SPDX-License-Identifier: MIT */
/*
 * queue.h - what a deliverer has to do, and when: the store's list of work, in memory
 *
 * Filled from the store when somebody else has changed it; the deliverer's own changes are made
 * here as well, so that ten thousand waiting messages are not read again after each answer, nor
 * gone through where none of them has room.
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
	bool gone;       /* of no account any more: ctm_queue_drop() */
	bool under_way;  /* an attempt to send was begun by somebody, outcome unknown */
	const struct ctm_endpoint *endpoint; /* to send to; NULL where none is configured */
	unsigned kind;                       /* of its work and endpoint: see below */
};

/* Work and endpoint: what has room as a whole, or has not. CTM_QUEUE_KINDS is that of the rest. */
#define CTM_QUEUE_KINDS 31u
struct ctm_queue_kind {
	enum ctm_work work;
	const struct ctm_endpoint *endpoint;
};

struct ctm_queue {
	struct ctm_queue_item *items;
	size_t n; /* with those that are gone: */
	size_t n_gone;
	size_t cap;
	uint32_t *places; /* of items by what they are, a hash table; NULL: there is none */
	size_t n_places;
	struct ctm_queue_kind kinds[CTM_QUEUE_KINDS];
	uint32_t kinds_seen; /* bits; the highest: of others than these */
	uint64_t version;    /* of the store that it shows */
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

/* It is done. It keeps its place, and its address, until the next ctm_queue_compact(). */
void ctm_queue_drop(struct ctm_queue *queue, struct ctm_queue_item *item);

/* Takes off what is gone, where that is half of all. No item's address is good any more. */
void ctm_queue_compact(struct ctm_queue *queue);

/* Drops the item, if there is one, and compacts. */
void ctm_queue_remove(struct ctm_queue *queue, enum ctm_work work, uint32_t job);

/* Whether an item could be started now. */
enum ctm_queue_room {
	CTM_QUEUE_ROOM,
	CTM_QUEUE_NOT_IT, /* but perhaps another one of its work and endpoint, */
	CTM_QUEUE_FULL,   /* or none of these */
};
typedef enum ctm_queue_room ctm_queue_filter(const struct ctm_queue_item *item, void *context);

/*
 * A walk along the queue. It begins with queue, due_ms, room and context set and the rest 0; due_ms
 * may change on the way.
 */
struct ctm_queue_walk {
	struct ctm_queue *queue;
	uint64_t due_ms; /* what is due later is passed over */
	ctm_queue_filter *room;
	void *context;
	size_t at;
	uint32_t full; /* kinds that are known to have no room */
};

/* The next one in order that is neither busy nor gone, is due, and has room; or NULL. */
struct ctm_queue_item *ctm_queue_walk(struct ctm_queue_walk *walk);

/*
 * When the first item is due that is not busy and has room, by ctm_clock_boot_ms(), or a time that
 * has passed, if any is due; UINT64_MAX: none. What has no room now is started when something ends.
 */
uint64_t ctm_queue_next(struct ctm_queue *queue, ctm_queue_filter *room, void *context);

/* How many are busy. */
size_t ctm_queue_busy(const struct ctm_queue *queue);

void ctm_queue_done(struct ctm_queue *queue);

#endif
