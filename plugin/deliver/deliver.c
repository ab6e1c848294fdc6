/* SPDX-License-Identifier: MIT */
#include "deliver.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "catch_up.h"
#include "deadline.h"
#include "drain.h"
#include "expire.h"
#include "files.h"
#include "lock.h"
#include "log.h"
#include "queue.h"
#include "scan.h"
#include "send.h"
#include "sidecars_seen.h"
#include "verify.h"
#include "wake.h"

/* A directory or a sidecar that was too young to be sure of is read again after this. */
#define RESCAN_MS 2100u

/* What fails for want of the lock, of disk or of memory is tried again after this. */
#define PAUSE_MS 1000u

struct deliverer {
	struct ctm_state *state;
	enum ctm_deliver_mode mode;
	struct ctm_queue queue;
	struct ctm_verifier *verifier;
	struct ctm_sender *sender;
	struct ctm_catcher *asker;
	struct ctm_catcher *hasher;
	int fifo_fd;
	bool scanned;               /* at least once */
	uint64_t unclaimed;         /* how many events were ever kept, as last read, */
	uint64_t unclaimed_scanned; /* and when sidecars were last looked for */
	uint64_t rescan_ms;         /* by ctm_clock_boot_ms(); UINT64_MAX: not asked for */
	uint64_t changed_ms;        /* when sidecars last were seen to have changed */
	bool questions;             /* there is something to ask aria2 */
	uint64_t deadline_ms;       /* by ctm_clock_boot_ms(): no job's time is over before that */
	bool asked;                 /* aria2, for all downloads, since something was last ended, */
	bool hashed;                /* and missed files were looked for */
	uint64_t hashing_ms;        /* by ctm_clock_boot_ms(): since when files are hashed */
	bool expired;               /* what is past its deadline was looked for */
	unsigned failures;          /* in a row */
};

