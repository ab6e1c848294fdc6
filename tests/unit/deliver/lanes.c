/* SPDX-License-Identifier: MIT */
#include "lanes.h"

#include <stdlib.h>

#include <criterion/criterion.h>

#include "leaks.h"

static struct ctm_lanes *lanes;

static void init(void)
{
	lanes = malloc(sizeof *lanes);
	cr_assert_not_null(lanes);
	cr_assert_eq(ctm_lanes_init(lanes, 3), 0);
}

static void done(void)
{
	ctm_lanes_done(lanes);
	free(lanes);
	ctm_test_check_leaks();
}

TestSuite(lanes, .init = init, .fini = done);

static uint32_t next_job = 1;

static size_t begin_work(size_t lane, enum ctm_work work, uint32_t job)
{
	struct ctm_send_attempt attempt = {.job = job, .work = work, .begun = true};
	size_t tag;

	cr_assert(ctm_lanes_has_room(lanes, lane, work, job));
	tag = ctm_lanes_reserve(lanes, lane, work, job);
	ctm_lanes_hold(lanes, tag, &attempt);
	return tag;
}

/* Begins as many as there is room for; how many that were. */
static unsigned fill(size_t lane)
{
	unsigned n = 0;

	for (; ctm_lanes_has_room(lanes, lane, CTM_WORK_SEND, next_job); n++)
		begin_work(lane, CTM_WORK_SEND, next_job++);
	return n;
}

/* So many of a lane fly, and come to such an end; the tags are free again. */
static void fly(size_t lane, unsigned n, bool fails)
{
	size_t tags[CTM_LANES_ALL];
	size_t given_back;
	unsigned ended = 0;
	size_t tag;

	while (ended < n) {
		cr_assert(ctm_lanes_next(lanes, lane, &tag), "%u of %u", ended, n);
		ctm_lanes_end(lanes, tag, false);
		tags[ended++] = tag;
	}
	if (fails) {
		cr_assert(ctm_lanes_next(lanes, lane, &tag));
		ctm_lanes_end(lanes, tag, true);
		tags[ended++] = tag;
	}
	ctm_lanes_learn(lanes);
	while (ctm_lanes_give_back(lanes, &given_back))
		tags[ended++] = given_back;
	for (unsigned i = 0; i < ended; i++)
		ctm_lanes_land(lanes, tags[i]);
}

Test(lanes, turns)
{
	size_t tag;
	size_t first = begin_work(0, CTM_WORK_SEND, 1);

	cr_expect_eq(fill(0), CTM_LANE_FLYING - 1);
	cr_expect(ctm_lanes_has_room(lanes, 1, CTM_WORK_SEND, 99), "others have room of their own");
	cr_assert(ctm_lanes_next(lanes, 0, &tag));
	cr_expect_eq(tag, first, "in the order in which they began");
	for (unsigned i = 1; i < CTM_LANE_FLYING; i++)
		cr_assert(ctm_lanes_next(lanes, 0, &tag));
	cr_expect_not(ctm_lanes_next(lanes, 0, &tag));
	cr_expect_not(ctm_lanes_next(lanes, 1, &tag));
	cr_expect(ctm_lanes_go_on(lanes));
}

/* What an endpoint takes in a moment may be begun ahead, eight of it under way. */
Test(lanes, ahead)
{
	size_t tag;
	unsigned began = 0;

	for (unsigned i = 0; i < 10; i++) {
		began = fill(0);
		fly(0, began, false);
	}
	cr_expect_eq(began, CTM_LANE_AHEAD);
	cr_expect_eq(fill(1), CTM_LANE_FLYING, "another has shown nothing");
	fill(0);
	for (unsigned i = 0; i < CTM_LANE_FLYING; i++)
		cr_assert(ctm_lanes_next(lanes, 0, &tag));
	cr_expect_not(ctm_lanes_next(lanes, 0, &tag));
}

