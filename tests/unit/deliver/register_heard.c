/* SPDX-License-Identifier: MIT */
/* A sidecar comes when the event of its file was taken by another job. */
#include "register_heard.h"

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "sides.h"
#include "sight.h"
#include "world.h"

TestSuite(register_heard, .init = world_init, .fini = world_done);

#define FILES 2000 /* more than MANY */

static const char *const one[] = {"a"};
static const char *const two[] = {"b", "a"};

/* A job of a and c, to which a came by an event with gid 7. */
static uint32_t earlier(uint64_t gid)
{
	const struct world_file files[] = {{"a", 0, gid}, {"c", 0, 0}};
	const uint32_t job = world_add_listed(1, files, 2);
	struct ctm_event event = world_event(CTM_EVENT_COMPLETE, 7, 1, "a");

	event.sight = ctm_sight_see(scratch_write("dl/a", "1234567"));
	cr_assert_eq(world_fold(&event, 1), 1);
	cr_assert(world_file(job, 1).evident);
	return job;
}

static bool is_heard(struct ctm_sidecar *sidecar, uint32_t number)
{
	const struct ctm_registration reg = sides_register(sidecar, false);

	return world_file(reg.job, number).evident;
}

Test(register_heard, as_it_was_seen)
{
	const uint32_t job = earlier(0);
	const struct ctm_registration reg = sides_register(sides_listed(2, "two", 2, two), false);
	const struct ctm_file heard = world_file(reg.job, 2);
	const struct ctm_file from = world_file(job, 1);

	cr_expect(heard.evident && !heard.inferred && heard.sight.known);
	cr_expect_eq(heard.since_ms, from.since_ms);
	cr_expect_eq(heard.sight.inode, from.sight.inode);
	cr_expect_eq(heard.device, from.device);
	cr_expect_not(world_file(reg.job, 1).evident);
	cr_expect_eq(world_job(reg.job).files_evident, 1);
	cr_expect_eq(world_job(reg.job).state, CTM_JOB_OPEN);
	/* All of another's: it is to be looked at. */
	cr_expect_eq(world_job(sides_register(sides_listed(3, "three", 1, one), false).job).state,
		CTM_JOB_VERIFYING);
}

/* A file with a gid hears of that download only, and that is known of a file that has it too. */
Test(register_heard, gids)
{
	static const struct {
		uint64_t other;
		uint64_t own;
		bool heard;
	} cases[] = {{0, 0, true}, {7, 0, true}, {7, 7, true}, {0, 7, false}, {7, 8, false}};

	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		char name[16];
		struct ctm_sidecar *sidecar;

		world_done();
		world_init();
		snprintf(name, sizeof name, "s%u", i);
		earlier(cases[i].other);
		sidecar = sides_listed(2, name, 1, one);
		sidecar->files[0].gid = cases[i].own;
		cr_expect_eq(is_heard(sidecar, 1), cases[i].heard, "%u", i);
	}
}

/* What came for version 1 of some content is no news of version 2. */
Test(register_heard, another_version)
{
	static const struct {
		const char *id;
		const char *version;
		bool heard;
	} cases[] = {{"PS100042", "3", true}, {"PS100042", "4", false}, {"PS100043", "4", true},
		{"", "4", true}};

	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct ctm_event event;
		struct ctm_sidecar *sidecar;

		world_done();
		world_init();
		event = world_event(CTM_EVENT_COMPLETE, 7, 1, "a");
		/* Of PS100042, version 3. */
		sides_register(sides_listed(1, "one", 2, two), false);
		event.sight = ctm_sight_see(scratch_write("dl/a", "1234567"));
		cr_assert_eq(world_fold(&event, 1), 1);
		sidecar = sides_listed(2, "two", 1, one);
		sidecar->content_id = world_text_of(cases[i].id);
		sidecar->content_version = world_text_of(cases[i].version);
		cr_expect_eq(is_heard(sidecar, 1), cases[i].heard, "%u", i);
	}
}

/* One that is added to the list of a job that is known; one that was there hears for itself. */
Test(register_heard, added_later)
{
	struct ctm_sidecar *sidecar = sides_listed(2, "two", 1, two);

	earlier(0);
	cr_expect_not(is_heard(sidecar, 1));
	sidecar = sides_listed(2, "two", 2, two);
	cr_expect(is_heard(sidecar, 2));
}

static void long_ago(struct ctm_job *job)
{
	job->created_ms -= 7200000;
}

Test(register_heard, too_long_ago)
{
	const struct world_file files[] = {{"a", 0, 0}, {"c", 0, 0}};
	const uint32_t job = world_add_listed(1, files, 2);
	struct ctm_event event;

	scratch_write("dl/a", "1234567");
	world_change(job, long_ago);
	event = world_event(CTM_EVENT_COMPLETE, 7, 1, "a");
	event.wall_ms -= (int64_t)world.config->unclaimed_s * 1000 + 1;
	cr_assert_eq(world_fold(&event, 1), 1);
	cr_expect_not(is_heard(sides_listed(2, "two", 1, one), 1));
}

/* The place of one that has ended is another matter: see is_of_an_earlier_job(). */
Test(register_heard, ended)
{
	sides_end(earlier(0));
	cr_expect_not(is_heard(sides_listed(2, "two", 1, one), 1));
}

static struct ctm_sidecar *long_list(unsigned id, const char *name)
{
	static char names[FILES][8];
	static const char *paths[FILES];

	for (unsigned i = 0; i < FILES; i++) {
		snprintf(names[i], sizeof names[i], "n%u", i);
		paths[i] = names[i];
	}
	paths[FILES - 1] = "a";
	return sides_listed(id, name, FILES, paths);
}

Test(register_heard, long_list)
{
	struct ctm_registration reg;

	earlier(0);
	reg = sides_register(long_list(2, "long"), false);
	cr_expect(world_file(reg.job, FILES).evident);
	cr_expect_eq(world_job(reg.job).files_evident, 1);
}

/* No job may know of it: there is one elsewhere, and one to which nothing came. */
Test(register_heard, long_list_alone)
{
	const uint32_t counted = world_add_counted(1, CTM_KIND_TOTALS, "other", 2);
	const struct world_file files[] = {{"a", 0, 0}, {"c", 0, 0}};
	struct ctm_registration reg;

	scratch_make_dir("dl/other");
	scratch_write("dl/other/x", "x");
	world_add_listed(3, files, 2);
	cr_assert_eq(world_fold_one(CTM_EVENT_COMPLETE, 7, 1, "other/x"), 1);
	cr_assert_eq(world_job(counted).files_evident, 1);
	reg = sides_register(long_list(2, "long"), false);
	cr_expect_eq(world_job(reg.job).files_evident, 0);
	cr_expect_eq(world_job(reg.job).files_listed, FILES);
}
