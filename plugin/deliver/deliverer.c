/* SPDX-License-Identifier: MIT */
#include "deliverer.h"

#include <errno.h>
#include <string.h>

#include "deadline.h"
#include "drain.h"
#include "expire.h"
#include "log.h"
#include "scan.h"
#include "sidecars_seen.h"

/* A directory or a sidecar that was too young to be sure of is read again after this. */
#define RESCAN_MS 2100u

/*
 * So long a job's end waits for aria2's answer, and for files that are hashed: there are large
 * ones. What aria2 names can lie on a dead disk as well, where a look at it never comes back.
 */
#define ASKING_MS 60000u
#define HASHING_MS 600000u

struct looking {
	struct ctm_deliverer *d;
	uint64_t sidecars_mtime;
	bool sidecars_changed;
	uint64_t unclaimed;
	uint64_t deadline_ms;
	bool questions;
};

/* What the store has for us, if it has changed. */
static int look_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct looking *l = context;
	struct ctm_store *store = l->d->state->store;
	const struct ctm_stamp now = ctm_clock_now();
	int r = ctm_sidecars_to_be_read(txn, l->d->state, l->sidecars_mtime, &l->sidecars_changed);

	if (r == 0)
		r = ctm_store_setting_get(txn, CTM_SETTING_UNCLAIMED_ADDED, &l->unclaimed);
	if (r == 0)
		r = ctm_deadline_get(txn, &now, &l->deadline_ms);
	if (r == 0)
		r = ctm_store_question_any(txn, &l->questions);
	if (r == 0 && l->d->queue.version != ctm_store_version(store)) {
		r = ctm_queue_load(txn, &l->d->queue);
		if (r == 0)
			l->d->queue.version = ctm_store_version(store);
	}
	return r < 0 ? ctm_error_set(e, r, "cannot read what is to be done: %s", strerror(-r)) : 0;
}

static int look(struct ctm_deliverer *d, bool *ret_sidecars_changed, struct ctm_error *e)
{
	struct looking l = {.d = d, .sidecars_mtime = ctm_sidecars_mtime(d->state->config)};
	int r = ctm_flow_read(d->state, look_body, &l, e);

	if (r < 0)
		return r;
	d->unclaimed = l.unclaimed;
	d->questions = l.questions;
	d->deadline_ms = l.deadline_ms;
	/* Next to the content of an event that nobody claims there may be a sidecar. */
	*ret_sidecars_changed = l.sidecars_changed || (d->state->config->sidecar_beside &&
							      d->unclaimed != d->unclaimed_scanned);
	return 0;
}

uint64_t ctm_deliverer_linger_ms(const struct ctm_deliverer *d)
{
	return d->mode == CTM_DELIVER_LINGER ? d->state->config->linger_s * UINT64_C(1000) : 0;
}

/* Whether to read sidecars may tell something new. */
static bool is_scan_due(const struct ctm_deliverer *d, bool changed)
{
	return changed || !d->scanned || ctm_clock_boot_ms() >= d->rescan_ms ||
	       ctm_verifier_wants_scan(d->verifier);
}

static int scan(struct ctm_deliverer *d, bool changed, struct ctm_error *e)
{
	struct ctm_scan scan = {0};
	int r;

	d->rescan_ms = UINT64_MAX;
	if (changed || !d->scanned)
		d->changed_ms = ctm_clock_boot_ms();
	d->unclaimed_scanned = d->unclaimed;
	r = ctm_scan(d->state, &scan, e);
	if (r < 0)
		return r;
	d->scanned = true;
	/* One that never becomes whole is not worth staying for: the next flush reads it again. */
	if (scan.unsettled && ctm_clock_boot_ms() - d->changed_ms < ctm_deliverer_linger_ms(d))
		d->rescan_ms = ctm_clock_boot_ms() + RESCAN_MS;
	return 0;
}

/* What keeps sidecars from being found keeps nothing else from being done. */
static void try_scan(struct ctm_deliverer *d, bool changed)
{
	struct ctm_error e = CTM_ERROR_INIT;
	const int r = scan(d, changed, &e);

	ctm_verifier_note_scan(d->verifier);
	if (r == 0)
		return;
	ctm_log_complaint(CTM_LOG_ERROR, NULL, ctm_error_of(&e, r));
	d->scanned = true;
	d->rescan_ms = UINT64_MAX;
}

static bool has_deadline(const struct ctm_deliverer *d)
{
	return d->deadline_ms <= ctm_clock_boot_ms();
}

static int ask(struct ctm_deliverer *d, bool all, struct ctm_error *e)
{
	if (ctm_catcher_is_busy(d->asker))
		return 0;
	d->asking_ms = ctm_clock_boot_ms();
	d->asking_told = false;
	if (all && !d->asked)
		return ctm_catcher_start(d->asker, CTM_CATCH_UP_DOWNLOADS, e);
	if (d->questions && !ctm_catcher_lost_questions(d->asker))
		return ctm_catcher_start(d->asker, CTM_CATCH_UP_QUESTIONS, e);
	return 0;
}

static int hash(struct ctm_deliverer *d, struct ctm_error *e)
{
	int r;

	if (d->hashed || ctm_catcher_is_busy(d->hasher))
		return 0;
	d->hashing_ms = ctm_clock_boot_ms();
	r = ctm_catcher_start(d->hasher, CTM_CATCH_UP_FILES, e);
	d->hashed = r > 0;
	return r < 0 ? r : 0;
}

/*
 * Hooks can have missed what would save a job, so nothing is ended before all was caught up with. A
 * flush catches up in any case.
 */