/* One that takes few in a moment has none waiting for their turn. */
Test(lanes, slow)
{
	for (unsigned i = 0; i < 5; i++)
		fly(0, fill(0), false);
	for (unsigned i = 0; i < 3; i++) {
		fill(0);
		fly(0, 1, false);
	}
	cr_expect_eq(lanes->lanes[0].ahead, CTM_LANE_FLYING);
	cr_expect(lanes->lanes[0].before > CTM_LANE_FLYING);
	cr_expect_not(ctm_lanes_has_room(lanes, 0, CTM_WORK_SEND, 9999));
}

/* Nor does it keep those that it had before, the last of which go first. */
Test(lanes, becomes_slow)
{
	size_t first;
	size_t tag;

	for (unsigned i = 0; i < 5; i++)
		fly(0, fill(0), false);
	first = begin_work(0, CTM_WORK_SEND, next_job++);
	fill(0);
	lanes->lanes[0].ahead = CTM_LANE_FLYING + 2;
	cr_assert_not(ctm_lanes_give_back(lanes, &tag), "it may be chance");
	lanes->begun[first].held_ms -= 1000;
	for (uint32_t last = lanes->lanes[0].last_held; ctm_lanes_give_back(lanes, &tag);
		last = lanes->lanes[0].last_held) {
		cr_assert_eq(tag, last);
		ctm_lanes_land(lanes, tag);
	}
	cr_expect_eq(lanes->lanes[0].before, CTM_LANE_FLYING + 2);
	cr_assert(ctm_lanes_next(lanes, 0, &tag));
	cr_expect_eq(tag, first);
}

/* What was begun ahead of one that fails now is not made. */
Test(lanes, fails)
{
	size_t failed;
	size_t tag;

	for (unsigned i = 0; i < 5; i++)
		fly(0, fill(0), false);
	cr_assert_gt(fill(0), 100);
	fill(1);
	cr_assert(ctm_lanes_next(lanes, 0, &tag));
	ctm_lanes_end(lanes, tag, true);
	failed = tag;
	cr_expect_not(ctm_lanes_next(lanes, 0, &tag));
	cr_expect(ctm_lanes_next(lanes, 1, &tag), "others go on");
	ctm_lanes_end(lanes, tag, false);
	ctm_lanes_land(lanes, tag);
	fly(1, 1, false);
	ctm_lanes_land(lanes, failed);
	cr_expect_eq(lanes->lanes[0].before, 0);
	cr_expect_eq(fill(0), CTM_LANE_FLYING);
}

/* What could not be stored is stored again later: the endpoint fails until then. */
Test(lanes, fails_and_is_not_stored)
{
	size_t tags[CTM_LANES_ALL];
	unsigned n = 0;
	size_t failed;
	size_t tag;

	for (unsigned i = 0; i < 5; i++)
		fly(0, fill(0), false);
	cr_assert_gt(fill(0), 100);
	cr_assert(ctm_lanes_next(lanes, 0, &failed));
	ctm_lanes_end(lanes, failed, true);
	while (ctm_lanes_give_back(lanes, &tag))
		tags[n++] = tag;
	for (unsigned i = 0; i < 3; i++) {
		ctm_lanes_learn(lanes);
		cr_expect_eq(lanes->lanes[0].ahead, CTM_LANE_FLYING);
		cr_expect_not(ctm_lanes_are_free(lanes, 1));
	}
	for (unsigned i = 0; i < n; i++)
		ctm_lanes_land(lanes, tags[i]);
	ctm_lanes_land(lanes, failed);
	cr_expect(ctm_lanes_are_free(lanes, 1));
	cr_expect_eq(lanes->used, 0);
}

