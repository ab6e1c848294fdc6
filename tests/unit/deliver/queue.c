/* SPDX-License-Identifier: MIT */
#include "queue.h"

#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include "sides.h"
#include "world.h"

TestSuite(queue, .init = world_init, .fini = world_done);

static struct ctm_queue queue;

static int load_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	(void)context;
	(void)e;
	return ctm_queue_load(txn, &queue);
}

static void load(void)
{
	queue.config = world.config;
	world_update(load_body, NULL);
}

struct sending {
	unsigned id;
	const char *endpoint;
	enum ctm_priority priority;
	uint64_t delay_ms;
	bool under_way;
	uint32_t job;
};

/* A job with a message that is due so much later. */
static int send_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct sending *s = context;
	struct ctm_message message;
	struct ctm_job job;
	int r;

	(void)e;
	cr_assert_eq(ctm_store_job_get(txn, s->job, &job), 0);
	job.priority = s->priority;
	cr_assert_eq(ctm_store_job_put(txn, &job), 0);
	cr_assert_eq(ctm_store_message_get(txn, s->job, &message), 0);
	message.delay_ms = s->delay_ms;
	message.under_way = s->under_way;
	r = ctm_store_message_put(txn, &message);
	ctm_message_done(&message);
	return r;
}

static uint32_t send(struct sending s)
{
	s.job = sides_succeeded(s.id, s.endpoint);
	world_update(send_body, &s);
	return s.job;
}

static enum ctm_queue_room can_start(const struct ctm_queue_item *item, void *context)
{
	(void)item;
	(void)context;
	return CTM_QUEUE_ROOM;
}

Test(queue, empty)
{
	load();
	cr_expect_eq(queue.n, 0);
	cr_expect_eq(ctm_queue_next(&queue, can_start, NULL), UINT64_MAX);
	cr_expect_eq(ctm_queue_busy(&queue), 0);
	cr_expect_null(ctm_queue_find(&queue, CTM_WORK_SEND, 1));
	ctm_queue_remove(&queue, CTM_WORK_SEND, 1);
	ctm_queue_done(&queue);
}

/* FOREGROUND first, then what is due sooner. */
Test(queue, order)
{
	uint32_t low = send((struct sending){1, "ctm", CTM_PRIORITY_LOW, 0, false, 0});
	uint32_t later = send((struct sending){2, "ctm", CTM_PRIORITY_NORMAL, 60000, false, 0});
	uint32_t first = send((struct sending){3, "ctm", CTM_PRIORITY_FOREGROUND, 90000, false, 0});
	uint32_t now = send((struct sending){4, "ctm", CTM_PRIORITY_NORMAL, 0, false, 0});
	const uint64_t now_ms = ctm_clock_boot_ms();

	load();
	cr_assert_eq(queue.n, 4);
	cr_expect_eq(queue.items[0].job, first);
	cr_expect_eq(queue.items[1].job, now);
	cr_expect_eq(queue.items[2].job, later);
	cr_expect_eq(queue.items[3].job, low);
	cr_expect(queue.items[2].due_ms > now_ms + 50000 && queue.items[2].due_ms < now_ms + 65000);
	cr_expect_leq(ctm_queue_next(&queue, can_start, NULL), ctm_clock_boot_ms());
	ctm_queue_done(&queue);
}

Test(queue, endpoints)
{
	uint32_t known = send((struct sending){1, "ctm", CTM_PRIORITY_NORMAL, 0, false, 0});
	uint32_t unknown = send((struct sending){2, "none", CTM_PRIORITY_NORMAL, 0, false, 0});
	uint32_t url =
		send((struct sending){3, "http://127.0.0.1:9/x", CTM_PRIORITY_NORMAL, 0, false, 0});

	load();
	cr_expect_eq(ctm_queue_find(&queue, CTM_WORK_SEND, known)->endpoint,
		&world.config->endpoints[0]);
	cr_expect_null(ctm_queue_find(&queue, CTM_WORK_SEND, unknown)->endpoint);
	cr_expect_eq(
		ctm_queue_find(&queue, CTM_WORK_SEND, url)->endpoint, &world.config->endpoints[0]);
	ctm_queue_done(&queue);
}

