/* SPDX-License-Identifier: MIT */
/*
 * send_aside.h - a commit in a thread of its own, while the caller goes on
 *
 * Order of calls: ctm_send_aside_begin(), ctm_send_aside_end(). Between those the state, the turn,
 * the version and the error belong to the thread.
 */
#ifndef CTM_SEND_ASIDE_H
#define CTM_SEND_ASIDE_H

#include <pthread.h>
#include <stdatomic.h>

#include "send_store.h"

struct ctm_send_aside {
	/* As for ctm_send_commit(); set by the caller. */
	struct ctm_state *state;
	const struct ctm_send_turn *turn;
	uint64_t *version;
	struct ctm_error *e;
	int done_fd; /* becomes readable when it is done */
	atomic_bool done;
	int r;
	pthread_t thread;
};

/* 0; negative errno: there is no thread, nothing was done. */
int ctm_send_aside_begin(struct ctm_send_aside *aside);

bool ctm_send_aside_is_done(struct ctm_send_aside *aside);

/* Waits for it. What ctm_send_commit() returned. */
int ctm_send_aside_end(struct ctm_send_aside *aside);

#endif
