/* SPDX-License-Identifier: MIT */
/*
 * record.h - an event of aria2 is written down
 */
#ifndef CTM_RECORD_H
#define CTM_RECORD_H

#include "errors.h"
#include "event.h"
#include "path.h"
#include "state.h"

/* What became of it. */
enum ctm_recorded {
	CTM_RECORDED = 0,       /* nothing can have come of it: a later drain will do */
	CTM_RECORDED_DRAIN = 1, /* something can: to be drained now */
	CTM_RECORDED_LATE = 2,  /* the same, also if nothing seems to wait (inbox.h) */
};

/* What aria2 said. */
struct ctm_said {
	enum ctm_event_type type;
	uint64_t gid;
	uint32_t n_files;
	const char *path; /* as it came, "" for none; a relative one is below the process's
			     directory */
};

/*
 * The event of it: the path made canonical, and a look at the file, while that is where aria2 left
 * it. 0, and the caller calls ctm_event_done(); negative errno in *e.
 */
int ctm_record_see(const struct ctm_said *said, struct ctm_event *ret_event, struct ctm_error *e);

/*
 * The same for the usual case, without memory: the event's path is in `path`, and descriptors are
 * left open, for a process that ends in a moment. False: ctm_record_see() does it.
 */
bool ctm_record_glance(
	const struct ctm_said *said, char path[CTM_PATH_LIMIT + 1], struct ctm_event *ret_event);

/*
 * Appends it to the inbox. One of enum ctm_recorded, or negative errno: it is not recorded. Never
 * waits.
 */
int ctm_record(const struct ctm_state *state, const struct ctm_event *event);

#endif