static int catch_up(struct ctm_deliverer *d, struct ctm_error *e)
{
	const bool all = has_deadline(d) || d->mode == CTM_DELIVER_ONCE;
	int r = ask(d, all, e);

	return r < 0 || !all ? r : hash(d, e);
}

/* When the patience with what is under way ends; 0: nothing is. */
static uint64_t asked_by_ms(const struct ctm_deliverer *d)
{
	return ctm_catcher_is_busy(d->asker) ? d->asking_ms + ASKING_MS : 0;
}

static uint64_t hashed_by_ms(const struct ctm_deliverer *d)
{
	return ctm_catcher_is_busy(d->hasher) ? d->hashing_ms + HASHING_MS : 0;
}

static bool is_caught_up(const struct ctm_deliverer *d)
{
	const uint64_t now_ms = ctm_clock_boot_ms();
	const uint64_t asked_by = asked_by_ms(d);
	const uint64_t hashed_by = hashed_by_ms(d);

	return (asked_by ? asked_by <= now_ms : d->asked) &&
	       (d->hashed || (hashed_by && hashed_by <= now_ms));
}

static void say_impatience(struct ctm_deliverer *d)
{
	if (!asked_by_ms(d) || d->asking_told)
		return;
	d->asking_told = true;
	ctm_log(CTM_LOG_WARNING, NULL,
		"asking aria2 has not come to an end for %u s (a file that it names may lie on a "
		"dead disk): deadlines do not wait for it",
		ASKING_MS / 1000);
}

/*
 * What was caught up with is looked at, and only then can something be over. A flush looks in any
 * case: [state] give_up may have become shorter.
 */
static int expire(struct ctm_deliverer *d, struct ctm_error *e)
{
	const bool once = d->mode == CTM_DELIVER_ONCE;

	if (!is_caught_up(d) || (!has_deadline(d) && (!once || d->expired)))
		return 0;
	say_impatience(d);
	d->asked = d->hashed = once;
	d->expired = true;
	return ctm_expire(d->state, e);
}

uint64_t ctm_deliverer_expires_ms(const struct ctm_deliverer *d)
{
	uint64_t at_ms = d->deadline_ms;

	if (asked_by_ms(d) > at_ms)
		at_ms = asked_by_ms(d);
	return hashed_by_ms(d) > at_ms ? hashed_by_ms(d) : at_ms;
}

bool ctm_deliverer_is_catching_up(const struct ctm_deliverer *d)
{
	return ctm_catcher_is_busy(d->asker) || ctm_catcher_is_busy(d->hasher);
}

static int collect_catcher(
	struct ctm_deliverer *d, struct ctm_catcher *catcher, struct ctm_error *e)
{
	enum ctm_catch_up what;
	int r = ctm_catcher_collect(catcher, &what, e);

	if (r > 0) {
		d->asked |= what == CTM_CATCH_UP_DOWNLOADS;
		d->hashed |= what == CTM_CATCH_UP_FILES;
	}
	return r < 0 ? r : 0;
}

static int collect_sends(struct ctm_deliverer *d, struct ctm_error *e)
{
	return ctm_sender_collect(d->sender, e);
}

static int collect_looks(struct ctm_deliverer *d, struct ctm_error *e)
{
	return ctm_verifier_collect(d->verifier, d->sender, e);
}

static int collect_asker(struct ctm_deliverer *d, struct ctm_error *e)
{
	return collect_catcher(d, d->asker, e);
}

static int collect_hasher(struct ctm_deliverer *d, struct ctm_error *e)
{
	return collect_catcher(d, d->hasher, e);
}

static int start_looks(struct ctm_deliverer *d, struct ctm_error *e)
{
	return ctm_verifier_start(d->verifier, e);
}

static int start_sends(struct ctm_deliverer *d, struct ctm_error *e)
{
	return ctm_sender_start(d->sender, e);
}

typedef int deliverer_part(struct ctm_deliverer *d, struct ctm_error *e);

/* What failed first is what is told of; the log has the rest. */
static void keep_first(int r, struct ctm_error *own, int *first, struct ctm_error *e)
{
	ctm_error_of(own, r);
	if (*first == 0) {
		*first = r;
		if (e)
			*e = *own;
	} else if (r != *first) {
		ctm_log_complaint(CTM_LOG_WARNING, NULL, own);
	}
}

/*
 * What one part wants for, memory or a thread for one large job, says nothing of the others: they
 * are done all the same. But whoever has the lock of the store would let each of them wait as long.
 */
static void do_each(struct ctm_deliverer *d, deliverer_part *const *parts, size_t n, int *first,
	struct ctm_error *e)
{
	for (size_t i = 0; i < n; i++) {
		struct ctm_error own = CTM_ERROR_INIT;
		const int r = parts[i](d, &own);

		if (r < 0)
			keep_first(r, &own, first, e);
		if (r == -EAGAIN)
			return;
	}
}

int ctm_deliverer_step(struct ctm_deliverer *d, struct ctm_error *e)
{
	static deliverer_part *const collecting[] = {
		collect_sends, collect_looks, collect_asker, collect_hasher};
	static deliverer_part *const going_on[] = {catch_up, expire, start_looks, start_sends};
	struct ctm_error own = CTM_ERROR_INIT;
	bool changed;
	int first = 0;
	int r;

	do_each(d, collecting, sizeof collecting / sizeof *collecting, &first, e);
	if (first < 0 && first != -ENOMEM)
		return first;
	r = look(d, &changed, &own);
	if (r == 0 && is_scan_due(d, changed)) {
		try_scan(d, changed);
		r = look(d, &changed, &own);
	}
	/* The store itself fails. */
	if (r < 0)
		keep_first(r, &own, &first, e);
	else
		do_each(d, going_on, sizeof going_on / sizeof *going_on, &first, e);
	return first;
}
