/* SPDX-License-Identifier: MIT */
/*
 * Random jobs, and random events of theirs, of others and again: whenever the last file of a job
 * has come, somebody has drained.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "drain.h"
#include "trigger.h"
#include "world.h"

#define JOBS 6u
#define FILES 60u
#define ROUNDS 10u

static void init(void)
{
	world_init();
	world_scanned();
}

TestSuite(trigger_property, .init = init, .fini = world_done, .timeout = 120);

struct job {
	uint32_t number; /* 0: not registered yet */
	uint32_t total;
	bool come[FILES];
	uint32_t n;
};

static uint64_t seed;

static uint32_t random_below(uint32_t n)
{
	seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407U;
	return (uint32_t)(seed >> 33) % n;
}

static bool hook(const char *name)
{
	const struct ctm_event event = world_event(CTM_EVENT_COMPLETE, 7, 1, name);
	struct ctm_inbox_place place;
	int r = ctm_inbox_append(world.state->dir_fd, &event, &place);

	cr_assert_geq(r, 0);
	if (r == 0 && !ctm_trigger_is_pulled(world.state, &event, &place))
		return false;
	cr_assert_eq(ctm_drain(world.state, r > 0, NULL), 0);
	return true;
}

static void add(struct job *job, unsigned id, unsigned place)
{
	char name[32];

	snprintf(name, sizeof name, "%u", place);
	job->total = 1 + random_below(FILES);
	job->number = world_add_counted(id, CTM_KIND_TOTALS, name, job->total);
}

/* A file of a job comes, or comes again. Whether somebody drained. */
static bool arrive(struct job *job, unsigned place)
{
	const uint32_t file = random_below(job->total);
	char name[64];
	bool drained;

	snprintf(name, sizeof name, "%u/%0*u", place, 1 + (int)(file % 40), file);
	drained = hook(name);
	job->n += !job->come[file];
	job->come[file] = true;
	cr_assert(job->n < job->total || world_job(job->number).state == CTM_JOB_VERIFYING,
		"seed %" PRIu64 ": all %u files have come, and nobody has drained", seed,
		job->total);
	return drained;
}

Test(trigger_property, last_one_drains)
{
	unsigned events = 0;
	unsigned drains = 0;
	unsigned id = 1;

	for (unsigned round = 0; round < ROUNDS; round++) {
		struct job jobs[JOBS] = {0};

		seed = round + 1;
		for (unsigned i = 0; i < 600; i++) {
			const unsigned which = random_below(JOBS);

			if (!jobs[which].number)
				add(&jobs[which], id++, round * JOBS + which);
			else if (random_below(5) == 0)
				drains += hook("nobody's");
			else
				drains += arrive(&jobs[which], round * JOBS + which);
			events++;
		}
	}
	cr_expect_lt(drains, events / 4, "%u of %u", drains, events);
}
