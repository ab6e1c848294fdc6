/* SPDX-License-Identifier: MIT */
/*
 * The job by property: facts form sets. Random jobs and random facts, in every order (small sets)
 * or in many, with repetitions and with decisions in between, end in the same records and the same
 * decision, which is also the one that a plain count of the facts gives.
 */
#include "job.h"

#include <criterion/criterion.h>

#include "dice.h"
#include "hresult.h"
#include "leaks.h"
#include "same.h"

TestSuite(job_property, .fini = ctm_test_check_leaks);

#define CASES 300
#define FILES_MAX 12
#define FACTS_MAX 48
#define ALL_ORDERS 6 /* facts; 720 orders */
#define SHUFFLES 40

enum fact_type {
	EVIDENCE, /* the file is there: when it was seen, how, and for how many it stands */
	EVENT,    /* an event that is no evidence */
};

struct fact {
	enum fact_type type;
	uint32_t file;
	enum ctm_event_type event;
	int64_t since_ms;
	uint32_t count;
};

struct world {
	struct ctm_job job;
	struct ctm_file files[FILES_MAX];
	uint32_t n_files;
};

struct scene {
	struct world start;
	struct fact facts[FACTS_MAX];
	size_t n_facts;
	uint64_t seed;
	int number;
};

static const struct ctm_stamp now = {.boot = 1, .boot_ms = 77, .wall_ms = 1700000000000};

static void throw_files(struct dice *d, struct world *w)
{
	w->n_files = 1 + dice_below(d, FILES_MAX);
	for (uint32_t i = 0; i < w->n_files; i++) {
		w->files[i] = (struct ctm_file){
			.number = i + 1,
			.count = 1,
			.has_size = dice_flip(d),
			.size = dice_u64(d) >> dice_below(d, 64),
			.evident = dice_below(d, 8) == 0,
		};
		ctm_job_add_file(&w->job, &w->files[i]);
	}
}

static void throw_facts(struct dice *d, struct scene *s, size_t limit)
{
	s->n_facts = dice_below(d, (uint32_t)limit + 1);
	for (size_t i = 0; i < s->n_facts; i++)
		s->facts[i] = (struct fact){
			.type = (enum fact_type)dice_below(d, 2),
			.file = dice_below(d, s->start.n_files),
			.event = (enum ctm_event_type)(1 + dice_below(d, 6)),
			.since_ms = 1 + dice_below(d, 50),
			.count = s->start.job.kind == CTM_KIND_LISTED ? 1 : 1 + dice_below(d, 5),
		};
	/* Half of them are about to be complete. */
	for (uint32_t i = 0; dice_flip(d) && i < s->start.n_files && s->n_facts < limit; i++)
		s->facts[s->n_facts++] = (struct fact){.file = i, .since_ms = 1, .count = 1};
}

static struct scene throw_scene(struct dice *d, int number, size_t limit)
{
	struct scene s = {.seed = d->seed, .number = number};

	s.start.job = (struct ctm_job){
		.state = CTM_JOB_OPEN,
		.kind = (enum ctm_kind)(1 + dice_below(d, 3)),
		.next_file = 1,
		.seen = now,
		.look_from = now,
	};
	throw_files(d, &s.start);
	if (s.start.job.kind == CTM_KIND_LISTED)
		s.start.job.files_total = s.start.n_files - (dice_below(d, 8) == 0);
	else if (s.start.job.kind == CTM_KIND_TOTALS)
		s.start.job.files_total = 1 + dice_below(d, s.start.n_files * 2);
	throw_facts(d, &s, limit);
	return s;
}

/* A file looks the same to all who see it at the same time. */
static struct ctm_sight sight_at(int64_t since_ms)
{
	return (struct ctm_sight){.known = since_ms % 5 != 0,
		.inode = (uint64_t)since_ms / 10,
		.size = (uint64_t)since_ms % 3};
}

