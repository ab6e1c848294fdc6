/* SPDX-License-Identifier: MIT */
/*
 * record.h - an event of aria2 is written down
 */
#ifndef CTM_RECORD_H
#define CTM_RECORD_H

#include "event.h"
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
	const char *
		path; /* as it came: "" for none, relative ones are below the process's directory */
};

/*
 * Appends it to the inbox, the path made canonical while the file is where aria2 left it. One of
 * enum ctm_recorded, or negative errno in *e: it is not recorded. Never waits.
 */
int ctm_record(const struct ctm_state *state, const struct ctm_said *said, struct ctm_error *e);

#endif
