/* SPDX-License-Identifier: MIT */
/*
 * courier_flights.h - what was handed to the transport's process, and what came back
 *
 * A flight begins when it is handed over. It ends with an outcome or an answer, which then waits to
 * be taken, in the order in which they came.
 */
#ifndef CTM_COURIER_FLIGHTS_H
#define CTM_COURIER_FLIGHTS_H

#include <stdbool.h>

#include "transport.h"

struct ctm_flight {
	struct ctm_flight *next;
	bool asks;       /* a question; else a message */
	uint64_t tag;    /* its caller's */
	uint64_t due_ms; /* of the caller's clock: its word must have come by then */
	size_t answer_max;
	union {
		struct ctm_transport_outcome outcome;
		struct ctm_transport_answer answer; /* body: by malloc() */
	} came;
};

struct ctm_flights {
	struct ctm_flight *away;
	struct ctm_flight *back;
	struct ctm_flight **back_end; /* NULL: nothing ever came */
};

/* 0 or -ENOMEM. */
int ctm_flights_begin(struct ctm_flights *f, const struct ctm_flight *flight);

/* The one that was begun last was not, after all. */
void ctm_flights_drop(struct ctm_flights *f);

/* The one that is away; NULL where there is none: a word that nobody asked for. */
struct ctm_flight *ctm_flights_find(struct ctm_flights *f, bool asks, uint64_t tag);

/* Its `came` is filled: it is no longer away. */
void ctm_flights_end(struct ctm_flights *f, struct ctm_flight *flight);

/* All that are away end with this failure. */
void ctm_flights_fail(struct ctm_flights *f, uint32_t hresult, const char *text);

/* The first that came back; NULL: none. The caller frees it. */
struct ctm_flight *ctm_flights_take(struct ctm_flights *f, bool asks);

/* When the first is due; UINT64_MAX: none is away. */
uint64_t ctm_flights_due(const struct ctm_flights *f);

/* The longest answer that may come. */
size_t ctm_flights_answer_max(const struct ctm_flights *f);

void ctm_flights_done(struct ctm_flights *f);

#endif
