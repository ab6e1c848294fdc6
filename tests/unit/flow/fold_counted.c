/* SPDX-License-Identifier: MIT */
#include "fold_counted.h"

#include <errno.h>

#include <criterion/criterion.h>

#include "world.h"

TestSuite(fold_counted, .init = world_init, .fini = world_done);

struct counting {
	struct ctm_event event;
	const struct ctm_poll *poll;
	struct ctm_fold fold;
	int r;
};

static int count_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct counting *c = context;

	(void)e;
	ctm_fold_again(&c->fold);
	c->r = ctm_fold_counted(txn, &c->event, c->poll, &c->fold);
	return c->r < 0 ? c->r : ctm_fold_decide(txn, &c->fold);
}

static int count(struct ctm_event event, const struct ctm_poll *poll)
{
	struct counting c = {
		.event = event, .poll = poll, .fold = {.config = world.config, .now = world_now()}};

	world_update(count_body, &c);
	ctm_fold_done(&c.fold);
	return c.r;
}

static int count_one(const char *name, uint32_t n)
{
	return count(world_event(CTM_EVENT_COMPLETE, 7, n, name), NULL);
}

Test(fold_counted, each_path_once)
{
	uint32_t job = world_add_counted(1, CTM_KIND_TOTALS, "c", 9);

	cr_expect_eq(count_one("c/a", 1), 1);
	cr_expect_eq(count_one("c/a", 1), 1);
	cr_expect_eq(count_one("c/t/x", 4), 1);
	cr_expect_eq(count_one("c", 1), 0);
	cr_expect_eq(count_one("d/a", 1), 0);
	cr_expect_eq(count_one("c/a.torrent", 1), 0);
	cr_expect_eq(world_job(job).files_evident, 5);
	cr_expect_eq(world_job(job).files_listed, 2);
	cr_expect_eq(count_one("c/t/x", 9), 1, "the most counts");
	cr_expect_eq(count_one("c/t/x", 2), 1);
	cr_expect_eq(world_job(job).files_evident, 10);
	cr_expect_eq(world_job(job).state, CTM_JOB_VERIFYING);
}

/* What a poll repeats is passed over, and what was found wrong since. */
Test(fold_counted, poll)
{
	uint32_t job = world_add_counted(1, CTM_KIND_TOTALS, "c", 9);
	const struct ctm_poll poll = {.known = {.since_ms = 0}};
	uint32_t revision;

	cr_expect_eq(count(world_event(CTM_EVENT_COMPLETE, 7, 2, "c/a"), &poll), 1);
	cr_expect_eq(world_job(job).files_evident, 2);
	cr_expect(world_file(job, 1).inferred, "the last look doubts it");
	revision = world_job(job).revision;
	cr_expect_eq(count(world_event(CTM_EVENT_COMPLETE, 7, 9, "c/a"), &poll), 0);
	cr_expect_eq(world_job(job).files_evident, 2);
	cr_expect_eq(world_job(job).revision, revision);
}

struct visited {
	uint32_t jobs[8];
	size_t n;
	int answer;
};

static int collect(struct ctm_txn *txn, const struct ctm_job *job, void *context)
{
	struct visited *v = context;

	(void)txn;
	v->jobs[v->n++] = job->number;
	return v->answer;
}

struct walking {
	const char *path;
	struct visited visited;
	int r;
};

static int walk_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct walking *w = context;

	(void)e;
	w->visited.n = 0;
	w->r = ctm_fold_roots(txn, w->path, collect, &w->visited);
	return 0;
}

static struct walking walk(const char *path, int answer)
{
	struct walking w = {.path = path, .visited = {.answer = answer}};

	world_update(walk_body, &w);
	return w;
}

static void end(struct ctm_job *job)
{
	job->state = CTM_JOB_FAILED;
}

Test(fold_counted, roots)
{
	static const struct world_file files[] = {{"c/a", 0, 0}};
	uint32_t outer = world_add_counted(1, CTM_KIND_TOTALS, "", 9);
	uint32_t inner = world_add_counted(2, CTM_KIND_SINGLE, "c", 0);
	struct walking w;

	world_add_counted(3, CTM_KIND_TOTALS, "d", 9);
	world_add_listed(4, files, 1);
	w = walk(world_path("c/a"), 0);
	cr_expect_eq(w.r, 0);
	cr_assert_eq(w.visited.n, 2);
	cr_expect(w.visited.jobs[0] + w.visited.jobs[1] == outer + inner);
	w = walk(world_path("c"), 0);
	cr_assert_eq(w.visited.n, 1, "nothing lies below itself");
	cr_expect_eq(w.visited.jobs[0], outer);
	cr_expect_eq(walk(world_path("c/a"), -EDOM).r, -EDOM);
	world_change(outer, end);
	cr_expect_eq(walk(world_path("c/a"), 0).visited.n, 1, "ended jobs claim nothing");
}