Test(queue, verify)
{
	uint32_t job = world_add_counted(1, CTM_KIND_SINGLE, "", 0);

	world_fold_one(CTM_EVENT_COMPLETE, 1, 1, "a");
	load();
	cr_assert_eq(queue.n, 1);
	cr_expect_eq(queue.items[0].work, CTM_WORK_VERIFY);
	cr_expect_eq(queue.items[0].job, job);
	cr_expect_leq(queue.items[0].due_ms, ctm_clock_boot_ms());
	ctm_queue_done(&queue);
}

/* A job's progress and its final word are two things to do. */
Test(queue, progress)
{
	static const struct world_file one = {"a", 5, 0};
	uint32_t job = world_add_listed(1, &one, 1);

	sides_tell_progress(job, 3);
	load();
	cr_assert_eq(queue.n, 1);
	cr_expect_eq(queue.items[0].work, CTM_WORK_PROGRESS);
	cr_expect_eq(queue.items[0].endpoint, &world.config->endpoints[0]);
	cr_expect_leq(queue.items[0].due_ms, ctm_clock_boot_ms());
	queue.items[0].busy = true;
	sides_end(job);
	load();
	cr_assert_eq(queue.n, 1, "what has no record any more is no work");
	cr_expect_eq(queue.items[0].work, CTM_WORK_SEND);
	cr_expect_not(queue.items[0].busy);
	ctm_queue_done(&queue);
}

/* What goes lost is a step of a bar; it never holds up a final word. */
Test(queue, progress_last)
{
	static const struct world_file one = {"a", 5, 0};
	uint32_t open = world_add_listed(1, &one, 1);
	struct ctm_job urgent = world_job(open);
	uint32_t later;
	uint32_t low;

	urgent.priority = CTM_PRIORITY_FOREGROUND;
	sides_put_job(&urgent);
	sides_tell_progress(open, 3);
	later = send((struct sending){2, "ctm", CTM_PRIORITY_LOW, 60000, false, 0});
	low = send((struct sending){3, "ctm", CTM_PRIORITY_LOW, 0, false, 0});
	load();
	cr_assert_eq(queue.n, 3);
	cr_expect_eq(queue.items[0].job, low);
	cr_expect_eq(queue.items[1].job, later);
	cr_expect_eq(queue.items[2].job, open);
	cr_expect_eq(queue.items[2].work, CTM_WORK_PROGRESS);
	ctm_queue_done(&queue);
}

/* What is being done stays busy, though the list is read again. */
Test(queue, busy)
{
	uint32_t first = send((struct sending){1, "ctm", CTM_PRIORITY_NORMAL, 0, false, 0});
	uint32_t second = send((struct sending){2, "ctm", CTM_PRIORITY_NORMAL, 70000, false, 0});

	load();
	ctm_queue_find(&queue, CTM_WORK_SEND, first)->busy = true;
	cr_expect_eq(ctm_queue_busy(&queue), 1);
	cr_expect_gt(ctm_queue_next(&queue, can_start, NULL), ctm_clock_boot_ms() + 60000,
		"busy ones are not waited for");
	send((struct sending){3, "ctm", CTM_PRIORITY_FOREGROUND, 0, false, 0});
	load();
	cr_expect_eq(queue.n, 3);
	cr_expect(ctm_queue_find(&queue, CTM_WORK_SEND, first)->busy);
	cr_expect_not(ctm_queue_find(&queue, CTM_WORK_SEND, second)->busy);
	ctm_queue_remove(&queue, CTM_WORK_SEND, first);
	cr_expect_eq(queue.n - queue.n_gone, 2);
	cr_expect_null(ctm_queue_find(&queue, CTM_WORK_SEND, first));
	cr_expect_not_null(ctm_queue_find(&queue, CTM_WORK_SEND, second));
	cr_expect_eq(ctm_queue_busy(&queue), 0);
	ctm_queue_done(&queue);
}

