/* SPDX-License-Identifier: MIT */
#include "lanes.h"

#include <errno.h>
#include <stdlib.h>

#define NONE UINT32_MAX

/* What has waited for its turn so long, its endpoint does not take in a moment. */
#define MOMENT_MS 1000u

int ctm_lanes_init(struct ctm_lanes *l, size_t n)
{
	/* What is begun is not touched before it is: most deliverers begin one. */
	l->lanes = calloc(n, sizeof *l->lanes);
	if (!l->lanes)
		return -ENOMEM;
	l->n = n;
	l->used = l->open = l->peak = l->n_progress = 0;
	l->over = false;
	for (size_t i = 0; i < n; i++)
		l->lanes[i] = (struct ctm_lane){
			.ahead = CTM_LANE_FLYING,
			.first_held = NONE,
			.last_held = NONE,
		};
	for (uint32_t i = 0; i < CTM_LANES_ALL; i++)
		l->free[i] = CTM_LANES_ALL - 1 - i;
	return 0;
}

void ctm_lanes_done(struct ctm_lanes *l)
{
	/* A tag is the lowest that is free or was. */
	for (size_t i = 0; i < l->peak; i++)
		ctm_send_attempt_done(&l->begun[i].attempt);
	free(l->lanes);
	l->lanes = NULL;
	l->n = 0;
}

static bool has_progress(const struct ctm_lanes *l, uint32_t job)
{
	for (unsigned i = 0; i < l->n_progress; i++)
		if (l->progress[i] == job)
			return true;
	return false;
}

/*
 * So many may be reserved, held and flying in a lane. Endpoints that took hundreds and hang now
 * keep them until they time out: with half of what the others leave, beside what each lane has in
 * any case, however many hang there is some left.
 */
static unsigned limit_of(const struct ctm_lanes *l, const struct ctm_lane *at)
{
	const size_t kept = CTM_LANE_FLYING * l->n + l->open - at->before - at->flying;
	const size_t half = kept < CTM_LANES_ALL ? (CTM_LANES_ALL - kept) / 2 : 0;

	if (half >= at->ahead)
		return at->ahead;
	return half > CTM_LANE_FLYING ? (unsigned)half : CTM_LANE_FLYING;
}

bool ctm_lanes_is_full(const struct ctm_lanes *l, size_t lane, enum ctm_work work)
{
	const struct ctm_lane *at = &l->lanes[lane];
	const unsigned limit = work == CTM_WORK_PROGRESS ? CTM_LANE_FLYING : limit_of(l, at);

	return l->over || l->used >= CTM_LANES_ALL || at->before + at->flying >= limit;
}

bool ctm_lanes_has_room(const struct ctm_lanes *l, size_t lane, enum ctm_work work, uint32_t job)
{
	return !ctm_lanes_is_full(l, lane, work) && !has_progress(l, job);
}

bool ctm_lanes_wants(const struct ctm_lanes *l, size_t lane, enum ctm_work work)
{
	const struct ctm_lane *at = &l->lanes[lane];
	const unsigned limit = limit_of(l, at);

	return (limit == CTM_LANE_FLYING || at->before + at->flying <= limit / 2) &&
	       !ctm_lanes_is_full(l, lane, work);
}

bool ctm_lanes_are_free(const struct ctm_lanes *l, uint32_t job)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->lanes[i].before || l->lanes[i].flying >= CTM_LANE_FLYING ||
			l->lanes[i].failed)
			return false;
	return l->used < CTM_LANES_ALL && !has_progress(l, job);
}

size_t ctm_lanes_reserve(struct ctm_lanes *l, size_t lane, enum ctm_work work, uint32_t job)
{
	const uint32_t tag = l->free[CTM_LANES_ALL - 1 - l->used++];

	if (l->used > l->peak)
		l->peak = l->used;
	l->begun[tag] = (struct ctm_begun){
		.stage = CTM_STAGE_RESERVED,
		.lane = lane,
		.next = NONE,
		.previous = NONE,
		.attempt = {.job = job, .work = work},
	};
	l->lanes[lane].before++;
	l->open++;
	if (work == CTM_WORK_PROGRESS)
		l->progress[l->n_progress++] = job;
	return tag;
}

void ctm_lanes_hold(struct ctm_lanes *l, size_t tag, struct ctm_send_attempt *attempt)
{
	struct ctm_begun *begun = &l->begun[tag];
	struct ctm_lane *lane = &l->lanes[begun->lane];

	begun->stage = CTM_STAGE_HELD;
	begun->held_ms = ctm_clock_boot_ms();
	begun->previous = lane->last_held;
	begun->attempt = *attempt;
	*attempt = (struct ctm_send_attempt){.job = attempt->job, .work = attempt->work};
	if (lane->last_held == NONE)
		lane->first_held = (uint32_t)tag;
	else
		l->begun[lane->last_held].next = (uint32_t)tag;
	lane->last_held = (uint32_t)tag;
}

