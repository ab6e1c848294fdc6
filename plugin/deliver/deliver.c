/* SPDX-License-Identifier: MIT */
#include "deliver.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "drain.h"
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
	int fifo_fd;
	bool scanned;               /* at least once */
	uint64_t unclaimed;         /* how many events were ever kept, as last read, */
	uint64_t unclaimed_scanned; /* and when sidecars were last looked for */
	uint64_t rescan_ms;         /* by ctm_clock_boot_ms(); UINT64_MAX: not asked for */
	uint64_t changed_ms;        /* when sidecars last were seen to have changed */
	unsigned failures;          /* in a row */
};

struct looking {
	struct deliverer *d;
	uint64_t sidecars_mtime;
	bool sidecars_changed;
	uint64_t unclaimed;
};

/* What the store has for us, if it has changed. */
static int look_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct looking *l = context;
	struct ctm_store *store = l->d->state->store;
	int r = ctm_sidecars_changed(txn, l->sidecars_mtime, &l->sidecars_changed);

	if (r == 0)
		r = ctm_store_setting_get(txn, CTM_SETTING_UNCLAIMED_ADDED, &l->unclaimed);
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

/* Everything that can be done without waiting. */
static int step(struct deliverer *d, struct ctm_error *e)
{
	bool changed;
	int r = ctm_sender_collect(d->sender, e);

	if (r == 0)
		r = ctm_verifier_collect(d->verifier, e);
	if (r == 0)
		r = look(d, &changed, e);
	if (r < 0)
		return r;
	try_scan(d, changed);
	r = look(d, &changed, e);
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

	return d->mode == CTM_DELIVER_LINGER && d->rescan_ms < next ? d->rescan_ms : next;
}

static bool is_finished(struct deliverer *d)
{
	uint64_t next = next_ms(d);

	if (ctm_queue_busy(&d->queue))
		return false;
	return next == UINT64_MAX || next > ctm_clock_boot_ms() + linger_ms(d);
}

/* Sleeps until a transfer, a look, a waker or the clock has something for us. */
static int wait_for_more(struct deliverer *d, uint64_t until_ms)
{
	struct pollfd fds[] = {
		{.fd = d->fifo_fd, .events = POLLIN},
		{.fd = ctm_verifier_fd(d->verifier), .events = POLLIN},
	};
	uint64_t now = ctm_clock_boot_ms();
	uint64_t wait = until_ms > now ? until_ms - now : 0;
	int r = ctm_sender_wait(d->sender, fds, 2, wait > 60000 ? 60000 : (int)wait);

	if (fds[0].revents & POLLIN)
		ctm_wake_drain(d->fifo_fd);
	return r;
}

/* How long something that fails is tried: flush and hooks leave it to the next one. */
static bool gives_up(struct deliverer *d, int error)
{
	const bool for_a_moment = error == -EAGAIN || error == -ENOSPC || error == -ENOMEM ||
				  error == -EDQUOT || error == -EIO;

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
	};
	int r = open_all(&d);

	if (r < 0)
		ctm_error_set(e, r, "cannot begin to deliver: %s", strerror(-r));
	else
		r = work(&d, e);
	ctm_sender_free(d.sender);
	ctm_verifier_free(d.verifier);
	ctm_queue_done(&d.queue);
	ctm_close_fd(&d.fifo_fd);
	return r;
}

struct counting {
	struct ctm_queue queue;
	uint64_t sidecars_mtime;
	bool sidecars_changed;
};

static int count_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct counting *c = context;
	int r = ctm_queue_load(txn, &c->queue);

	if (r == 0)
		r = ctm_sidecars_changed(txn, c->sidecars_mtime, &c->sidecars_changed);
	return r < 0 ? ctm_error_set(e, r, "cannot read what is to be done: %s", strerror(-r)) : 0;
}

int ctm_deliver_due(struct ctm_state *state, bool under_way, size_t *ret_due, struct ctm_error *e)
{
	struct counting c = {
		.queue = {.config = state->config},
		.sidecars_mtime = ctm_sidecars_mtime(state->config),
	};
	int r = ctm_flow_read(state, count_body, &c, e);
	uint64_t now = ctm_clock_boot_ms();

	if (r == 0) {
		*ret_due = c.sidecars_changed;
		for (size_t i = 0; i < c.queue.n; i++)
			*ret_due += c.queue.items[i].due_ms <= now ||
				    (under_way && c.queue.items[i].under_way);
	}
	ctm_queue_done(&c.queue);
	return r;
}

int ctm_deliver_run(struct ctm_state *state, enum ctm_deliver_mode mode, struct ctm_error *e)
{
	size_t due = 1;
	int r = 0;

	/* Whoever came while the lock was held has gone again, relying on this second look. */
	while (r == 0 && due) {
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
