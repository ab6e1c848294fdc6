/* SPDX-License-Identifier: MIT */
/*
 * lanes.h - attempts that were begun, by endpoint: which wait for their turn, which are under way
 *
 * A lane is an endpoint. So many requests are under way in it at a time, and the attempts that
 * follow are begun ahead of them: a commit costs as much for one as for hundreds. But only as many
 * as the endpoint has shown that it takes in a moment, because what is begun is counted, and comes
 * before what is more urgent. An endpoint that fails has none begun ahead, one that has become slow
 * keeps no more than it takes now, and those that hang
 * can't use up what there is: a lane gets no more than half of what the others leave, and a few
 * always.
 *
 * An attempt goes through the stages of enum ctm_stage, and is known by its tag.
 */
#ifndef CTM_LANES_H
#define CTM_LANES_H

#include "send_store.h"

/* In all, and to one endpoint: under way, and begun with those. */
#define CTM_LANES_ALL 1280u
#define CTM_LANE_FLYING 8u
#define CTM_LANE_AHEAD 512u

enum ctm_stage {
	CTM_STAGE_NONE,
	CTM_STAGE_RESERVED, /* about to be begun */
	CTM_STAGE_HELD,     /* begun, waits for its turn */
	CTM_STAGE_FLYING,   /* handed to the transport */
	CTM_STAGE_ENDED,    /* its outcome is to be stored */
	CTM_STAGE_UNMADE,   /* that it is not made after all is to be stored */
};

struct ctm_begun {
	enum ctm_stage stage;
	size_t lane;
	uint32_t next, previous; /* of those held */
	uint64_t held_ms;        /* since when, by ctm_clock_boot_ms() */
	bool failed;             /* it came to no answer */
	struct ctm_send_attempt attempt;
};

struct ctm_lane {
	unsigned before; /* reserved and held */
	unsigned flying;
	unsigned ended;
	unsigned failed; /* of those: none is made until that is stored */
	unsigned ahead;  /* so many may be reserved, held and flying */
	uint32_t first_held, last_held;
};

struct ctm_lanes {
	struct ctm_lane *lanes;
	size_t n;
	unsigned used; /* tags, whatever their stage */
	unsigned open; /* of those, reserved, held and flying */
	unsigned peak; /* of those */
	bool over;     /* nothing is made any more */
	struct ctm_begun begun[CTM_LANES_ALL];
	uint32_t free[CTM_LANES_ALL];
	uint32_t progress[CTM_LANES_ALL]; /* jobs whose progress is in some stage */
	unsigned n_progress;
};

/* 0 or -ENOMEM. */
int ctm_lanes_init(struct ctm_lanes *l, size_t n);
void ctm_lanes_done(struct ctm_lanes *l);

/* Whether nothing has room there. Progress, which is tried once, is not begun ahead. */
bool ctm_lanes_is_full(const struct ctm_lanes *l, size_t lane, enum ctm_work work);

/* Of a job one request is made at a time. */
bool ctm_lanes_has_room(const struct ctm_lanes *l, size_t lane, enum ctm_work work, uint32_t job);

/*
 * Whether it is time to begin there: where much is begun ahead, more is only when half of it is
 * made, so that many begin in one commit.
 */
bool ctm_lanes_wants(const struct ctm_lanes *l, size_t lane, enum ctm_work work);

/* Whether a final word of that job that is begun now has its turn at once, in whichever lane. */
bool ctm_lanes_are_free(const struct ctm_lanes *l, uint32_t job);

/* Where there is room. */
size_t ctm_lanes_reserve(struct ctm_lanes *l, size_t lane, enum ctm_work work, uint32_t job);

/* It is begun: the attempt is taken over. */
void ctm_lanes_hold(struct ctm_lanes *l, size_t tag, struct ctm_send_attempt *attempt);

/* The next one whose turn it is in its lane; it counts as flying. False: none. */
bool ctm_lanes_next(struct ctm_lanes *l, size_t lane, size_t *ret_tag);

/* How it ended: whether there was an answer. */
void ctm_lanes_end(struct ctm_lanes *l, size_t tag, bool failed);

/*
 * One that is held where nothing may be ahead, or, where they are slow, not so many: it is not
 * made. The last ones first. False: none.
 */
bool ctm_lanes_give_back(struct ctm_lanes *l, size_t *ret_tag);

/* Nothing is made from now on: all that is held is given back, and there is no room. */
void ctm_lanes_close(struct ctm_lanes *l);

/* The tag is free again. */
void ctm_lanes_land(struct ctm_lanes *l, size_t tag);

/* Whether more outcomes come without anything being begun. */
bool ctm_lanes_go_on(const struct ctm_lanes *l);

/* Whether there is enough to be stored that a lane could run out of what is begun. */
bool ctm_lanes_run_low(const struct ctm_lanes *l);

/*
 * What ended is about to be stored, and landed: what that says of how much may be begun ahead.
 * Where it could not be stored it is said again, together with what ended since.
 */
void ctm_lanes_learn(struct ctm_lanes *l);

#endif