/* As many as make a table grow: each is found, those that are gone are not. */
Test(queue, many)
{
	enum {
		MESSAGES = 100
	};

	for (unsigned i = 1; i <= MESSAGES; i++)
		send((struct sending){i, "ctm", CTM_PRIORITY_NORMAL, 0, false, 0});
	load();
	for (uint32_t i = 1; i <= MESSAGES; i++) {
		struct ctm_queue_item *item = ctm_queue_find(&queue, CTM_WORK_SEND, i);

		cr_assert_not_null(item);
		cr_expect_eq(item->job, i);
		if (i % 3 == 0)
			ctm_queue_drop(&queue, item);
		cr_expect_eq(!ctm_queue_find(&queue, CTM_WORK_SEND, i), item->gone);
		cr_expect_null(ctm_queue_find(&queue, CTM_WORK_VERIFY, i));
	}
	ctm_queue_compact(&queue);
	cr_expect_eq(queue.n, MESSAGES, "a third is not worth it");
	cr_assert_eq(ctm_queue_make_room(&queue), 0);
	ctm_queue_add(&queue, &(struct ctm_queue_item){.work = CTM_WORK_SEND, .job = 3});
	for (uint32_t i = 1; i <= MESSAGES; i++)
		cr_expect_eq(!ctm_queue_find(&queue, CTM_WORK_SEND, i), i % 3 == 0 && i != 3);
	for (uint32_t i = 1; i <= MESSAGES / 2; i++)
		if (ctm_queue_find(&queue, CTM_WORK_SEND, i))
			ctm_queue_drop(&queue, ctm_queue_find(&queue, CTM_WORK_SEND, i));
	ctm_queue_compact(&queue);
	cr_expect_eq(queue.n, MESSAGES / 2 - (MESSAGES / 3 - MESSAGES / 2 / 3));
	for (uint32_t i = 1; i <= MESSAGES; i++)
		cr_expect_eq(
			!ctm_queue_find(&queue, CTM_WORK_SEND, i), i <= MESSAGES / 2 || i % 3 == 0);
	ctm_queue_done(&queue);
}

/* What was sent and comes anew, before the list was compacted, is not busy as that was. */
Test(queue, dropped_and_back)
{
	uint32_t job = send((struct sending){1, "ctm", CTM_PRIORITY_NORMAL, 0, false, 0});

	for (unsigned i = 2; i <= 9; i++)
		send((struct sending){i, "ctm", CTM_PRIORITY_NORMAL, 0, false, 0});
	load();
	ctm_queue_find(&queue, CTM_WORK_SEND, job)->busy = true;
	ctm_queue_remove(&queue, CTM_WORK_SEND, job);
	cr_expect_eq(queue.n_gone, 1);
	cr_expect_eq(ctm_queue_busy(&queue), 0);
	load();
	cr_expect_eq(queue.n_gone, 0);
	cr_assert_not_null(ctm_queue_find(&queue, CTM_WORK_SEND, job));
	cr_expect_not(ctm_queue_find(&queue, CTM_WORK_SEND, job)->busy);
	ctm_queue_done(&queue);
}

struct asked {
	const struct ctm_endpoint *full; /* whose lane has no room */
	uint32_t not_it;                 /* whose progress is in the air */
	unsigned n;
};

static enum ctm_queue_room ask(const struct ctm_queue_item *item, void *context)
{
	struct asked *asked = context;

	asked->n++;
	if (item->endpoint == asked->full)
		return CTM_QUEUE_FULL;
	return item->job == asked->not_it ? CTM_QUEUE_NOT_IT : CTM_QUEUE_ROOM;
}