/* One of those held is so no longer; its stage is the caller's to set. */
static size_t take_held(struct ctm_lanes *l, struct ctm_lane *lane, uint32_t tag)
{
	struct ctm_begun *begun = &l->begun[tag];

	if (begun->previous == NONE)
		lane->first_held = begun->next;
	else
		l->begun[begun->previous].next = begun->next;
	if (begun->next == NONE)
		lane->last_held = begun->previous;
	else
		l->begun[begun->next].previous = begun->previous;
	lane->before--;
	return tag;
}

bool ctm_lanes_next(struct ctm_lanes *l, size_t lane, size_t *ret_tag)
{
	struct ctm_lane *at = &l->lanes[lane];

	if (at->failed || at->first_held == NONE || at->flying >= CTM_LANE_FLYING)
		return false;
	*ret_tag = take_held(l, at, at->first_held);
	l->begun[*ret_tag].stage = CTM_STAGE_FLYING;
	at->flying++;
	return true;
}

void ctm_lanes_end(struct ctm_lanes *l, size_t tag, bool failed)
{
	struct ctm_lane *lane = &l->lanes[l->begun[tag].lane];

	l->begun[tag].stage = CTM_STAGE_ENDED;
	lane->flying--;
	l->open--;
	l->begun[tag].failed = failed;
	lane->ended++;
	lane->failed += failed;
}

/* By how long the first has waited: how few ended since the last commit can be chance. */
static bool is_slow(const struct ctm_lanes *l, const struct ctm_lane *lane)
{
	return lane->before + lane->flying > lane->ahead &&
	       ctm_clock_boot_ms() - l->begun[lane->first_held].held_ms >= MOMENT_MS;
}

bool ctm_lanes_give_back(struct ctm_lanes *l, size_t *ret_tag)
{
	for (size_t i = 0; i < l->n; i++) {
		struct ctm_lane *lane = &l->lanes[i];

		if (lane->first_held == NONE || (!l->over && !lane->failed && !is_slow(l, lane)))
			continue;
		*ret_tag = take_held(l, lane, lane->last_held);
		l->begun[*ret_tag].stage = CTM_STAGE_UNMADE;
		l->open--;
		return true;
	}
	return false;
}

void ctm_lanes_close(struct ctm_lanes *l)
{
	l->over = true;
}

static void forget_progress(struct ctm_lanes *l, uint32_t job)
{
	for (unsigned i = 0; i < l->n_progress; i++) {
		if (l->progress[i] != job)
			continue;
		l->progress[i] = l->progress[--l->n_progress];
		return;
	}
}

void ctm_lanes_land(struct ctm_lanes *l, size_t tag)
{
	struct ctm_begun *begun = &l->begun[tag];
	struct ctm_lane *lane = &l->lanes[begun->lane];

	if (begun->stage == CTM_STAGE_RESERVED) {
		lane->before--;
		l->open--;
	} else if (begun->stage == CTM_STAGE_ENDED) {
		lane->ended--;
		lane->failed -= begun->failed;
	}
	if (begun->attempt.work == CTM_WORK_PROGRESS)
		forget_progress(l, begun->attempt.job);
	ctm_send_attempt_done(&begun->attempt);
	begun->stage = CTM_STAGE_NONE;
	l->free[CTM_LANES_ALL - 1 - --l->used] = (uint32_t)tag;
}

bool ctm_lanes_go_on(const struct ctm_lanes *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->lanes[i].flying || (l->lanes[i].first_held != NONE && !l->lanes[i].failed))
			return true;
	return false;
}

bool ctm_lanes_run_low(const struct ctm_lanes *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->lanes[i].ended >= limit_of(l, &l->lanes[i]) / 2)
			return true;
	return false;
}

void ctm_lanes_learn(struct ctm_lanes *l)
{
	for (size_t i = 0; i < l->n; i++) {
		struct ctm_lane *lane = &l->lanes[i];
		unsigned ahead = lane->failed ? 0 : 4 * lane->ended;

		if (!lane->ended)
			continue;
		if (ahead < CTM_LANE_FLYING)
			ahead = CTM_LANE_FLYING;
		lane->ahead = ahead < CTM_LANE_AHEAD ? ahead : CTM_LANE_AHEAD;
	}
}
