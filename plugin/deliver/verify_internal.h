/* SPDX-License-Identifier: MIT */
/*
 * verify_internal.h - a verifier from inside: verify.c has the looks and their threads,
 * verify_collect.c what becomes of what they found
 */
#ifndef CTM_VERIFY_INTERNAL_H
#define CTM_VERIFY_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "look.h"
#include "verify.h"

#define CTM_VERIFY_SLOTS 128 /* there are no more threads than these */

struct ctm_verify_slot {
	bool joined;
	bool is_overtaken; /* it is right, and the sidecar is another one than was read */
	bool waits;        /* for that to be read, */
	bool has_waited;   /* which was tried */
	atomic_bool done;
	int event_fd; /* borrowed */
	uint64_t began_ms;
	pthread_t thread;
	struct ctm_look_request request;
	struct ctm_look_result result;
};

struct ctm_verifier {
	struct ctm_state *state;
	struct ctm_queue *queue;
	int event_fd;
	atomic_bool stop;
	int short_of;       /* negative errno, of the look at... */
	uint32_t short_job; /* ...this job, which was not made again since; 0: none was short */
	bool wants_scan;    /* the sidecar of a job that would succeed has changed */
	struct ctm_verify_slot *slots[CTM_VERIFY_SLOTS]; /* NULL: not used */
};

/* Whose look has ended, or was never begun. */
void ctm_verifier_clear(struct ctm_verify_slot **slot);

/* Whether all have ended. One that has had its time to end is not waited for again. */
bool ctm_verifier_end_looks(struct ctm_verifier *v);

/*
 * A list of files that is too large for memory is a look that can't tell. The slot is cleared. 0 or
 * negative errno in *e.
 */
int ctm_verifier_store_short(
	struct ctm_verifier *v, struct ctm_verify_slot **at, struct ctm_error *e);

#endif
