/* SPDX-License-Identifier: MIT */
#include "deliver.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

#include "deliverer.h"
#include "files.h"
#include "lock.h"
#include "log.h"
#include "wake.h"

/* What fails for want of the lock, of disk or of memory is tried again after this. */
#define PAUSE_MS 1000u

static enum ctm_queue_room room(const struct ctm_queue_item *item, void *context)
{
	const struct ctm_deliverer *d = context;

	if (item->work != CTM_WORK_VERIFY)
		return ctm_sender_room(d->sender, item);
	return ctm_verifier_has_room(d->verifier) ? CTM_QUEUE_ROOM : CTM_QUEUE_FULL;
}

/*
 * When there is something to do next. A flush does not wait for what falls due later, nor for a
 * directory to settle: the next flush reads it again.
 */
static uint64_t next_ms(struct ctm_deliverer *d)
{
	uint64_t next = ctm_queue_next(&d->queue, room, d);

	if (ctm_deliverer_expires_ms(d) < next)
		next = ctm_deliverer_expires_ms(d);
	if (ctm_verifier_room_ms(d->verifier) < next)
		next = ctm_verifier_room_ms(d->verifier);
	return d->mode == CTM_DELIVER_LINGER && d->rescan_ms < next ? d->rescan_ms : next;
}

static bool is_finished(struct ctm_deliverer *d)
{
	uint64_t next;

	if (ctm_queue_busy(&d->queue) || ctm_deliverer_is_catching_up(d))
		return false;
	next = next_ms(d);
	return next == UINT64_MAX || next > ctm_clock_boot_ms() + ctm_deliverer_linger_ms(d);
}

/* Sleeps until a transfer, a look, a waker or the clock has something for us. */
static int wait_for_more(struct ctm_deliverer *d, uint64_t until_ms)
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
static bool gives_up(struct ctm_deliverer *d, int error)
{
	const uint64_t now_ms = ctm_clock_boot_ms();
	const bool for_a_moment = error == -EAGAIN || error == -ENOSPC || error == -ENOMEM ||
				  error == -EDQUOT || error == -EFBIG || error == -EIO;

	if (!d->fails)
		d->failing_since_ms = now_ms;
	d->fails = true;
	if (!for_a_moment || d->mode == CTM_DELIVER_ONCE)
		return true;
	/* By the time that has passed: whoever is woken tries more often. */
	return now_ms - d->failing_since_ms >= ctm_deliverer_linger_ms(d);
}

/*
 * Whoever leaves for want of memory has begun to send all the same: CTM's answers are waited for,
 * while they can be stored. The lock of the store is not.
 */
static void let_sends_end(struct ctm_deliverer *d, int error)
{
	int r = error == -EAGAIN ? error : 0;

	while (r == 0 && ctm_sender_is_busy(d->sender)) {
		r = ctm_sender_wait(d->sender, NULL, 0, PAUSE_MS);
		if (r == 0)
			r = ctm_sender_collect(d->sender, NULL);
	}
}

static int work(struct ctm_deliverer *d, struct ctm_error *e)
{
	for (;;) {
		int r = ctm_deliverer_step(d, e);

		if (r < 0) {
			if (gives_up(d, r)) {
				let_sends_end(d, r);
				return r;
			}
			ctm_log_complaint(CTM_LOG_WARNING, NULL, e);
			r = wait_for_more(d, ctm_clock_boot_ms() + PAUSE_MS);
		} else {
			/* A step that had to leave outcomes as they are is no success. */
			d->fails &= ctm_sender_is_stuck(d->sender);
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

static int open_all(struct ctm_deliverer *d)
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

/* *ret_short_of: what the last look was short of, negative errno; 0: it was not. */
static int run_locked(struct ctm_state *state, enum ctm_deliver_mode mode, uint64_t began_ms,
	int *ret_short_of, struct ctm_error *e)
{
	struct ctm_deliverer d = {
		.state = state,
		.mode = mode,
		.queue =
			{
				.config = state->config,
				.orphans_are_due = mode == CTM_DELIVER_ONCE,
				.short_before_ms = mode == CTM_DELIVER_ONCE ? began_ms : 0,
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
	/* What had failed is what is told of; what can't be stored now is as if we had been killed.
	 */
	if (d.verifier)
		ctm_verifier_end(d.verifier);
	if (d.sender)
		(void)ctm_sender_end(d.sender, NULL);
	*ret_short_of = d.verifier ? ctm_verifier_short_of(d.verifier) : 0;
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
	const uint64_t began_ms = ctm_clock_boot_ms();
	size_t due = 1;
	int short_of = 0;
	int r = 0;

	/*
	 * Whoever came while the lock was held has gone again, relying on this second look; and
	 * what came while we looked was drained behind it, by us.
	 */
	for (unsigned round = 0; r == 0 && (due || state->work) && round < ROUNDS; round++) {
		int lock = ctm_lock_try(state->dir_fd, CTM_DELIVER_LOCK);

		if (lock == -EAGAIN) {
			ctm_wake_poke(state);
			return 1;
		}
		if (lock < 0)
			return ctm_error_set(e, lock, "cannot lock \"%s/" CTM_DELIVER_LOCK "\": %s",
				state->dir, strerror(-lock));
		state->work = false;
		r = run_locked(state, mode, began_ms, &short_of, e);
		ctm_lock_release(&lock);
		if (r == 0)
			r = ctm_deliver_due(state, false, &due, e);
	}
	if (r == 0 && short_of)
		return ctm_error_set(
			e, short_of, "cannot look at all files: %s", strerror(-short_of));
	return r;
}
