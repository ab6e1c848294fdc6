/* SPDX-License-Identifier: MIT */
/*
 * What looks have found is stored: as soon as they are done, once a sidecar that has changed is
 * read, or before the deliverer goes.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "hresult.h"
#include "log.h"
#include "verify_internal.h"
#include "verify_store.h"

bool ctm_verifier_wants_scan(const struct ctm_verifier *v)
{
	return v->wants_scan;
}

void ctm_verifier_note_scan(struct ctm_verifier *v)
{
	for (size_t i = 0; v->wants_scan && i < CTM_VERIFY_SLOTS; i++)
		if (v->slots[i])
			v->slots[i]->has_waited |= v->slots[i]->waits;
	v->wants_scan = false;
}

/*
 * Whether the job's sidecar is to be read before its success is said: once, whatever becomes of
 * that, for what was found takes as long to be found again. A list that is another one by then
 * makes the look stale.
 */
static bool is_to_wait_for_scan(struct ctm_verifier *v, struct ctm_verify_slot *slot)
{
	if (slot->has_waited || !slot->is_overtaken)
		return false;
	slot->waits = true;
	v->wants_scan = true;
	/* The slot is done already, and wakes nobody again. */
	v->state->work = true;
	return true;
}

static void log_look(const struct ctm_verify_slot *slot)
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
static void pass(struct ctm_verifier *v, struct ctm_verify_slot **at, bool stale)
{
	const struct ctm_verify_slot *slot = *at;

	if (!stale || ctm_look_has_fault(&slot->result))
		log_look(slot);
	if (slot->result.error || v->short_job == slot->request.job) {
		v->short_of = slot->result.error;
		v->short_job = slot->request.job;
	}
	v->queue->version = 0;
	ctm_verifier_clear(at);
}

int ctm_verifier_store_short(
	struct ctm_verifier *v, struct ctm_verify_slot **at, struct ctm_error *e)
{
	struct ctm_verify_slot *slot = *at;
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
		ctm_verifier_clear(at);
		return r;
	}
	pass(v, at, stale);
	ctm_queue_remove(v->queue, CTM_WORK_VERIFY, job);
	/* It can have been the end of the job, whose message is in no list yet. */
	v->state->work = true;
	return 0;
}

static int collect_one(struct ctm_verifier *v, struct ctm_verify_slot **at,
	struct ctm_sender *sender, struct ctm_error *e)
{
	struct ctm_verify_slot *slot = *at;
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
	for (size_t i = 0; r == 0 && i < CTM_VERIFY_SLOTS; i++)
		if (v->slots[i] && atomic_load(&v->slots[i]->done))
			r = collect_one(v, &v->slots[i], sender, e);
	return r;
}

/* What the disk said of one look must not be lost; what the look could not tell can be. */
static bool is_to_be_kept(const struct ctm_verify_slot *slot, bool faults)
{
	return slot && slot->joined &&
	       (faults ? ctm_look_has_fault(&slot->result)
		       : slot->result.answer != CTM_LOOK_CANNOT_TELL);
}

static int keep(struct ctm_verifier *v, bool faults)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < CTM_VERIFY_SLOTS; i++)
		if (is_to_be_kept(v->slots[i], faults))
			r = collect_one(v, &v->slots[i], NULL, NULL);
	return r;
}

void ctm_verifier_end(struct ctm_verifier *v)
{
	const uint64_t until_ms = ctm_clock_boot_ms() + CTM_VERIFIER_END_MS;
	int r;

	(void)ctm_verifier_end_looks(v);
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
