/* SPDX-License-Identifier: MIT */
/*
 * Folding by property: random jobs and events, in any order, repeated, and cut into any number of
 * transactions, leave the same jobs and files in the store.
 *
 * A job that does not wait for another try ends with the first transaction whose facts say so, and
 * a completion that comes in a later one finds it ended. So where there are such jobs, orders are
 * compared in one transaction each; of those that are cut only what must hold in any is asserted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	bool ends[JOBS]; /* it does not wait: an error can end it */
	bool deletes[JOBS];
	bool wants_progress[JOBS];
	int64_t created_ms[JOBS];
	bool in_one; /* one of them does not wait */
};

static struct scene throw_scene(struct dice *d)
{
	struct scene s = {.n_events = 1 + dice_below(d, EVENTS_MAX)};
	const bool may_end = dice_flip(d);

	for (int i = 0; i < JOBS; i++) {
		s.kinds[i] = (enum ctm_kind)(1 + dice_below(d, 3));
		s.totals[i] = 1 + dice_below(d, 8);
		s.roots[i] = dice_flip(d) ? "t" : "";
		s.ends[i] = may_end && dice_flip(d);
		s.deletes[i] = s.ends[i] && dice_flip(d);
		s.wants_progress[i] = dice_flip(d);
		/* Some errors are from well before. */
		s.created_ms[i] = dice_flip(d) ? 0 : 61200;
		s.in_one |= s.ends[i];
		for (size_t k = 0; s.kinds[i] == CTM_KIND_LISTED && k < NAMES; k++)
			if (dice_flip(d))
				s.files[i][s.n_files[i]++] = (struct world_file){.name = names[k],
					.size = dice_below(d, 50),
					.gid = dice_below(d, 3) ? 0 : 1 + dice_below(d, 3)};
	}
	for (size_t i = 0; i < s.n_events; i++) {
		static const enum ctm_event_type types[] = {CTM_EVENT_START, CTM_EVENT_STOP,
			CTM_EVENT_ERROR, CTM_EVENT_COMPLETE, CTM_EVENT_COMPLETE,
			CTM_EVENT_BT_COMPLETE};
		uint32_t n_files = dice_below(d, 3) ? 1 : dice_below(d, 5);

		s.events[i] = world_event(types[dice_below(d, 6)], dice_below(d, 5), n_files,
			dice_below(d, 10) ? names[dice_below(d, NAMES)] : "");
		/* No two at the same time: which of those is the latest is left open. */
		s.events[i].wall_ms = (int64_t)(1 + dice_below(d, 100) * EVENTS_MAX + i);
		s.events[i].sight = (struct ctm_sight){
			.known = dice_flip(d), .inode = dice_below(d, 3), .size = dice_below(d, 3)};
		s.events[i].sight.absent = !s.events[i].sight.known && dice_flip(d);
	}
	return s;
}

struct outcome {
	struct ctm_job jobs[JOBS];
	struct ctm_file files[JOBS][FILES_MAX];
	uint32_t n_files[JOBS];
	struct ctm_message messages[JOBS];
	struct ctm_message progress[JOBS];
	bool verify[JOBS];
	bool send[JOBS];
};

/* Counted files are numbered as they come: they are compared by path. */
static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct ctm_file *)a)->path, ((const struct ctm_file *)b)->path);
}

struct adjusting {
	const struct scene *scene;
	int i;
	uint32_t job;
};

/* As the scene says; and nothing has ended here before. */
static int adjust_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct adjusting *a = context;
	const struct scene *s = a->scene;
	struct ctm_job job;

	(void)e;
	cr_assert_eq(ctm_store_job_get(txn, a->job, &job), 0);
	job.timeout_s = s->ends[a->i] && !s->deletes[a->i] ? 0 : 3600;
	job.delete_on_error = s->deletes[a->i];
	job.flags = s->wants_progress[a->i] ? CTM_FLAG_NOTIFYPROGRESS : 0;
	job.created_ms = s->created_ms[a->i];
	cr_assert_eq(ctm_store_ended_put(txn, world.dl, 0), 0);
	cr_assert_eq(ctm_store_ended_put(txn, world_path("t"), 0), 0);
	return ctm_store_job_put(txn, &job);
}

static void add_jobs(const struct scene *s, unsigned run, uint32_t jobs[JOBS])
{
	for (int i = 0; i < JOBS; i++) {
		struct adjusting a = {.scene = s, .i = i};

		a.job = jobs[i] =
			s->kinds[i] == CTM_KIND_LISTED
				? world_add_listed(run + (unsigned)i, s->files[i], s->n_files[i])
				: world_add_counted(run + (unsigned)i, s->kinds[i], s->roots[i],
					  s->totals[i]);
		world_update(adjust_body, &a);
	}
}

static void end(struct ctm_job *job)
{
	job->state = CTM_JOB_CANCELLED;
}

/* They claim nothing any more. */
static void end_jobs(const uint32_t jobs[JOBS])
{
	for (int i = 0; i < JOBS; i++)
		world_change(jobs[i], end);
}

static void collect_files(struct outcome *o, int i, uint32_t job)
{
	for (uint32_t k = 1; k < o->jobs[i].next_file; k++) {
		struct ctm_file file = world_file(job, k);

		if (!file.path)
			continue;
		file.job = file.number = 0;
		cr_assert_lt(o->n_files[i], FILES_MAX);
		o->files[i][o->n_files[i]++] = file;
	}
	if (o->n_files[i])
		qsort(o->files[i], o->n_files[i], sizeof o->files[i][0], by_path);
}

