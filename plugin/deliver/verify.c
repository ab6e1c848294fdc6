/* SPDX-License-Identifier: MIT */
#include "verify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "drain.h"
#include "files.h"
#include "hresult.h"
#include "log.h"
#include "look.h"
#include "thread.h"
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
#define SLOTS 128

struct slot {
	bool joined;
	bool is_overtaken; /* it is right, and the sidecar is another one than was read */
	bool waits;        /* for that to be read, */
	bool has_waited;   /* which was tried */
	atomic_bool done;
	int event_fd; /* borrowed */
	uint64_t began_ms;
	pthread_t thread;
	struct ctm_look_request request;
	struct ctm_look_result result;
};

struct ctm_verifier {
	struct ctm_state *state;
	struct ctm_queue *queue;
	int event_fd;
	atomic_bool stop;
	int short_of;       /* negative errno, of the look at... */
	uint32_t short_job; /* ...this job, which was not made again since; 0: none was short */
	bool wants_scan;    /* the sidecar of a job that would succeed has changed */
	struct slot *slots[SLOTS]; /* NULL: not used */
};

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

/* Whose look has ended, or was never begun. */
static void clear(struct slot **slot)
{
	ctm_look_request_done(&(*slot)->request);
	ctm_look_result_done(&(*slot)->result);
	free(*slot);
	*slot = NULL;
}

bool ctm_verifier_wants_scan(const struct ctm_verifier *v)
{
	return v->wants_scan;
}

void ctm_verifier_note_scan(struct ctm_verifier *v)
{
	for (size_t i = 0; v->wants_scan && i < SLOTS; i++)
		if (v->slots[i])
			v->slots[i]->has_waited |= v->slots[i]->waits;
	v->wants_scan = false;
}

/*
 * Whether the job's sidecar is to be read before its success is said: once, whatever becomes of
 * that, for what was found takes as long to be found again. A list that is another one by then
 * makes the look stale.
 */
static bool is_to_wait_for_scan(struct ctm_verifier *v, struct slot *slot)
{
	if (slot->has_waited || !slot->is_overtaken)
		return false;
	slot->waits = true;
	v->wants_scan = true;
	/* The slot is done already, and wakes nobody again. */
	v->state->work = true;
	return true;
}

static bool join_by(struct slot *slot, uint64_t until_ms)
{
	if (!slot->joined)
		slot->joined = ctm_thread_join_by(slot->thread, until_ms);
	return slot->joined;
}

/* Whether all have ended. One that has had its time to end is not waited for again. */
static bool end_looks(struct ctm_verifier *v)
{
	const uint64_t patience_ms = atomic_exchange(&v->stop, true) ? 0 : CTM_THREAD_STOP_MS;
	const uint64_t until_ms = ctm_clock_boot_ms() + patience_ms;
	bool all = true;

	for (size_t i = 0; i < SLOTS; i++)
		if (v->slots[i] && !join_by(v->slots[i], until_ms))
			all = false;
	return all;
}

void ctm_verifier_free(struct ctm_verifier *v)
{
	bool all;

	if (!v)
		return;
	all = end_looks(v);
	for (size_t i = 0; i < SLOTS; i++)
		if (v->slots[i] && v->slots[i]->joined)
			clear(&v->slots[i]);
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
	struct slot *slot = context;
	const uint64_t one = 1;

	ctm_look(&slot->request, &slot->result);
	slot->is_overtaken = slot->result.answer == CTM_LOOK_RIGHT &&
			     ctm_verify_sidecar_has_changed(&slot->request);
	atomic_store(&slot->done, true);
	if (write(slot->event_fd, &one, sizeof one) < 0)
		return NULL; /* the counter is full: it is readable anyway */
	return NULL;
}

static void log_look(const struct slot *slot)
{
	const struct ctm_look_result *result = &slot->result;
	const struct ctm_log_subject subject = {
		.job = slot->request.id, .hresult = result->hresult};

	if (result->answer == CTM_LOOK_RIGHT)
		ctm_log(CTM_LOG_INFO, &subject,
			"all %" PRIu32 " files are there and on stable storage, %" PRIu64
			" bytes: job has succeeded",
			result->totals.files, result->totals.bytes);
	else
		ctm_log(CTM_LOG_WARNING, &subject, "%s: %s",
			result->answer == CTM_LOOK_WRONG ? "not complete after all"
							 : "cannot tell yet whether it is complete",
			result->text);
}

/* What was found is stored; what comes next for the job stands there. */
static void pass(struct ctm_verifier *v, struct slot **at, bool stale)
{
	const struct slot *slot = *at;

	if (!stale || ctm_look_has_fault(&slot->result))
		log_look(slot);
	if (slot->result.error || v->short_job == slot->request.job) {
		v->short_of = slot->result.error;
		v->short_job = slot->request.job;
	}
	v->queue->version = 0;
	clear(at);
}

/* A list of files that is too large for memory is a look that can't tell. */
static int store_short(struct ctm_verifier *v, struct slot **at, struct ctm_error *e)
{
	struct slot *slot = *at;
	const uint32_t job = slot->request.job;
	bool stale = false;
	int r;

	slot->result = (struct ctm_look_result){
		.answer = CTM_LOOK_CANNOT_TELL,
		.error = -ENOMEM,
		.hresult = CTM_E_OUTOFMEMORY,
		.text = "no memory for the list of its files",
	};
	r = ctm_verify_store(v->state, &slot->request, &slot->result, NULL, &stale, e);
	if (r < 0) {
		clear(at);
		return r;
	}
	pass(v, at, stale);
	ctm_queue_remove(v->queue, CTM_WORK_VERIFY, job);
	/* It can have been the end of the job, whose message is in no list yet. */
	v->state->work = true;
	return 0;
}

