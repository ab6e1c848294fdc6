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

#define GIVE_UP_S 1000u

enum fact_type {
	EVIDENCE, /* the file is there: when it was seen, how, and for how many it stands */
	EVENT,    /* an event that is no evidence */
	CAUSE,    /* something went wrong with it */
	GIVEN_UP, /* and that was aria2's last word on it */
	FACT_TYPES,
};

struct fact {
	enum fact_type type;
	uint32_t file;
	enum ctm_event_type event;
	int64_t since_ms;
	uint32_t count;
	uint32_t hresult;
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
			.has_sha256 = dice_flip(d),
			.given_up = dice_below(d, 16) == 0,
			.evident = dice_below(d, 8) == 0,
		};
		ctm_job_add_file(&w->job, &w->files[i]);
	}
}

static void throw_facts(struct dice *d, struct scene *s, size_t limit)
{
	const bool causes = dice_flip(d);

	s->n_facts = dice_below(d, (uint32_t)limit + 1);
	for (size_t i = 0; i < s->n_facts; i++)
		s->facts[i] = (struct fact){
			.type = (enum fact_type)dice_below(d, causes ? FACT_TYPES : CAUSE),
			.file = dice_below(d, s->start.n_files),
			.event = (enum ctm_event_type)(1 + dice_below(d, 6)),
			.since_ms = 1 + dice_below(d, 50),
			.count = s->start.job.kind == CTM_KIND_LISTED ? 1 : 1 + dice_below(d, 5),
			.hresult = CTM_E_FAIL + dice_below(d, 3),
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
		.flags = dice_flip(d) ? CTM_FLAG_NOTIFYPROGRESS : 0,
		.chunk_size = dice_flip(d) ? 0 : 1000,
		.bytes_under_way = dice_flip(d) ? 0 : 123,
		.delete_on_error = dice_flip(d),
		.timeout_s = dice_flip(d) ? 0 : 10,
		.age_ms = (uint64_t)dice_below(d, 3) * 9999,
	};
	if (dice_below(d, 4) == 0)
		s.start.job.age_ms = GIVE_UP_S * UINT64_C(1000);
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

/* The words go with the number. */
static char *words_of(uint32_t hresult)
{
	static char words[][4] = {"one", "two", "six"};

	return words[hresult - CTM_E_FAIL];
}

static void note_cause(struct world *w, struct ctm_file *file, const struct fact *fact)
{
	const struct ctm_cause cause = {.hresult = fact->hresult,
		.since_ms = fact->since_ms,
		.text = words_of(fact->hresult)};

	cr_assert_geq(ctm_job_note_cause(&w->job, file, &cause, fact->type == GIVEN_UP), 0);
	cr_assert_eq(ctm_job_note_cause(&w->job, file, &cause, fact->type == GIVEN_UP), 0);
	ctm_job_remember(&w->job, &cause);
}

static void apply(struct world *w, const struct fact *fact)
{
	struct ctm_file *file = &w->files[fact->file];
	const struct ctm_sight sight = sight_at(fact->since_ms);

	switch (fact->type) {
	case EVENT:
		ctm_job_note_event(file, fact->event);
		ctm_job_note_begun(&w->job);
		break;
	case CAUSE:
	case GIVEN_UP:
		note_cause(w, file, fact);
		break;
	case EVIDENCE:
	case FACT_TYPES:
		ctm_job_note_count(&w->job, file, fact->count);
		ctm_job_note_evidence(&w->job, file);
		ctm_job_note_sight(&w->job, file, fact->since_ms, &sight);
		break;
	}
}

/* Only the words of causes are on the heap. */
static void world_done(struct world *w)
{
	for (uint32_t i = 0; i < w->n_files; i++) {
		free(w->files[i].why);
		w->files[i].why = NULL;
	}
}

static bool is_later(const struct fact *fact, int64_t since_ms, uint32_t hresult)
{
	return fact->since_ms > since_ms || (fact->since_ms == since_ms && fact->hresult > hresult);
}

/* A world, and what ctm_job_decide() is to find in it. */
struct expected {
	struct world world;
	enum ctm_decision decision;
};

static void expect_cause(struct world *w, struct ctm_file *file, const struct fact *fact)
{
	file->given_up |= fact->type == GIVEN_UP;
	if (is_later(fact, file->cause_ms, file->cause)) {
		file->cause = fact->hresult;
		file->cause_ms = fact->since_ms;
		file->why = words_of(fact->hresult);
	}
	if (is_later(fact, w->job.cause_ms, w->job.cause)) {
		w->job.cause = fact->hresult;
		w->job.cause_ms = fact->since_ms;
	}
}

static void expect_evidence(struct world *w, struct ctm_file *file, const struct fact *fact)
{
	if (!file->evident)
		w->job.bytes_under_way = 0;
	if (!file->evident && (w->job.flags & CTM_FLAG_NOTIFYPROGRESS))
		w->job.begun = true;
	file->evident = true;
	if (fact->count > file->count)
		file->count = fact->count;
	if (fact->since_ms > file->since_ms) {
		file->since_ms = fact->since_ms;
		file->sight = sight_at(fact->since_ms);
	}
}

/* The sums anew, from the files as they are. */
static void expect_sums(struct world *w)
{
	w->job.files_evident = w->job.files_given_up = w->job.files_hashed = 0;
	w->job.files_sized = 0;
	w->job.bytes_evident = w->job.bytes_sized = 0;
	for (uint32_t i = 0; i < w->n_files; i++) {
		const struct ctm_file *file = &w->files[i];
		const uint64_t seen = file->sight.known ? file->sight.size : 0;

		w->job.files_sized += file->has_size;
		w->job.bytes_sized += file->has_size ? file->size : 0;
		if (file->evident) {
			w->job.files_evident += file->count;
			w->job.bytes_evident += file->has_size ? file->size : seen;
		} else {
			w->job.files_given_up += file->given_up ? 1 : 0;
			w->job.files_hashed += file->has_sha256 ? 1 : 0;
		}
	}
}

static bool expect_complete(const struct world *w)
{
	const uint32_t evident = w->job.files_evident;

	switch (w->job.kind) {
	case CTM_KIND_LISTED:
		return w->job.files_total == w->n_files && evident == w->n_files;
	case CTM_KIND_TOTALS:
		return evident >= w->job.files_total;
	case CTM_KIND_SINGLE:
		return evident > 0;
	}
	return false;
}

/* What the facts say, counted without the functions under test. */
static struct expected expect(const struct scene *s)
{
	struct expected x = {.world = s->start};
	struct ctm_job *job = &x.world.job;

	for (size_t i = 0; i < s->n_facts; i++) {
		const struct fact *fact = &s->facts[i];
		struct ctm_file *file = &x.world.files[fact->file];

		if (fact->type == EVIDENCE) {
			expect_evidence(&x.world, file, fact);
		} else if (fact->type == EVENT) {
			file->events |= 1u << fact->event;
			job->begun |= (job->flags & CTM_FLAG_NOTIFYPROGRESS) != 0;
		} else {
			expect_cause(&x.world, file, fact);
		}
	}
	expect_sums(&x.world);
	if (expect_complete(&x.world)) {
		job->state = CTM_JOB_VERIFYING;
		x.decision = CTM_DECIDED_STATE;
	} else if (job->files_given_up && (!job->timeout_s || job->delete_on_error)) {
		x.decision = CTM_DECIDED_GIVE_UP;
	} else if (job->age_ms >= (job->timeout_s ? job->timeout_s : GIVE_UP_S) * 1000) {
		x.decision = CTM_DECIDED_DEADLINE;
	}
	return x;
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

/* Deciding twice changes nothing: a state is news once, an end is asked for until it is there. */
static void decide(const struct scene *s, struct world *w, enum ctm_decision decision)
{
	const enum ctm_job_state state = w->job.state;
	enum ctm_decision got = ctm_job_decide(&w->job, &now, GIVE_UP_S);

	/* An earlier one may have said so. */
	if (got == CTM_DECIDED_NOTHING && decision == CTM_DECIDED_STATE &&
		state == CTM_JOB_VERIFYING)
		got = CTM_DECIDED_STATE;
	cr_assert_eq(got, decision, "CTM_TEST_SEED=%llu, case %d: %d, not %d",
		(unsigned long long)s->seed, s->number, (int)got, (int)decision);
	got = ctm_job_decide(&w->job, &now, GIVE_UP_S);
	cr_assert_eq(got, decision == CTM_DECIDED_STATE ? CTM_DECIDED_NOTHING : decision);
}

static struct world run(
	const struct scene *s, const size_t *order, size_t n, enum ctm_decision decision)
{
	struct world w = s->start;

	for (size_t i = 0; i < n; i++)
		apply(&w, &s->facts[order[i]]);
	decide(s, &w, decision);
	return w;
}

/* Heap's algorithm. */
static void every_order(const struct scene *s, const struct expected *want, size_t *order, size_t k)
{
	if (k <= 1) {
		struct world got = run(s, order, s->n_facts, want->decision);

		compare(s, &got, &want->world);
		world_done(&got);
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
		struct expected want = expect(&s);
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
		struct expected want = expect(&s);

		for (int k = 0; k < SHUFFLES; k++) {
			size_t order[3 * FACTS_MAX];
			size_t n = repeat(&d, &s, order);
			struct world got = run(&s, order, n, want.decision);

			compare(&s, &got, &want.world);
			world_done(&got);
		}
	}
}

/* However the facts are spread over drains, each of which decides. */
Test(job_property, decided_in_between)
{
	struct dice d = dice_init();

	for (int i = 0; i < CASES; i++) {
		struct scene s = throw_scene(&d, i, FACTS_MAX);
		struct expected want = expect(&s);
		struct world got = s.start;
		size_t order[3 * FACTS_MAX];
		size_t n = repeat(&d, &s, order);

		for (size_t k = 0; k < n; k++) {
			apply(&got, &s.facts[order[k]]);
			if (dice_below(&d, 4) == 0)
				ctm_job_decide(&got.job, &now, GIVE_UP_S);
		}
		decide(&s, &got, want.decision);
		compare(&s, &got, &want.world);
		world_done(&got);
	}
}

/* What a look withdrew stays in the memory of the file alone. */
static void forget_withdrawal(struct ctm_file *file, const struct ctm_file *want)
{
	free(file->why);
	file->why = want->why ? strdup(want->why) : NULL;
	file->given_up = want->given_up;
	file->cause = want->cause;
	file->cause_ms = want->cause_ms;
}

/* What a look takes back, the same facts bring again. Only the cause remembers. */
Test(job_property, withdrawn_and_noted_again)
{
	struct dice d = dice_init();

	for (int i = 0; i < CASES; i++) {
		const struct ctm_cause cause = {
			.hresult = CTM_E_FILE_CORRUPT, .since_ms = 99, .text = "wrong"};
		struct scene s = throw_scene(&d, i, FACTS_MAX);
		struct expected want = expect(&s);
		size_t order[3 * FACTS_MAX];
		size_t n = repeat(&d, &s, order);
		struct world got = run(&s, order, n, want.decision);

		for (uint32_t k = 0; k < got.n_files; k++) {
			const bool again = !s.start.files[k].evident;

			if (again && dice_flip(&d))
				cr_assert_geq(ctm_job_withdraw(&got.job, &got.files[k], &cause), 0);
		}
		ctm_job_decide(&got.job, &now, GIVE_UP_S);
		for (size_t k = 0; k < n; k++)
			apply(&got, &s.facts[order[k]]);
		decide(&s, &got, want.decision);
		for (uint32_t k = 0; k < got.n_files; k++)
			forget_withdrawal(&got.files[k], &want.world.files[k]);
		compare(&s, &got, &want.world);
		world_done(&got);
	}
}

/* As the outbox tells it. */
static void tell(const struct scene *s, struct ctm_job *job)
{
	const uint64_t bytes = ctm_job_bytes_transferred(job);

	if (!ctm_job_wants_progress(job))
		return;
	cr_assert(job->flags & CTM_FLAG_NOTIFYPROGRESS);
	cr_assert(job->begun);
	cr_assert(!job->progress || bytes > job->bytes_told,
		"CTM_TEST_SEED=%llu, case %d: %llu bytes after %llu", (unsigned long long)s->seed,
		s->number, (unsigned long long)bytes, (unsigned long long)job->bytes_told);
	cr_assert(!job->progress || bytes - job->bytes_told >= job->chunk_size);
	job->progress++;
	job->bytes_told = bytes;
	cr_assert_not(ctm_job_wants_progress(job), "once");
}

/* However facts and polls come: progress goes forward, and not beyond the end. */
Test(job_property, progress_goes_forward)
{
	struct dice d = dice_init();

	for (int i = 0; i < CASES; i++) {
		struct scene s = throw_scene(&d, i, FACTS_MAX);
		struct world got = s.start;
		size_t order[3 * FACTS_MAX];
		size_t n = repeat(&d, &s, order);
		uint32_t told;

		for (size_t k = 0; k < n; k++) {
			apply(&got, &s.facts[order[k]]);
			if (dice_below(&d, 4) == 0)
				got.job.bytes_under_way = dice_below(&d, 5000);
			if (dice_flip(&d))
				tell(&s, &got.job);
		}
		tell(&s, &got.job);
		cr_assert(!got.job.begun || got.job.progress, "it has begun: that was told");
		told = got.job.progress;
		cr_assert_eq(ctm_job_end(&got.job, CTM_JOB_FAILED, &now), 0);
		got.job.bytes_under_way += 1000000;
		tell(&s, &got.job);
		cr_assert_eq(got.job.progress, told);
		world_done(&got);
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
			cr_assert_not(ctm_job_decide(&s.start.job, &now, GIVE_UP_S));
			cr_assert_lt(ctm_job_end(&s.start.job, CTM_JOB_SUCCEEDED, &now), 0);
		}
		cr_assert_eq(s.start.job.state, end, "CTM_TEST_SEED=%llu, case %d",
			(unsigned long long)s.seed, i);
		world_done(&s.start);
	}
}
