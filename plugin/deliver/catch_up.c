/* SPDX-License-Identifier: MIT */
#include "catch_up.h"

#include <errno.h>
#include <string.h>

#include "ask.h"
#include "catch_up_round.h"
#include "drain.h"
#include "lock.h"
#include "log.h"
#include "open_transport.h"

#define HASH_LOCK "hash.lock"

void ctm_round_done(struct ctm_round *round)
{
	ctm_ask_done(&round->ask);
	ctm_missed_done(&round->missed);
	ctm_fold_done(&round->fold);
	ctm_tell_done(&round->tell);
	ctm_lock_release(&round->hash_lock);
}

int ctm_round_lock_hashing(struct ctm_state *state, struct ctm_round *round, struct ctm_error *e)
{
	const int lock = ctm_lock_try(state->dir_fd, HASH_LOCK);

	if (lock == -EAGAIN)
		return 1;
	if (lock < 0)
		return ctm_error_set(e, lock, "cannot lock \"%s/" HASH_LOCK "\": %s", state->dir,
			strerror(-lock));
	round->hash_lock = lock;
	return 0;
}

static int is_open(struct ctm_txn *txn, const struct ctm_job *job, void *context)
{
	(void)txn;
	(void)context;
	return !ctm_job_has_ended(job);
}

static int load_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct ctm_round *round = context;
	int r = round->asks ? ctm_ask_load(txn, &round->ask) : 0;

	/* Without a job there is nothing that could have been missed. */
	if (r == 0 && round->polls) {
		r = ctm_store_job_each(txn, is_open, NULL);
		round->ask.poll = r > 0;
	}
	if (r >= 0 && round->hashes)
		r = ctm_missed_load(txn, &round->missed);
	return r < 0 ? ctm_error_set(e, r, "cannot read what was missed: %s", strerror(-r)) : 0;
}

int ctm_round_load(struct ctm_state *state, struct ctm_round *round, struct ctm_error *e)
{
	const struct ctm_fold fold = CTM_FOLD_INIT(state->config);
	int r;

	round->fold = fold;
	round->ask.config = state->config;
	round->missed.quiet_ms = CTM_MISSED_QUIET_MS;
	r = ctm_flow_read(state, load_body, round, e);
	if (r < 0)
		ctm_round_done(round);
	return r < 0 ? r : 0;
}

void ctm_round_run(struct ctm_round *round, const struct ctm_transport_table *table,
	struct ctm_transport *transport)
{
	if (round->asks)
		round->result = ctm_ask(&round->ask, table, transport);
	if (round->hashes)
		ctm_missed_hash(&round->missed, &round->stop);
}

static int store_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct ctm_round *round = context;
	int r;

	ctm_fold_again(&round->fold);
	/* What was not heard for our own fault says nothing of aria2: it is asked another time. */
	r = round->asks && !round->ask.lost ? ctm_ask_fold(txn, &round->ask, &round->fold) : 0;
	if (r == 0 && round->hashes)
		r = ctm_missed_fold(txn, &round->missed, &round->fold);
	if (r == 0)
		r = ctm_fold_decide(txn, &round->fold);
	if (r == 0)
		r = ctm_tell_gather(txn, &round->fold.jobs, &round->tell);
	return r < 0 ? ctm_error_set(e, r, "cannot store what was missed: %s", strerror(-r)) : 0;
}

/* An aria2 that is not there just now is no news; one that can't be asked as it is set up is. */
static void log_unanswered(const struct ctm_error *e)
{
	const bool away = e->code == -ECONNREFUSED || e->code == -ETIMEDOUT;

	if (e->code)
		ctm_log_complaint(away ? CTM_LOG_DEBUG : CTM_LOG_WARNING, NULL, e);
}

int ctm_round_store(struct ctm_state *state, struct ctm_round *round, struct ctm_error *e)
{
	int r;

	if (round->result < 0)
		return ctm_error_set(e, round->result, "no memory to ask aria2");
	round->fold.now = ctm_clock_now();
	r = ctm_flow_update(state, store_body, round, e);
	if (r < 0)
		return r;
	state->work |= round->fold.work;
	ctm_remarks_log(&round->fold.remarks);
	ctm_tell_log(&round->tell);
	log_unanswered(&round->ask.error);
	return 0;
}

int ctm_catch_up_now(struct ctm_state *state, const struct ctm_numbers *jobs, struct ctm_error *e)
{
	const struct ctm_transport_table *table = NULL;
	struct ctm_transport *transport = NULL;
	struct ctm_round round = {
		.asks = true,
		.polls = true,
		.hash_lock = -1,
		.missed = {.only = jobs},
	};
	int r = jobs ? 0 : ctm_round_lock_hashing(state, &round, e);

	round.hashes = r == 0;
	if (r >= 0)
		r = ctm_round_load(state, &round, e);
	if (r < 0)
		return r;
	if (ctm_ask_is_needed(&round.ask))
		r = ctm_open_transport(state->config, &table, &transport, e);
	if (r == 0) {
		ctm_round_run(&round, table, transport);
		r = ctm_round_store(state, &round, e);
	}
	if (transport)
		table->close(transport);
	ctm_round_done(&round);
	return r;
}
