/* SPDX-License-Identifier: MIT */
/*
 * catch_up_round.h - one round of catching up: a copy of what is to be done, and what came of it
 *
 * Order of calls: the members before `stop` are set, with hash_lock -1; ctm_round_lock_hashing()
 * where all files are hashed; ctm_round_load(); ctm_round_run(), in any thread; ctm_round_store();
 * ctm_round_done().
 */
#ifndef CTM_CATCH_UP_ROUND_H
#define CTM_CATCH_UP_ROUND_H

#include <stdatomic.h>

#include "ask.h"
#include "missed.h"
#include "state.h"
#include "tell.h"

struct ctm_round {
	bool asks;   /* aria2: what events have left open */
	bool polls;  /* aria2: all downloads that it has */
	bool hashes; /* missed files */
	int hash_lock;
	atomic_bool stop; /* whoever runs ends soon */
	struct ctm_ask ask;
	struct ctm_missed missed;
	struct ctm_fold fold; /* of the transaction at its end */
	struct ctm_tell tell;
	int result; /* of asking */
};

/* 0; 1: another process hashes all files just now; negative errno in *e. */
int ctm_round_lock_hashing(struct ctm_state *state, struct ctm_round *round, struct ctm_error *e);

/* 0, or negative errno in *e: the round is done with. */
int ctm_round_load(struct ctm_state *state, struct ctm_round *round, struct ctm_error *e);

/* Everything that takes time. The transport may be NULL where ctm_ask_is_needed() says so. */
void ctm_round_run(struct ctm_round *round, const struct ctm_transport_table *table,
	struct ctm_transport *transport);

/* In one transaction; state->work becomes true where there is more to do. Can be tried again. */
int ctm_round_store(struct ctm_state *state, struct ctm_round *round, struct ctm_error *e);

void ctm_round_done(struct ctm_round *round);

#endif