static void apply(struct world *w, const struct fact *fact)
{
	struct ctm_file *file = &w->files[fact->file];
	const struct ctm_sight sight = sight_at(fact->since_ms);

	if (fact->type == EVENT) {
		ctm_job_note_event(file, fact->event);
		return;
	}
	ctm_job_note_count(&w->job, file, fact->count);
	ctm_job_note_evidence(&w->job, file);
	ctm_job_note_sight(&w->job, file, fact->since_ms, &sight);
}

/* What the facts say, counted without the functions under test. */
static struct world expect(const struct scene *s)
{
	struct world w = s->start;

	for (size_t i = 0; i < s->n_facts; i++) {
		const struct fact *fact = &s->facts[i];
		struct ctm_file *file = &w.files[fact->file];

		if (fact->type == EVENT) {
			file->events |= 1u << fact->event;
			continue;
		}
		file->evident = true;
		if (fact->count > file->count)
			file->count = fact->count;
		if (fact->since_ms > file->since_ms) {
			file->since_ms = fact->since_ms;
			file->sight = sight_at(fact->since_ms);
		}
	}
	w.job.files_evident = 0;
	w.job.bytes_evident = 0;
	for (uint32_t i = 0; i < w.n_files; i++) {
		w.job.files_evident += w.files[i].evident ? w.files[i].count : 0;
		w.job.bytes_evident +=
			w.files[i].evident && w.files[i].has_size ? w.files[i].size : 0;
	}
	if (w.job.kind == CTM_KIND_LISTED
			? w.job.files_total == w.n_files && w.job.files_evident == w.n_files
		: w.job.kind == CTM_KIND_TOTALS ? w.job.files_evident >= w.job.files_total
						: w.job.files_evident > 0)
		w.job.state = CTM_JOB_VERIFYING;
	return w;
}

/* `now` is the same in every run, so only the revision, a count of changes, may differ. */
static void compare(const struct scene *s, const struct world *got, const struct world *want)
{
	struct ctm_job a = got->job;
	struct ctm_job b = want->job;
	bool same;

	a.revision = b.revision = 0;
	same = same_job(&a, &b);
	for (uint32_t i = 0; i < got->n_files; i++)
		same &= same_file(&got->files[i], &want->files[i]);
	cr_assert(same,
		"CTM_TEST_SEED=%llu, case %d (%s, %u files, %zu facts): %s with %u files and %llu "
		"bytes evident, not %s with %u and %llu",
		(unsigned long long)s->seed, s->number, ctm_kind_name(a.kind), got->n_files,
		s->n_facts, ctm_job_state_name(a.state), a.files_evident,
		(unsigned long long)a.bytes_evident, ctm_job_state_name(b.state), b.files_evident,
		(unsigned long long)b.bytes_evident);
}

static struct world run(const struct scene *s, const size_t *order, size_t n)
{
	struct world w = s->start;

	for (size_t i = 0; i < n; i++)
		apply(&w, &s->facts[order[i]]);
	ctm_job_decide(&w.job, &now);
	cr_expect_not(ctm_job_decide(&w.job, &now), "deciding twice changes nothing");
	return w;
}

/* Heap's algorithm. */
static void every_order(const struct scene *s, const struct world *want, size_t *order, size_t k)
{
	if (k <= 1) {
		struct world got = run(s, order, s->n_facts);

		compare(s, &got, want);
		return;
	}
	for (size_t i = 0; i < k; i++) {
		size_t j = k % 2 ? 0 : i;
		size_t item;

		every_order(s, want, order, k - 1);
		item = order[j];
		order[j] = order[k - 1];
		order[k - 1] = item;
	}
}

Test(job_property, every_order_of_few_facts)
{
	struct dice d = dice_init();

	for (int i = 0; i < CASES; i++) {
		struct scene s = throw_scene(&d, i, ALL_ORDERS);
		struct world want = expect(&s);
		size_t order[ALL_ORDERS];

		for (size_t k = 0; k < ALL_ORDERS; k++)
			order[k] = k;
		every_order(&s, &want, order, s.n_facts);
	}
}

