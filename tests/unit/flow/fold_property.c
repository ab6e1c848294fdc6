/* SPDX-License-Identifier: MIT */
/*
 * Folding by property: random jobs and events, in any order, repeated, and cut into any number of
 * transactions, leave the same jobs and files in the store.
 */
#include <stdlib.h>

#include <criterion/criterion.h>

#include "dice.h"
#include "same.h"
#include "world.h"

TestSuite(fold_property, .init = world_init, .fini = world_done, .timeout = 120);

#define CASES 40
#define ORDERS 6
#define JOBS 4
#define EVENTS_MAX 24
#define FILES_MAX 16

/* Few names and gids, so that events meet files. */
static const char *const names[] = {"a", "b", "t/a", "t/b", "t/s/c", "u/a", "a.torrent", "x/y"};
#define NAMES (sizeof names / sizeof *names)

struct scene {
	struct ctm_event events[EVENTS_MAX];
	size_t n_events;
	uint32_t n_files[JOBS];
	struct world_file files[JOBS][NAMES];
	enum ctm_kind kinds[JOBS];
	uint32_t totals[JOBS];
	const char *roots[JOBS];
};

static struct scene throw_scene(struct dice *d)
{
	struct scene s = {.n_events = 1 + dice_below(d, EVENTS_MAX)};

	for (int i = 0; i < JOBS; i++) {
		s.kinds[i] = (enum ctm_kind)(1 + dice_below(d, 3));
		s.totals[i] = 1 + dice_below(d, 8);
		s.roots[i] = dice_flip(d) ? "t" : "";
		for (size_t k = 0; s.kinds[i] == CTM_KIND_LISTED && k < NAMES; k++)
			if (dice_flip(d))
				s.files[i][s.n_files[i]++] = (struct world_file){.name = names[k],
					.size = dice_below(d, 50),
					.gid = dice_below(d, 3) ? 0 : 1 + dice_below(d, 3)};
	}
	for (size_t i = 0; i < s.n_events; i++) {
		static const enum ctm_event_type types[] = {CTM_EVENT_START, CTM_EVENT_ERROR,
			CTM_EVENT_COMPLETE, CTM_EVENT_COMPLETE, CTM_EVENT_BT_COMPLETE};
		uint32_t n_files = dice_below(d, 3) ? 1 : dice_below(d, 5);

		s.events[i] = world_event(types[dice_below(d, 5)], dice_below(d, 5), n_files,
			dice_below(d, 10) ? names[dice_below(d, NAMES)] : "");
		/* No two at the same time: which of those is the latest is left open. */
		s.events[i].wall_ms = (int64_t)(1 + dice_below(d, 100) * EVENTS_MAX + i);
		s.events[i].sight = (struct ctm_sight){
			.known = dice_flip(d), .inode = dice_below(d, 3), .size = dice_below(d, 3)};
	}
	return s;
}

struct outcome {
	struct ctm_job jobs[JOBS];
	struct ctm_file files[JOBS][FILES_MAX];
	uint32_t n_files[JOBS];
	bool verify[JOBS];
};

/* Counted files are numbered as they come: they are compared by path. */
static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct ctm_file *)a)->path, ((const struct ctm_file *)b)->path);
}

static struct outcome play(
	const struct scene *s, unsigned run, struct dice *d, const size_t *order, size_t n)
{
	struct ctm_event events[EVENTS_MAX * 3];
	struct outcome o = {0};
	uint32_t jobs[JOBS];

	for (int i = 0; i < JOBS; i++)
		jobs[i] = s->kinds[i] == CTM_KIND_LISTED
				  ? world_add_listed(run + (unsigned)i, s->files[i], s->n_files[i])
				  : world_add_counted(run + (unsigned)i, s->kinds[i], s->roots[i],
					    s->totals[i]);
	for (size_t i = 0; i < n; i++)
		events[i] = s->events[order[i]];
	for (size_t i = 0; i < n;) {
		size_t some = 1 + dice_below(d, (uint32_t)(n - i));

		world_fold(events + i, some);
		i += some;
	}
	for (int i = 0; i < JOBS; i++) {
		o.jobs[i] = world_job(jobs[i]);
		o.verify[i] = world_has_work(CTM_WORK_VERIFY, jobs[i]);
		for (uint32_t k = 1; k < o.jobs[i].next_file; k++) {
			o.files[i][o.n_files[i]] = world_file(jobs[i], k);
			o.files[i][o.n_files[i]++].job = 0;
		}
		if (s->kinds[i] != CTM_KIND_LISTED)
			qsort(o.files[i], o.n_files[i], sizeof o.files[i][0], by_path);
		/* What says when it was noted, or how often something changed, not what. */
		o.jobs[i].number = o.jobs[i].revision = 0;
		o.jobs[i].created_ms = 0;
		o.jobs[i].age_ms = 0;
		o.jobs[i].seen = o.jobs[i].look_from = (struct ctm_stamp){0};
		for (uint32_t k = 0; k < o.n_files[i]; k++)
			o.files[i][k].number = 0;
	}
	return o;
}

static bool same(const struct outcome *a, const struct outcome *b)
{
	bool same = true;

	for (int i = 0; i < JOBS; i++) {
		same &= same_job(&a->jobs[i], &b->jobs[i]) && a->n_files[i] == b->n_files[i] &&
			a->verify[i] == b->verify[i];
		for (uint32_t k = 0; same && k < a->n_files[i]; k++)
			same &= same_file(&a->files[i][k], &b->files[i][k]);
	}
	return same;
}

/* Each event at least once, and some of them again, in any order. */
static size_t repeat(struct dice *d, size_t n_events, size_t *order)
{
	size_t n = 0;

	while (n < n_events) {
		order[n] = n;
		n++;
	}
	for (uint32_t more = dice_below(d, EVENTS_MAX * 2); more; more--)
		order[n++] = dice_below(d, (uint32_t)n_events);
	dice_shuffle(d, order, n);
	return n;
}

Test(fold_property, order_and_repetition)
{
	struct dice d = dice_init();

	for (int c = 0; c < CASES; c++) {
		struct scene s;
		struct outcome first;

		/* A world of its own for each case, and jobs of their own for each order. */
		world_done();
		world_init();
		s = throw_scene(&d);
		for (unsigned k = 0; k < ORDERS; k++) {
			size_t order[EVENTS_MAX * 3];
			size_t n = repeat(&d, s.n_events, order);
			struct outcome o = play(&s, k * JOBS, &d, order, n);

			if (k == 0)
				first = o;
			else
				cr_assert(same(&o, &first), "CTM_TEST_SEED=%llu, case %d, order %u",
					(unsigned long long)d.seed, c, k);
		}
	}
}
