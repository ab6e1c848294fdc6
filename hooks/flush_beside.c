/* SPDX-License-Identifier: MIT */
#include "flush_beside.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "catch_up.h"
#include "clock.h"
#include "deliver.h"
#include "lock.h"
#include "wake.h"

/* On top of the longest time-out of an endpoint: the other deliverer's own work. */
#define MARGIN_MS 10000u

#define STEP_NS 50000000

/* Whether the other one has gone is looked at so often, where nothing is known to be due. */
#define LOOK_MS 1000u

/* As often as somebody should call flush. */
#define AGAIN_MS 60000u

struct beside {
	struct ctm_state *state;
	struct ctm_catcher *asker;
	struct ctm_catcher *hasher;
	size_t due;        /* things that wait for the other one */
	uint64_t until_ms; /* which is given so much time for them */
	uint64_t tried_ms; /* when it was last to be our turn */
	bool delivered;    /* it was */
};

static uint64_t patience_ms(const struct ctm_config *config)
{
	uint64_t longest = 0;

	for (size_t i = 0; i < config->n_endpoints; i++)
		if (config->endpoints[i].timeout_ms > longest)
			longest = config->endpoints[i].timeout_ms;
	return longest + MARGIN_MS;
}

static int start(struct beside *b, struct ctm_error *e)
{
	int r = ctm_catcher_new(b->state, &b->asker);

	if (r == 0)
		r = ctm_catcher_new(b->state, &b->hasher);
	if (r < 0)
		return ctm_error_set(e, r, "cannot catch up: %s", strerror(-r));
	r = ctm_catcher_start(b->asker, CTM_CATCH_UP_DOWNLOADS, e);
	/* 1: another process hashes just now. */
	if (r >= 0)
		r = ctm_catcher_start(b->hasher, CTM_CATCH_UP_FILES, e);
	return r < 0 ? r : 0;
}

static bool is_catching_up(const struct beside *b)
{
	return ctm_catcher_is_busy(b->asker) || ctm_catcher_is_busy(b->hasher);
}

static int collect(struct beside *b, struct ctm_error *e)
{
	enum ctm_catch_up what;
	int r = ctm_catcher_collect(b->asker, &what, e);

	if (r >= 0)
		r = ctm_catcher_collect(b->hasher, &what, e);
	return r < 0 ? r : 0;
}

/* It may have ended meanwhile: then it is our turn. */
static int deliver(struct beside *b, struct ctm_error *e)
{
	int r = ctm_deliver_run(b->state, CTM_DELIVER_ONCE, e);

	b->tried_ms = ctm_clock_boot_ms();
	b->delivered = r == 0;
	b->due = 0;
	if (r != 1)
		return r;
	b->state->work = false; /* the other one knows */
	return ctm_deliver_due(b->state, true, &b->due, e);
}

static bool waits_for_other(const struct beside *b)
{
	return b->due && ctm_clock_boot_ms() < b->until_ms;
}

static bool tries(const struct beside *b)
{
	const uint64_t pause_ms = b->delivered ? AGAIN_MS : LOOK_MS;

	return waits_for_other(b) || b->state->work ||
	       ctm_clock_boot_ms() - b->tried_ms >= pause_ms;
}

static int follow(struct beside *b, struct ctm_error *e)
{
	int r = 0;

	while (r == 0 && (is_catching_up(b) || waits_for_other(b))) {
		nanosleep(&(struct timespec){.tv_nsec = STEP_NS}, NULL);
		r = collect(b, e);
		if (r == 0 && tries(b))
			r = deliver(b, e);
	}
	return r;
}

static int say_who_is_at_work(const struct beside *b, struct ctm_error *e)
{
	char holder[96];

	ctm_lock_holder(b->state->dir_fd, CTM_DELIVER_LOCK, holder, sizeof holder);
	return ctm_error_set(e, -EAGAIN,
		"another deliverer is at work, %s, and %zu things are still due",
		holder[0] ? holder : "whichever process that is", b->due);
}

int ctm_flush_beside(struct ctm_state *state, struct ctm_error *e)
{
	struct beside b = {
		.state = state,
		.due = 1,
		.until_ms = ctm_clock_boot_ms() + patience_ms(state->config),
	};
	int r = start(&b, e);

	if (r == 0)
		r = follow(&b, e);
	if (r == 0 && b.due)
		r = say_who_is_at_work(&b, e);
	ctm_catcher_free(b.asker);
	ctm_catcher_free(b.hasher);
	return r;
}