/* Each fact at least once, then up to twice as many that are there already, shuffled. */
static size_t repeat(struct dice *d, const struct scene *s, size_t *order)
{
	size_t n = s->n_facts;

	for (size_t i = 0; i < s->n_facts; i++)
		order[i] = i;
	if (s->n_facts)
		for (uint32_t more = dice_below(d, 2 * FACTS_MAX); more; more--)
			order[n++] = dice_below(d, (uint32_t)s->n_facts);
	dice_shuffle(d, order, n);
	return n;
}

Test(job_property, shuffled_and_repeated)
{
	struct dice d = dice_init();

	for (int i = 0; i < CASES; i++) {
		struct scene s = throw_scene(&d, i, FACTS_MAX);
		struct world want = expect(&s);

		for (int k = 0; k < SHUFFLES; k++) {
			size_t order[3 * FACTS_MAX];
			size_t n = repeat(&d, &s, order);
			struct world got = run(&s, order, n);

			compare(&s, &got, &want);
		}
	}
}

/* However the facts are spread over drains, each of which decides. */
Test(job_property, decided_in_between)
{
	struct dice d = dice_init();

	for (int i = 0; i < CASES; i++) {
		struct scene s = throw_scene(&d, i, FACTS_MAX);
		struct world want = expect(&s);
		struct world got = s.start;
		size_t order[3 * FACTS_MAX];
		size_t n = repeat(&d, &s, order);

		for (size_t k = 0; k < n; k++) {
			apply(&got, &s.facts[order[k]]);
			if (dice_below(&d, 4) == 0)
				ctm_job_decide(&got.job, &now);
		}
		ctm_job_decide(&got.job, &now);
		compare(&s, &got, &want);
	}
}

/* What a look takes back, the same facts bring again. Only the cause remembers. */
Test(job_property, withdrawn_and_noted_again)
{
	struct dice d = dice_init();

	for (int i = 0; i < CASES; i++) {
		struct scene s = throw_scene(&d, i, FACTS_MAX);
		struct world want = expect(&s);
		size_t order[3 * FACTS_MAX];
		size_t n = repeat(&d, &s, order);
		struct world got = run(&s, order, n);

		for (uint32_t k = 0; k < got.n_files; k++) {
			const bool again = !s.start.files[k].evident;

			if (again && dice_flip(&d))
				ctm_job_withdraw(&got.job, &got.files[k], CTM_E_FILE_CORRUPT);
		}
		ctm_job_decide(&got.job, &now);
		for (size_t k = 0; k < n; k++)
			apply(&got, &s.facts[order[k]]);
		ctm_job_decide(&got.job, &now);
		got.job.cause = 0;
		compare(&s, &got, &want);
	}
}

/* After the end nothing moves any more, whatever is noted. */
Test(job_property, the_end_stands)
{
	struct dice d = dice_init();

	for (int i = 0; i < CASES; i++) {
		struct scene s = throw_scene(&d, i, FACTS_MAX);
		const enum ctm_job_state end =
			(enum ctm_job_state)(CTM_JOB_SUCCEEDED + dice_below(&d, 3));

		cr_assert_eq(ctm_job_end(&s.start.job, end, &now), 0);
		for (size_t k = 0; k < s.n_facts; k++) {
			apply(&s.start, &s.facts[k]);
			cr_assert_not(ctm_job_decide(&s.start.job, &now));
			cr_assert_lt(ctm_job_end(&s.start.job, CTM_JOB_SUCCEEDED, &now), 0);
		}
		cr_assert_eq(s.start.job.state, end, "CTM_TEST_SEED=%llu, case %d",
			(unsigned long long)s.seed, i);
	}
}