static int start_look(struct ctm_verifier *v, struct slot *slot, struct ctm_error *e)
{
	int r;

	slot->event_fd = v->event_fd;
	slot->request.stop = &v->stop;
	slot->began_ms = ctm_clock_boot_ms();
	r = ctm_thread_start(&slot->thread, look, slot);
	return r < 0 ? ctm_error_set(e, r, "cannot start a thread: %s", strerror(-r)) : 0;
}

/* In a slot that is not used; it is so still where nothing was started. */
static int start_in(
	struct ctm_verifier *v, struct slot **at, struct ctm_queue_item *item, struct ctm_error *e)
{
	int r;

	*at = calloc(1, sizeof **at);
	if (!*at)
		return ctm_error_set(e, -ENOMEM, "no memory to look at a job's files");
	r = ctm_verify_load(v->state, item->job, &(*at)->request, e);
	if (r > 0)
		return store_short(v, at, e);
	if (r == 0)
		r = start_look(v, *at, e);
	if (r < 0)
		clear(at);
	else
		item->busy = true;
	return r;
}

/* When the look's turn is over. */
static uint64_t turn_ends_ms(const struct slot *slot)
{
	return slot->began_ms + TURN_MS;
}

static uint64_t hung_from_ms(const struct slot *slot)
{
	return slot->began_ms + HUNG_MS;
}

bool ctm_verifier_has_room(const struct ctm_verifier *v)
{
	const uint64_t now_ms = ctm_clock_boot_ms();
	size_t used = 0;
	size_t beside = 0;
	size_t turns = 0;

	for (size_t i = 0; i < SLOTS; i++) {
		const struct slot *slot = v->slots[i];

		used += slot != NULL;
		beside += slot && hung_from_ms(slot) > now_ms;
		turns += slot && turn_ends_ms(slot) > now_ms;
	}
	return turns < TURNS && beside < BESIDE && used < SLOTS;
}

uint64_t ctm_verifier_room_ms(const struct ctm_verifier *v)
{
	const uint64_t now_ms = ctm_clock_boot_ms();
	uint64_t next_ms = UINT64_MAX;

	for (size_t i = 0; i < SLOTS; i++) {
		const struct slot *slot = v->slots[i];
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

		if (item->work == CTM_WORK_VERIFY && !item->busy && item->due_ms <= now_ms)
			return item;
	}
	return NULL;
}

int ctm_verifier_start(struct ctm_verifier *v, struct ctm_error *e)
{
	for (size_t i = 0; i < SLOTS && ctm_verifier_has_room(v); i++) {
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

static int collect_one(
	struct ctm_verifier *v, struct slot **at, struct ctm_sender *sender, struct ctm_error *e)
{
	struct slot *slot = *at;
	const bool say = sender && slot->result.answer == CTM_LOOK_RIGHT &&
			 ctm_sender_has_turn(sender, slot->request.job);
	struct ctm_send_attempt attempt = {.job = slot->request.job, .work = CTM_WORK_SEND};
	struct ctm_queue_item *item;
	bool stale = false;
	int r;

	if (is_to_wait_for_scan(v, slot))
		return 0;
	r = ctm_verify_store(
		v->state, &slot->request, &slot->result, say ? &attempt : NULL, &stale, e);
	if (r < 0)
		return r;
	if (!slot->joined)
		pthread_join(slot->thread, NULL);
	slot->joined = true;
	item = ctm_queue_find(v->queue, CTM_WORK_VERIFY, slot->request.job);
	if (item)
		item->busy = false;
	pass(v, at, stale);
	if (attempt.begun)
		ctm_sender_take(sender, &attempt);
	ctm_send_attempt_done(&attempt);
	return 0;
}

int ctm_verifier_collect(struct ctm_verifier *v, struct ctm_sender *sender, struct ctm_error *e)
{
	uint64_t count;
	int r = 0;

	if (read(v->event_fd, &count, sizeof count) < 0 && errno != EAGAIN && errno != EINTR)
		return ctm_error_set(e, -errno, "cannot read an eventfd: %s", strerror(errno));
	for (size_t i = 0; r == 0 && i < SLOTS; i++)
		if (v->slots[i] && atomic_load(&v->slots[i]->done))
			r = collect_one(v, &v->slots[i], sender, e);
	return r;
}

/* What the disk said of one look must not be lost; what the look could not tell can be. */
static bool is_to_be_kept(const struct slot *slot, bool faults)
{
	return slot && slot->joined &&
	       (faults ? ctm_look_has_fault(&slot->result)
		       : slot->result.answer != CTM_LOOK_CANNOT_TELL);
}

static int keep(struct ctm_verifier *v, bool faults)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < SLOTS; i++)
		if (is_to_be_kept(v->slots[i], faults))
			r = collect_one(v, &v->slots[i], NULL, NULL);
	return r;
}

void ctm_verifier_end(struct ctm_verifier *v)
{
	const uint64_t until_ms = ctm_clock_boot_ms() + CTM_VERIFIER_END_MS;
	int r;

	(void)end_looks(v);
	for (;;) {
		r = keep(v, true);
		if (r == 0 || ctm_clock_boot_ms() >= until_ms)
			break;
		nanosleep(&(struct timespec){.tv_sec = 1}, NULL);
	}
	if (r == 0)
		(void)keep(v, false);
	else
		ctm_log(CTM_LOG_ERROR, NULL, "cannot store what could not be written to disk: %s",
			strerror(-r));
}
