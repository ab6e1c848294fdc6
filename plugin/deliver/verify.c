/* SPDX-License-Identifier: MIT */
#include "verify.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "files.h"
#include "look.h"
#include "thread.h"
#include "verify_internal.h"
#include "verify_sidecar.h"
#include "verify_store.h"

/*
 * Two looks at a time, so that disks are not made to seek. One that takes long, because a file is
 * as large as somebody wanted it to be, keeps its thread but gives its turn to the next: it must
 * not hold up other jobs for the hours that its hash may take.
 */
#define TURNS 2u
#define TURN_MS 10000u
#define BESIDE 16u

/*
 * A look that hangs on a dead disk may do so for ever. One that has taken so long is counted no
 * more, or sixteen of them would end all looking; but there are no more threads than slots.
 */
#define HUNG_MS 300000u

int ctm_verifier_new(
	struct ctm_state *state, struct ctm_queue *queue, struct ctm_verifier **ret_verifier)
{
	struct ctm_verifier *v = calloc(1, sizeof *v);

	if (!v)
		return -ENOMEM;
	v->state = state;
	v->queue = queue;
	atomic_init(&v->stop, false);
	v->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (v->event_fd < 0) {
		const int r = -errno;

		free(v);
		return r;
	}
	*ret_verifier = v;
	return 0;
}

int ctm_verifier_short_of(const struct ctm_verifier *v)
{
	return v->short_of;
}

void ctm_verifier_clear(struct ctm_verify_slot **slot)
{
	ctm_look_request_done(&(*slot)->request);
	ctm_look_result_done(&(*slot)->result);
	free(*slot);
	*slot = NULL;
}

static bool join_by(struct ctm_verify_slot *slot, uint64_t until_ms)
{
	if (!slot->joined)
		slot->joined = ctm_thread_join_by(slot->thread, until_ms);
	return slot->joined;
}

bool ctm_verifier_end_looks(struct ctm_verifier *v)
{
	const uint64_t patience_ms = atomic_exchange(&v->stop, true) ? 0 : CTM_THREAD_STOP_MS;
	const uint64_t until_ms = ctm_clock_boot_ms() + patience_ms;
	bool all = true;

	for (size_t i = 0; i < CTM_VERIFY_SLOTS; i++)
		if (v->slots[i] && !join_by(v->slots[i], until_ms))
			all = false;
	return all;
}

void ctm_verifier_free(struct ctm_verifier *v)
{
	bool all;

	if (!v)
		return;
	all = ctm_verifier_end_looks(v);
	for (size_t i = 0; i < CTM_VERIFY_SLOTS; i++)
		if (v->slots[i] && v->slots[i]->joined)
			ctm_verifier_clear(&v->slots[i]);
	if (!all)
		return;
	ctm_close_fd(&v->event_fd);
	free(v);
}

int ctm_verifier_fd(const struct ctm_verifier *v)
{
	return v->event_fd;
}

static void *look(void *context)
{
	struct ctm_verify_slot *slot = context;
	const uint64_t one = 1;

	ctm_look(&slot->request, &slot->result);
	slot->is_overtaken = slot->result.answer == CTM_LOOK_RIGHT &&
			     ctm_verify_sidecar_has_changed(&slot->request);
	atomic_store(&slot->done, true);
	if (write(slot->event_fd, &one, sizeof one) < 0)
		return NULL; /* the counter is full: it is readable anyway */
	return NULL;
}

static int start_look(struct ctm_verifier *v, struct ctm_verify_slot *slot, struct ctm_error *e)
{
	int r;

	slot->event_fd = v->event_fd;
	slot->request.stop = &v->stop;
	slot->began_ms = ctm_clock_boot_ms();
	r = ctm_thread_start(&slot->thread, look, slot);
	return r < 0 ? ctm_error_set(e, r, "cannot start a thread: %s", strerror(-r)) : 0;
}

/* In a slot that is not used; it is so still where nothing was started. */
static int start_in(struct ctm_verifier *v, struct ctm_verify_slot **at,
	struct ctm_queue_item *item, struct ctm_error *e)
{
	int r;

	*at = calloc(1, sizeof **at);
	if (!*at)
		return ctm_error_set(e, -ENOMEM, "no memory to look at a job's files");
	r = ctm_verify_load(v->state, item->job, &(*at)->request, e);
	if (r > 0)
		return ctm_verifier_store_short(v, at, e);
	if (r == 0)
		r = start_look(v, *at, e);
	if (r < 0)
		ctm_verifier_clear(at);
	else
		item->busy = true;
	return r;
}

/* When the look's turn is over. */
static uint64_t turn_ends_ms(const struct ctm_verify_slot *slot)
{
	return slot->began_ms + TURN_MS;
}

static uint64_t hung_from_ms(const struct ctm_verify_slot *slot)
{
	return slot->began_ms + HUNG_MS;
}

bool ctm_verifier_has_room(const struct ctm_verifier *v)
{
	const uint64_t now_ms = ctm_clock_boot_ms();
	size_t used = 0;
	size_t beside = 0;
	size_t turns = 0;

	for (size_t i = 0; i < CTM_VERIFY_SLOTS; i++) {
		const struct ctm_verify_slot *slot = v->slots[i];

		used += slot != NULL;
		beside += slot && hung_from_ms(slot) > now_ms;
		turns += slot && turn_ends_ms(slot) > now_ms;
	}
	return turns < TURNS && beside < BESIDE && used < CTM_VERIFY_SLOTS;
}

uint64_t ctm_verifier_room_ms(const struct ctm_verifier *v)
{
	const uint64_t now_ms = ctm_clock_boot_ms();
	uint64_t next_ms = UINT64_MAX;

	for (size_t i = 0; i < CTM_VERIFY_SLOTS; i++) {
		const struct ctm_verify_slot *slot = v->slots[i];
		uint64_t ends_ms;

		if (!slot)
			continue;
		ends_ms = turn_ends_ms(slot) > now_ms ? turn_ends_ms(slot) : hung_from_ms(slot);
		if (ends_ms > now_ms && ends_ms < next_ms)
			next_ms = ends_ms;
	}
	return next_ms;
}

/* The most urgent look that is due. */
static struct ctm_queue_item *next_item(struct ctm_queue *queue, uint64_t now_ms)
{
	for (size_t i = 0; i < queue->n; i++) {
		struct ctm_queue_item *item = &queue->items[i];

		if (item->work == CTM_WORK_VERIFY && !item->busy && !item->gone &&
			item->due_ms <= now_ms)
			return item;
	}
	return NULL;
}

int ctm_verifier_start(struct ctm_verifier *v, struct ctm_error *e)
{
	for (size_t i = 0; i < CTM_VERIFY_SLOTS && ctm_verifier_has_room(v); i++) {
		struct ctm_queue_item *item;
		uint32_t job;
		int r;

		if (v->slots[i])
			continue;
		item = next_item(v->queue, ctm_clock_boot_ms());
		if (!item)
			return 0;
		job = item->job;
		r = start_in(v, &v->slots[i], item, e);
		/* It is no longer to be verified: the list is read again in a moment. */
		if (r == -ESTALE)
			ctm_queue_remove(v->queue, CTM_WORK_VERIFY, job);
		else if (r < 0)
			return r;
	}
	return 0;
}