struct looking {
	struct deliverer *d;
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

static int look(struct deliverer *d, bool *ret_sidecars_changed, struct ctm_error *e)
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

/* How long it stays for what is not due yet. */
static uint64_t linger_ms(const struct deliverer *d)
{
	return d->mode == CTM_DELIVER_LINGER ? d->state->config->linger_s * UINT64_C(1000) : 0;
}

/* Reads sidecars where that may tell something new. */
static int scan(struct deliverer *d, bool changed, struct ctm_error *e)
{
	struct ctm_scan scan = {0};
	int r;

	if (!changed && d->scanned && ctm_clock_boot_ms() < d->rescan_ms)
		return 0;
	d->rescan_ms = UINT64_MAX;
	if (changed || !d->scanned)
		d->changed_ms = ctm_clock_boot_ms();
	d->unclaimed_scanned = d->unclaimed;
	r = ctm_scan(d->state, &scan, e);
	if (r < 0)
		return r;
	d->scanned = true;
	/* One that never becomes whole is not worth staying for: the next flush reads it again. */
	if (scan.unsettled && ctm_clock_boot_ms() - d->changed_ms < linger_ms(d))
		d->rescan_ms = ctm_clock_boot_ms() + RESCAN_MS;
	return 0;
}

/* What keeps sidecars from being found keeps nothing else from being done. */
static void try_scan(struct deliverer *d, bool changed)
{
	struct ctm_error e = CTM_ERROR_INIT;

	if (scan(d, changed, &e) == 0)
		return;
	ctm_log_complaint(CTM_LOG_ERROR, NULL, &e);
	d->scanned = true;
	d->rescan_ms = UINT64_MAX;
}

static bool has_deadline(const struct deliverer *d)
{
	return d->deadline_ms <= ctm_clock_boot_ms();
}

/*
 * Hooks can have missed what would save a job, so nothing is ended before all was caught up with. A
 * flush catches up in any case.
 */
static int catch_up(struct deliverer *d, struct ctm_error *e)
{
	const bool all = has_deadline(d) || d->mode == CTM_DELIVER_ONCE;
	int r = 0;

	if (all && !d->asked)
		r = ctm_catcher_start(d->asker, CTM_CATCH_UP_DOWNLOADS, e);
	else if (d->questions && !ctm_catcher_lost_questions(d->asker))
		r = ctm_catcher_start(d->asker, CTM_CATCH_UP_QUESTIONS, e);
	if (r < 0 || !all || d->hashed || ctm_catcher_is_busy(d->hasher))
		return r < 0 ? r : 0;
	d->hashing_ms = ctm_clock_boot_ms();
	r = ctm_catcher_start(d->hasher, CTM_CATCH_UP_FILES, e);
	d->hashed = r > 0;
	return r < 0 ? r : 0;
}

/* So long a job's end waits for files that are hashed: there are large ones, and dead disks. */
#define HASHING_MS 600000u

static bool is_caught_up(const struct deliverer *d)
{
	const bool patient = ctm_clock_boot_ms() - d->hashing_ms < HASHING_MS;

	return d->asked && (d->hashed || !patient) && !ctm_catcher_is_busy(d->asker);
}

/*
 * What was caught up with is looked at, and only then can something be over. A flush looks in any
 * case: [state] give_up may have become shorter.
 */
static int expire(struct deliverer *d, struct ctm_error *e)
{
	const bool once = d->mode == CTM_DELIVER_ONCE;

	if (!is_caught_up(d) || (!has_deadline(d) && (!once || d->expired)))
		return 0;
	d->asked = d->hashed = once;
	d->expired = true;
	return ctm_expire(d->state, e);
}

static bool is_catching_up(const struct deliverer *d)
{
	return ctm_catcher_is_busy(d->asker) || ctm_catcher_is_busy(d->hasher);
}

static int collect_catcher(struct deliverer *d, struct ctm_catcher *catcher, struct ctm_error *e)
{
	enum ctm_catch_up what;
	int r = ctm_catcher_collect(catcher, &what, e);

	if (r > 0) {
		d->asked |= what == CTM_CATCH_UP_DOWNLOADS;
		d->hashed |= what == CTM_CATCH_UP_FILES;
	}
	return r < 0 ? r : 0;
}

static int collect(struct deliverer *d, struct ctm_error *e)
{
	int r = ctm_sender_collect(d->sender, e);

	if (r == 0)
		r = ctm_verifier_collect(d->verifier, e);
	if (r == 0)
		r = collect_catcher(d, d->asker, e);
	return r < 0 ? r : collect_catcher(d, d->hasher, e);
}

/* Everything that can be done without waiting. */
static int step(struct deliverer *d, struct ctm_error *e)
{
	bool changed;
	int r = collect(d, e);

	if (r == 0)
		r = look(d, &changed, e);
	if (r < 0)
		return r;
	try_scan(d, changed);
	r = look(d, &changed, e);
	if (r == 0)
		r = catch_up(d, e);
	if (r == 0)
		r = expire(d, e);
	if (r == 0)
		r = ctm_verifier_start(d->verifier, e);
	return r < 0 ? r : ctm_sender_start(d->sender, e);
}

static bool can_start(const struct ctm_queue_item *item, void *context)
{
	const struct deliverer *d = context;

	if (item->work == CTM_WORK_VERIFY)
		return ctm_verifier_has_room(d->verifier);
	return ctm_sender_has_room(d->sender, item);
}

/*
 * When there is something to do next. A flush does not wait for what falls due later, nor for a
 * directory to settle: the next flush reads it again.
 */
static uint64_t next_ms(struct deliverer *d)
{
	uint64_t next = ctm_queue_next(&d->queue, can_start, d);

	if (d->deadline_ms < next && !is_catching_up(d))
		next = d->deadline_ms;
	if (ctm_verifier_room_ms(d->verifier) < next)
		next = ctm_verifier_room_ms(d->verifier);
	return d->mode == CTM_DELIVER_LINGER && d->rescan_ms < next ? d->rescan_ms : next;
}

static bool is_finished(struct deliverer *d)
{
	uint64_t next = next_ms(d);

	if (ctm_queue_busy(&d->queue) || is_catching_up(d))
		return false;
	return next == UINT64_MAX || next > ctm_clock_boot_ms() + linger_ms(d);
}

/* Sleeps until a transfer, a look, a waker or the clock has something for us. */
static int wait_for_more(struct deliverer *d, uint64_t until_ms)
{
	struct pollfd fds[] = {
		{.fd = d->fifo_fd, .events = POLLIN},
		{.fd = ctm_verifier_fd(d->verifier), .events = POLLIN},
		{.fd = ctm_catcher_fd(d->asker), .events = POLLIN},
		{.fd = ctm_catcher_fd(d->hasher), .events = POLLIN},
	};
	uint64_t now = ctm_clock_boot_ms();
	uint64_t wait = until_ms > now ? until_ms - now : 0;
	int r = ctm_sender_wait(
		d->sender, fds, sizeof fds / sizeof *fds, wait > 60000 ? 60000 : (int)wait);

	if (fds[0].revents & POLLIN)
		ctm_wake_drain(d->fifo_fd);
	return r;
}

/* How long something that fails is tried: flush and hooks leave it to the next one. */
static bool gives_up(struct deliverer *d, int error)
{
	const bool for_a_moment = error == -EAGAIN || error == -ENOSPC || error == -ENOMEM ||
				  error == -EDQUOT || error == -EFBIG || error == -EIO;

	d->failures++;
	if (!for_a_moment || d->mode == CTM_DELIVER_ONCE)
		return true;
	return d->failures * PAUSE_MS > linger_ms(d);
}

static int work(struct deliverer *d, struct ctm_error *e)
{
	for (;;) {
		int r = step(d, e);

		if (r < 0) {
			if (gives_up(d, r))
				return r;
			ctm_log_complaint(CTM_LOG_WARNING, NULL, e);
			r = wait_for_more(d, ctm_clock_boot_ms() + PAUSE_MS);
		} else {
			d->failures = 0;
			/* Our own last drain may have found more: nobody else will say so. */
			if (d->state->work) {
				d->state->work = false;
				continue;
			}
			if (is_finished(d))
				return 0;
			r = wait_for_more(d, next_ms(d));
		}
		if (r < 0)
			return ctm_error_set(e, r, "cannot wait: %s", strerror(-r));
	}
}

static int open_all(struct deliverer *d)
{
	int r;

	d->fifo_fd = ctm_wake_open(d->state);
	if (d->fifo_fd < 0)
		return d->fifo_fd;
	r = ctm_verifier_new(d->state, &d->queue, &d->verifier);
	if (r == 0)
		r = ctm_catcher_new(d->state, &d->asker);
	if (r == 0)
		r = ctm_catcher_new(d->state, &d->hasher);
	return r < 0 ? r : ctm_sender_new(d->state, &d->queue, &d->sender);
}

static int run_locked(struct ctm_state *state, enum ctm_deliver_mode mode, struct ctm_error *e)
{
	struct deliverer d = {
		.state = state,
		.mode = mode,
		.queue =
			{
				.config = state->config,
				.orphans_are_due = mode == CTM_DELIVER_ONCE,
			},
		.fifo_fd = -1,
		.rescan_ms = UINT64_MAX,
		.deadline_ms = UINT64_MAX,
	};
	int r = open_all(&d);

	/* It would be told with each drain until all was caught up with, and never sleep. */
	state->sees_to_deadlines = true;
	if (r < 0)
		ctm_error_set(e, r, "cannot begin to deliver: %s", strerror(-r));
	else
		r = work(&d, e);
	ctm_sender_free(d.sender);
	ctm_verifier_free(d.verifier);
	ctm_catcher_free(d.asker);
	ctm_catcher_free(d.hasher);
	ctm_queue_done(&d.queue);
	ctm_close_fd(&d.fifo_fd);
	state->sees_to_deadlines = false;
	return r;
}

/*
 * A deliverer looks again so often. Sidecars that somebody writes anew all the time would keep it
 * for ever: the next flush reads what they are then.
 */
#define ROUNDS 16

int ctm_deliver_run(struct ctm_state *state, enum ctm_deliver_mode mode, struct ctm_error *e)
{
	size_t due = 1;
	int r = 0;

	/* Whoever came while the lock was held has gone again, relying on this second look. */
	for (unsigned round = 0; r == 0 && due && round < ROUNDS; round++) {
		int lock = ctm_lock_try(state->dir_fd, CTM_DELIVER_LOCK);

		if (lock == -EAGAIN) {
			ctm_wake_poke(state);
			return 1;
		}
		if (lock < 0)
			return ctm_error_set(e, lock, "cannot lock \"%s/" CTM_DELIVER_LOCK "\": %s",
				state->dir, strerror(-lock));
		r = run_locked(state, mode, e);
		ctm_lock_release(&lock);
		if (r == 0)
			r = ctm_deliver_due(state, false, &due, e);
	}
	return r;
}