/* Where thousands wait for an endpoint that has no room, one of them is asked for, not each. */
Test(queue, full_is_asked_once)
{
	enum {
		MESSAGES = 50
	};
	struct asked asked = {.full = &world.config->endpoints[0]};
	uint32_t first;
	uint32_t second;

	for (unsigned i = 1; i <= MESSAGES; i++)
		send((struct sending){i, "ctm", CTM_PRIORITY_NORMAL, 0, false, 0});
	load();
	cr_expect_eq(ctm_queue_next(&queue, ask, &asked), UINT64_MAX);
	cr_expect_eq(asked.n, 1);
	first = send((struct sending){91, "none", CTM_PRIORITY_NORMAL, 0, false, 0});
	second = send((struct sending){92, "none", CTM_PRIORITY_NORMAL, 70000, false, 0});
	load();
	asked = (struct asked){.full = &world.config->endpoints[0]};
	cr_expect_leq(ctm_queue_next(&queue, ask, &asked), ctm_clock_boot_ms());
	cr_expect_eq(asked.n, 2, "the others have room");
	asked = (struct asked){.full = &world.config->endpoints[0], .not_it = first};
	cr_expect_gt(ctm_queue_next(&queue, ask, &asked), ctm_clock_boot_ms() + 60000);
	cr_expect_eq(asked.n, 3, "and what has none for itself alone hides no other");
	asked.not_it = second;
	ctm_queue_find(&queue, CTM_WORK_SEND, first)->busy = true;
	cr_expect_eq(ctm_queue_next(&queue, ask, &asked), UINT64_MAX);
	ctm_queue_done(&queue);
}

/* In the queue's order, as far as there is room; a lane that is filled on the way is passed over.
 */
Test(queue, walk)
{
	uint32_t low = send((struct sending){1, "ctm", CTM_PRIORITY_LOW, 0, false, 0});
	uint32_t first = send((struct sending){2, "ctm", CTM_PRIORITY_FOREGROUND, 0, false, 0});
	uint32_t other = send((struct sending){3, "none", CTM_PRIORITY_LOW, 0, false, 0});
	struct asked asked = {.not_it = 0, .full = (const struct ctm_endpoint *)&asked};
	struct ctm_queue_walk walk = {.queue = &queue, .room = ask, .context = &asked};

	send((struct sending){4, "ctm", CTM_PRIORITY_NORMAL, 70000, false, 0});
	load();
	walk.due_ms = ctm_clock_boot_ms();
	cr_expect_eq(ctm_queue_walk(&walk)->job, first);
	asked.full = &world.config->endpoints[0];
	cr_expect_eq(ctm_queue_walk(&walk)->job, other);
	cr_expect_null(ctm_queue_walk(&walk));
	cr_expect_not_null(ctm_queue_find(&queue, CTM_WORK_SEND, low));
	ctm_queue_done(&queue);
}

static enum ctm_queue_room can_not_start(const struct ctm_queue_item *item, void *context)
{
	return item->job == *(const uint32_t *)context ? CTM_QUEUE_NOT_IT : CTM_QUEUE_ROOM;
}

Test(queue, next_that_can_start)
{
	uint32_t now = send((struct sending){1, "ctm", CTM_PRIORITY_NORMAL, 0, false, 0});

	send((struct sending){2, "ctm", CTM_PRIORITY_NORMAL, 70000, false, 0});
	load();
	cr_expect_gt(ctm_queue_next(&queue, can_not_start, &now), ctm_clock_boot_ms() + 60000);
	ctm_queue_done(&queue);
}

/* An attempt that a deliverer did not live to finish: due now, but only for whoever is alone. */
Test(queue, orphans)
{
	uint32_t job = send((struct sending){1, "ctm", CTM_PRIORITY_NORMAL, 70000, true, 0});

	load();
	cr_expect(ctm_queue_find(&queue, CTM_WORK_SEND, job)->under_way);
	cr_expect_gt(
		ctm_queue_find(&queue, CTM_WORK_SEND, job)->due_ms, ctm_clock_boot_ms() + 60000);
	queue.orphans_are_due = true;
	load();
	cr_expect_leq(ctm_queue_find(&queue, CTM_WORK_SEND, job)->due_ms, ctm_clock_boot_ms());
	ctm_queue_done(&queue);
}

static int orphan_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	(void)context;
	(void)e;
	return ctm_store_work_add(txn, CTM_WORK_VERIFY, 99);
}

Test(queue, work_without_a_job)
{
	send((struct sending){1, "ctm", CTM_PRIORITY_NORMAL, 0, false, 0});
	world_update(orphan_body, NULL);
	load();
	cr_expect_eq(queue.n, 1, "it holds up no other");
	ctm_queue_done(&queue);
}
