/* SPDX-License-Identifier: MIT */
/*
 * Catching up in a thread: it works on a copy, what it found is stored afterwards.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "catch_up.h"
#include "catch_up_round.h"
#include "files.h"
#include "open_transport.h"
#include "thread.h"

struct ctm_catcher {
	struct ctm_state *state;
	const struct ctm_transport_table *table;
	struct ctm_transport *transport; /* the thread's while that runs */
	int event_fd;
	bool busy;
	bool lost_questions;
	atomic_bool done;
	pthread_t thread;
	enum ctm_catch_up what;
	struct ctm_round round;
};

int ctm_catcher_new(struct ctm_state *state, struct ctm_catcher **ret_catcher)
{
	struct ctm_catcher *c = calloc(1, sizeof *c);

	if (!c)
		return -ENOMEM;
	c->state = state;
	c->round.hash_lock = -1;
	c->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (c->event_fd < 0) {
		const int r = -errno;

		free(c);
		return r;
	}
	*ret_catcher = c;
	return 0;
}

/* Whether the thread has ended: it can hang on a dead disk, by the names that aria2 told too. */
static bool stop(struct ctm_catcher *c)
{
	if (!c->busy)
		return true;
	atomic_store(&c->round.stop, true);
	return ctm_thread_join_by(c->thread, ctm_clock_boot_ms() + CTM_THREAD_STOP_MS);
}

/* It is not kept for the next time: that may be long. */
static void close_transport(struct ctm_catcher *c)
{
	if (c->transport)
		c->table->close(c->transport);
	c->transport = NULL;
	c->table = NULL;
}

void ctm_catcher_free(struct ctm_catcher *c)
{
	if (!c || !stop(c))
		return;
	close_transport(c);
	ctm_round_done(&c->round);
	ctm_close_fd(&c->event_fd);
	free(c);
}

int ctm_catcher_fd(const struct ctm_catcher *c)
{
	return c->event_fd;
}

bool ctm_catcher_is_busy(const struct ctm_catcher *c)
{
	return c->busy;
}

bool ctm_catcher_lost_questions(const struct ctm_catcher *c)
{
	return c->lost_questions;
}

static void *run(void *context)
{
	struct ctm_catcher *c = context;
	const uint64_t one = 1;

	ctm_round_run(&c->round, c->table, c->transport);
	atomic_store(&c->done, true);
	if (write(c->event_fd, &one, sizeof one) < 0)
		return NULL; /* the counter is full: it is readable anyway */
	return NULL;
}

static int start_thread(struct ctm_catcher *c, struct ctm_error *e)
{
	int r;

	atomic_store(&c->done, false);
	r = ctm_thread_start(&c->thread, run, c);
	return r < 0 ? ctm_error_set(e, r, "cannot start a thread: %s", strerror(-r)) : 0;
}

static void begin_round(struct ctm_round *round, enum ctm_catch_up what)
{
	memset(round, 0, sizeof *round);
	round->asks = what != CTM_CATCH_UP_FILES;
	round->polls = what == CTM_CATCH_UP_DOWNLOADS;
	round->hashes = what == CTM_CATCH_UP_FILES;
	round->hash_lock = -1;
	atomic_init(&round->stop, false);
}

int ctm_catcher_start(struct ctm_catcher *c, enum ctm_catch_up what, struct ctm_error *e)
{
	int r = 0;

	if (c->busy)
		return 0;
	c->what = what;
	begin_round(&c->round, what);
	if (c->round.hashes)
		r = ctm_round_lock_hashing(c->state, &c->round, e);
	if (r != 0)
		return r;
	r = ctm_round_load(c->state, &c->round, e);
	if (r < 0)
		return r;
	if (ctm_ask_is_needed(&c->round.ask) && !c->transport)
		r = ctm_open_transport(c->state->config, &c->table, &c->transport, e);
	if (r == 0)
		r = start_thread(c, e);
	if (r < 0)
		ctm_round_done(&c->round);
	c->busy = r == 0;
	return r;
}

int ctm_catcher_collect(struct ctm_catcher *c, enum ctm_catch_up *ret_what, struct ctm_error *e)
{
	uint64_t count;
	int r;

	if (read(c->event_fd, &count, sizeof count) < 0 && errno != EAGAIN && errno != EINTR)
		return ctm_error_set(e, -errno, "cannot read an eventfd: %s", strerror(errno));
	if (!c->busy || !atomic_load(&c->done))
		return 0;
	r = ctm_round_store(c->state, &c->round, e);
	if (r < 0 && c->round.result == 0)
		return r;
	pthread_join(c->thread, NULL);
	c->busy = false;
	c->lost_questions |= c->round.ask.lost;
	ctm_round_done(&c->round);
	close_transport(c);
	*ret_what = c->what;
	return r < 0 ? r : 1;
}
