/* SPDX-License-Identifier: MIT */
/*
 * courier_link.h - our end of the transport's process: alive or not, and what it says
 *
 * See courier.h for how it lives. Everything that it says is looked at here before it counts.
 */
#ifndef CTM_COURIER_LINK_H
#define CTM_COURIER_LINK_H

#include <poll.h>
#include <stdbool.h>
#include <sys/types.h>

#include "courier_flights.h"
#include "courier_stream.h"
#include "courier_wire.h"
#include "errors.h"
#include "reach.h"

/* All zero but for the reach, until it is opened. */
struct ctm_link {
	struct ctm_reach reach;
	struct ctm_flights flights;
	struct ctm_stream stream;
	pid_t pid; /* 0: there is no process */
	bool opened;
	struct ctm_wire_opened said;
	bool worn;         /* something failed: libraries that were short of memory stay ill */
	uint64_t idle_ms;  /* since when there is nothing to do */
	unsigned lines;    /* for the log, of this process */
	unsigned failures; /* since first_failure_ms */
	uint64_t first_failure_ms;
	char last_failure[CTM_WIRE_TEXT_SIZE];
};

/* The clock of all that is timed here; like curl's it stands still while the machine sleeps. */
uint64_t ctm_link_now_ms(void);

/* Starts the process and waits until it has loaded the module. 0 or negative errno in *e. */
int ctm_link_open(struct ctm_link *l, struct ctm_error *e);

/*
 * Whether there is a process: it is started where there is none. False: it can't be, or has failed
 * too often just now; last_failure says why.
 */
bool ctm_link_is_up(struct ctm_link *l);

/*
 * Writes, sleeps until something moves, `until` at most, and hears what came. `all` has the
 * caller's n descriptors, and room for one more behind them. As poll(), or negative errno.
 */
int ctm_link_sleep(struct ctm_link *l, struct pollfd *all, size_t n, uint64_t until);

void ctm_link_done(struct ctm_link *l);

#endif