static struct outcome collect(const uint32_t jobs[JOBS])
{
	struct outcome o = {0};

	for (int i = 0; i < JOBS; i++) {
		o.jobs[i] = world_job(jobs[i]);
		o.messages[i] = world_message(jobs[i]);
		o.progress[i] = world_progress(jobs[i]);
		o.verify[i] = world_has_work(CTM_WORK_VERIFY, jobs[i]);
		o.send[i] = world_has_work(CTM_WORK_SEND, jobs[i]);
		collect_files(&o, i, jobs[i]);
		/* What says when it was noted, or how often something changed, not what. */
		o.jobs[i].number = o.jobs[i].revision = 0;
		o.jobs[i].age_ms = 0;
		o.jobs[i].ended_s = 0;
		o.jobs[i].seen = o.jobs[i].look_from = (struct ctm_stamp){0};
	}
	return o;
}

/* In one transaction; or cut, where progress tells how. */
static struct outcome play(
	const struct scene *s, unsigned run, struct dice *d, const size_t *order, size_t n)
{
	struct ctm_event events[EVENTS_MAX * 3];
	struct outcome o;
	uint32_t jobs[JOBS];

	add_jobs(s, run, jobs);
	for (size_t i = 0; i < n; i++)
		events[i] = s->events[order[i]];
	for (size_t i = 0; i < n;) {
		size_t some = s->in_one ? n : 1 + dice_below(d, (uint32_t)(n - i));

		world_fold(events + i, some);
		i += some;
	}
	o = collect(jobs);
	for (int i = 0; i < JOBS && !s->in_one; i++) {
		cr_expect_eq(o.progress[i].source != NULL, o.jobs[i].begun);
		o.jobs[i].progress = 0;
		o.jobs[i].bytes_told = 0;
		o.progress[i] = (struct ctm_message){0};
	}
	end_jobs(jobs);
	return o;
}

static bool same_word(const struct ctm_message *a, const struct ctm_message *b)
{
	return a->kind == b->kind && a->error_code == b->error_code &&
	       same_text(a->error_message, b->error_message) && a->sequence == b->sequence &&
	       a->progress_type == b->progress_type &&
	       a->bytes_transferred == b->bytes_transferred && a->bytes_total == b->bytes_total &&
	       a->files_transferred == b->files_transferred;
}

static bool same(const struct outcome *a, const struct outcome *b)
{
	bool same = true;

	for (int i = 0; i < JOBS; i++) {
		same &= same_job(&a->jobs[i], &b->jobs[i]) && a->n_files[i] == b->n_files[i] &&
			a->verify[i] == b->verify[i] && a->send[i] == b->send[i] &&
			same_word(&a->messages[i], &b->messages[i]) &&
			same_word(&a->progress[i], &b->progress[i]);
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

/* What must hold of every job at every moment, whatever came before. */
static void check(const struct scene *s, const struct outcome *before, const struct outcome *now,
	const char *where)
{
	for (int i = 0; i < JOBS; i++) {
		const struct ctm_job *job = &now->jobs[i];
		const struct ctm_message *word = &now->messages[i];

		cr_assert_neq(job->state, CTM_JOB_SUCCEEDED, "%s: nobody has looked", where);
		cr_assert_neq(job->state, CTM_JOB_CANCELLED, "%s", where);
		cr_assert(s->ends[i] || job->state != CTM_JOB_FAILED, "%s: it waits", where);
		cr_assert_eq(word->source != NULL, job->state == CTM_JOB_FAILED, "%s", where);
		cr_assert_eq(now->send[i], job->state == CTM_JOB_FAILED, "%s", where);
		cr_assert_eq(now->verify[i], job->state == CTM_JOB_VERIFYING, "%s", where);
		cr_assert(!word->source || word->kind == CTM_MESSAGE_ERROR, "%s", where);
		cr_assert(
			!word->source || (word->error_code && word->error_message[0]), "%s", where);
		cr_assert(!word->source || !now->progress[i].source, "%s: progress after the end",
			where);
		cr_assert_geq(job->progress, before->jobs[i].progress, "%s", where);
		cr_assert_geq(job->bytes_told, before->jobs[i].bytes_told, "%s", where);
		if (before->messages[i].source)
			cr_assert(same_word(word, &before->messages[i]) &&
					  word->time_s == before->messages[i].time_s,
				"%s: another final word", where);
	}
}

Test(fold_property, cut_anywhere)
{
	struct dice d = dice_init();

	for (int c = 0; c < CASES; c++) {
		char where[80];
		struct scene s;

		world_done();
		world_init();
		s = throw_scene(&d);
		snprintf(where, sizeof where, "CTM_TEST_SEED=%llu, case %d",
			(unsigned long long)d.seed, c);
		for (unsigned k = 0; k < 2; k++) {
			struct outcome before = {0};
			size_t order[EVENTS_MAX * 3];
			size_t n = repeat(&d, s.n_events, order);
			uint32_t jobs[JOBS];

			add_jobs(&s, k * JOBS, jobs);
			for (size_t i = 0; i < n;) {
				struct ctm_event events[EVENTS_MAX * 3];
				size_t some = 1 + dice_below(&d, (uint32_t)(n - i));
				struct outcome now;

				for (size_t m = 0; m < some; m++)
					events[m] = s.events[order[i + m]];
				world_fold(events, some);
				now = collect(jobs);
				check(&s, &before, &now, where);
				before = now;
				i += some;
			}
			end_jobs(jobs);
		}
	}
}