/* A job has one request at a time, and progress is never begun ahead: it is tried once. */
Test(lanes, progress)
{
	size_t tag = begin_work(0, CTM_WORK_PROGRESS, 1);

	cr_expect_not(ctm_lanes_has_room(lanes, 0, CTM_WORK_SEND, 1));
	cr_expect(ctm_lanes_has_room(lanes, 0, CTM_WORK_SEND, 2));
	fly(0, 1, false);
	cr_expect(ctm_lanes_has_room(lanes, 0, CTM_WORK_SEND, 1));
	for (unsigned i = 0; i < 5; i++)
		fly(0, fill(0), false);
	for (unsigned i = 0; i < CTM_LANE_FLYING; i++)
		begin_work(0, CTM_WORK_PROGRESS, 10 + i);
	cr_expect_not(ctm_lanes_has_room(lanes, 0, CTM_WORK_PROGRESS, 3));
	cr_expect(ctm_lanes_has_room(lanes, 0, CTM_WORK_SEND, 3));
	while (ctm_lanes_next(lanes, 0, &tag)) {
		ctm_lanes_end(lanes, tag, false);
		ctm_lanes_land(lanes, tag);
	}
}

/* Ten thousand wait: they begin by hundreds, not one by one as others end. */
Test(lanes, wants)
{
	cr_expect(ctm_lanes_wants(lanes, 0, CTM_WORK_SEND));
	for (unsigned i = 0; i < 10; i++)
		fly(0, fill(0), false);
	fill(0);
	fly(0, 100, false);
	lanes->lanes[0].ahead = CTM_LANE_AHEAD;
	cr_expect(ctm_lanes_has_room(lanes, 0, CTM_WORK_SEND, 9999));
	cr_expect_not(ctm_lanes_wants(lanes, 0, CTM_WORK_SEND));
	fly(0, 200, false);
	cr_expect(ctm_lanes_wants(lanes, 0, CTM_WORK_SEND));
}

/* What ended and is not stored keeps its tag: there is an end to that. */
Test(lanes, all)
{
	size_t tag;
	unsigned n = 0;

	for (unsigned i = 0; i < 10; i++)
		fly(0, fill(0), false);
	while (n < CTM_LANES_ALL) {
		n += fill(0);
		while (ctm_lanes_next(lanes, 0, &tag))
			ctm_lanes_end(lanes, tag, false);
	}
	cr_expect_eq(lanes->used, CTM_LANES_ALL);
	cr_expect_not(ctm_lanes_has_room(lanes, 1, CTM_WORK_SEND, 9999));
	cr_expect(ctm_lanes_run_low(lanes));
	cr_expect_not(ctm_lanes_go_on(lanes));
}

/* One after the other takes hundreds, and hangs: those that go on have room all the same. */
Test(lanes, hang)
{
	const unsigned left[] = {CTM_LANE_AHEAD, 300, 150};
	size_t ended = 0;
	size_t tag;

	for (size_t lane = 0; lane < 3; lane++) {
		for (unsigned i = 0; i < 10; i++)
			fly(lane, fill(lane), false);
		cr_expect_geq(fill(lane), left[lane], "%zu", lane);
		while (ctm_lanes_next(lanes, lane, &tag))
			ended = tag;
	}
	for (unsigned i = 0; i < 100 && !ctm_lanes_run_low(lanes); i++) {
		ctm_lanes_end(lanes, ended, false);
		cr_assert(ctm_lanes_next(lanes, 2, &ended));
	}
	cr_expect(ctm_lanes_run_low(lanes), "half of what it has, not of what it could have");
}

/* And each lane a few in any case. */
Test(lanes, many_hang)
{
	enum {
		MANY = 40
	};

	ctm_lanes_done(lanes);
	cr_assert_eq(ctm_lanes_init(lanes, MANY), 0);
	for (size_t lane = 0; lane < MANY; lane++) {
		for (unsigned i = 0; i < 10; i++)
			fly(lane, fill(lane), false);
		cr_expect_geq(fill(lane), CTM_LANE_FLYING, "%zu", lane);
	}
	cr_expect_leq(lanes->used, CTM_LANES_ALL);
}
