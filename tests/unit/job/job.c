/* SPDX-License-Identifier: MIT */
#include "job.h"

#include <errno.h>

#include <criterion/criterion.h>

#include "hresult.h"
#include "leaks.h"
#include "same.h"

TestSuite(job, .fini = ctm_test_check_leaks);

static const struct ctm_stamp now = {.boot = 1, .boot_ms = 1000000, .wall_ms = 1700000000123};

static struct ctm_stamp later(uint64_t ms)
{
	struct ctm_stamp stamp = now;

	stamp.boot_ms += ms;
	stamp.wall_ms += (int64_t)ms;
	return stamp;
}

static struct ctm_job job_of(enum ctm_kind kind, uint32_t files_total)
{
	return (struct ctm_job){
		.state = CTM_JOB_OPEN,
		.kind = kind,
		.files_total = files_total,
		.seen = now,
		.look_from = now,
	};
}

static struct ctm_file file_of(uint64_t size)
{
	return (struct ctm_file){.count = 1, .has_size = size > 0, .size = size};
}

Test(job, state_names)
{
	cr_expect_str_eq(ctm_job_state_name(CTM_JOB_OPEN), "open");
	cr_expect_str_eq(ctm_job_state_name(CTM_JOB_VERIFYING), "verifying");
	cr_expect_str_eq(ctm_job_state_name(CTM_JOB_SUCCEEDED), "succeeded");
	cr_expect_str_eq(ctm_job_state_name(CTM_JOB_FAILED), "failed");
	cr_expect_str_eq(ctm_job_state_name(CTM_JOB_CANCELLED), "cancelled");
	cr_expect_str_eq(ctm_job_state_name((enum ctm_job_state)0), "unknown");
	cr_expect_str_eq(ctm_job_state_name((enum ctm_job_state)6), "unknown");
}

Test(job, complete)
{
	static const struct {
		enum ctm_kind kind;
		uint32_t total, listed, evident;
		bool complete;
	} table[] = {
		{CTM_KIND_LISTED, 2, 2, 0, false},
		{CTM_KIND_LISTED, 2, 2, 1, false},
		{CTM_KIND_LISTED, 2, 2, 2, true},
		{CTM_KIND_LISTED, 2, 1, 1, false},
		{CTM_KIND_LISTED, 2, 3, 2, false},
		{CTM_KIND_LISTED, 2, 1, 2, false},
		{CTM_KIND_LISTED, 0, 0, 0, false},
		{CTM_KIND_TOTALS, 3, 2, 2, false},
		{CTM_KIND_TOTALS, 3, 3, 3, true},
		{CTM_KIND_TOTALS, 3, 1, 3, true},
		{CTM_KIND_TOTALS, 3, 4, 4, true},
		{CTM_KIND_TOTALS, 0, 0, 0, false},
		{CTM_KIND_TOTALS, 0, 1, 1, false},
		{CTM_KIND_SINGLE, 0, 0, 0, false},
		{CTM_KIND_SINGLE, 0, 1, 0, false},
		{CTM_KIND_SINGLE, 0, 1, 1, true},
		{CTM_KIND_SINGLE, 0, 1, 20, true},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct ctm_job job = job_of(table[i].kind, table[i].total);

		job.files_listed = table[i].listed;
		job.files_evident = table[i].evident;
		cr_expect_eq(ctm_job_is_complete(&job), table[i].complete, "row %zu", i);
		cr_expect_eq(ctm_job_decide(&job, &now), table[i].complete, "row %zu", i);
		cr_expect_eq(job.state, table[i].complete ? CTM_JOB_VERIFYING : CTM_JOB_OPEN);
	}
}

Test(job, evidence_counts_once)
{
	struct ctm_job job = job_of(CTM_KIND_LISTED, 2);
	struct ctm_file file = file_of(100);
	uint32_t revision;

	file.cause = CTM_E_FILE_CORRUPT;
	ctm_job_add_file(&job, &file);
	cr_expect_eq(job.files_listed, 1);
	cr_expect_eq(job.files_evident, 0);
	revision = job.revision;
	cr_expect(ctm_job_note_evidence(&job, &file));
	cr_expect(file.evident);
	cr_expect_eq(file.cause, 0, "it is there: what was wrong no longer counts");
	cr_expect_eq(job.files_evident, 1);
	cr_expect_eq(job.bytes_evident, 100);
	cr_expect_neq(job.revision, revision, "a look that has begun is out of date");
	revision = job.revision;
	cr_expect_not(ctm_job_note_evidence(&job, &file));
	cr_expect_eq(job.files_evident, 1);
	cr_expect_eq(job.bytes_evident, 100);
	cr_expect_eq(job.revision, revision);
}

Test(job, size_counts_only_where_it_is_known)
{
	struct ctm_job job = job_of(CTM_KIND_LISTED, 1);
	struct ctm_file file = file_of(0);

	file.size = 77; /* and has_size is not set */
	ctm_job_add_file(&job, &file);
	ctm_job_note_evidence(&job, &file);
	cr_expect_eq(job.files_evident, 1);
	cr_expect_eq(job.bytes_evident, 0);
	ctm_job_withdraw(&job, &file, CTM_E_FAIL);
	cr_expect_eq(job.bytes_evident, 0);
}

/* The most counts while it is evident: aria2 may say of a torrent again that it has fewer. */
Test(job, count)
{
	struct ctm_job job = job_of(CTM_KIND_TOTALS, 20);
	struct ctm_file file = file_of(0);

	ctm_job_add_file(&job, &file);
	cr_expect(ctm_job_note_count(&job, &file, 12));
	cr_expect_eq(job.files_evident, 0, "not evident yet");
	ctm_job_note_evidence(&job, &file);
	cr_expect_eq(job.files_evident, 12);
	cr_expect_not(ctm_job_note_count(&job, &file, 12), "nothing new");
	cr_expect_not(ctm_job_note_count(&job, &file, 3));
	cr_expect_eq(file.count, 12);
	cr_expect(ctm_job_note_count(&job, &file, 20));
	cr_expect_eq(job.files_evident, 20);
	ctm_job_withdraw(&job, &file, CTM_E_FILE_CORRUPT);
	cr_expect(ctm_job_note_count(&job, &file, 3), "what was wrong counts no more");
	ctm_job_note_evidence(&job, &file);
	cr_expect_eq(job.files_evident, 3);
}

Test(job, sight)
{
	struct ctm_job job = job_of(CTM_KIND_LISTED, 1);
	struct ctm_file file = file_of(0);
	struct ctm_sight sight = {
		.known = true, .inode = 1, .size = 2, .mtime_ns = 3, .ctime_ns = 4};
	uint32_t revision;

	ctm_job_add_file(&job, &file);
	cr_expect(ctm_job_note_sight(&job, &file, 1000, &sight));
	cr_expect_eq(file.since_ms, 1000);
	cr_expect(same_sight(&file.sight, &sight));
	revision = job.revision;
	cr_expect_not(ctm_job_note_sight(&job, &file, 1000, &sight), "nothing new");
	cr_expect(ctm_job_note_sight(&job, &file, 1001, &sight), "the latest counts");
	cr_expect_eq(file.since_ms, 1001);
	cr_expect_eq(job.revision, revision, "the file is as it was: a look of it stands");
	sight.inode = 9;
	cr_expect_not(ctm_job_note_sight(&job, &file, 999, &sight), "older news");
	cr_expect_eq(file.sight.inode, 1);
	for (int i = 0; i < 5; i++) {
		revision = job.revision;
		sight.inode += i == 0;
		sight.size += i == 1;
		sight.mtime_ns += i == 2;
		sight.ctime_ns += i == 3;
		sight.known = i != 4;
		cr_expect(ctm_job_note_sight(&job, &file, 2000 + i, &sight));
		cr_expect(same_sight(&file.sight, &sight));
		cr_expect_neq(job.revision, revision, "another file: a look of it is out of date");
	}
}

Test(job, events_are_a_set)
{
	struct ctm_file file = file_of(0);

	for (unsigned i = CTM_EVENT_START; i <= CTM_EVENT_BT_COMPLETE; i++) {
		cr_expect(ctm_job_note_event(&file, (enum ctm_event_type)i));
		cr_expect_not(ctm_job_note_event(&file, (enum ctm_event_type)i));
	}
	cr_expect_not(file.evident, "noting decides nothing");
}

Test(job, listens)
{
	struct ctm_file file = file_of(0);

	cr_expect(ctm_file_listens_to(&file, 5), "any gid, where it has none of its own");
	cr_expect(ctm_file_listens_to(&file, 0));
	file.gid = 5;
	cr_expect(ctm_file_listens_to(&file, 5));
	cr_expect_not(ctm_file_listens_to(&file, 6));
	cr_expect_not(ctm_file_listens_to(&file, 0));
}

Test(job, withdraw)
{
	struct ctm_job job = job_of(CTM_KIND_LISTED, 2);
	struct ctm_file files[] = {file_of(100), file_of(7)};
	struct ctm_stamp then = later(60000);

	for (int i = 0; i < 2; i++) {
		ctm_job_add_file(&job, &files[i]);
		ctm_job_note_evidence(&job, &files[i]);
	}
	cr_expect(ctm_job_decide(&job, &now));
	cr_expect_eq(job.state, CTM_JOB_VERIFYING);
	ctm_job_look_again(&job, &now);
	ctm_job_look_again(&job, &now);

	cr_expect(ctm_job_withdraw(&job, &files[0], CTM_E_HASH_VALUE));
	cr_expect_not(
		ctm_job_withdraw(&job, &files[0], CTM_E_FAIL), "there is nothing to withdraw");
	cr_expect_eq(files[0].cause, CTM_E_HASH_VALUE);
	cr_expect_eq(job.cause, CTM_E_HASH_VALUE);
	cr_expect_eq(job.files_evident, 1);
	cr_expect_eq(job.bytes_evident, 7);
	cr_expect(ctm_job_decide(&job, &now));
	cr_expect_eq(job.state, CTM_JOB_OPEN);
	cr_expect_not(ctm_job_decide(&job, &now));

	cr_expect(ctm_job_note_evidence(&job, &files[0]));
	cr_expect(ctm_job_decide(&job, &then));
	cr_expect_eq(job.state, CTM_JOB_VERIFYING);
	cr_expect_eq(job.bytes_evident, 107);
	cr_expect_eq(job.cause, CTM_E_HASH_VALUE, "the last cause stays with the job");
	cr_expect_eq(job.looks, 0, "a new look starts from the beginning");
	cr_expect_eq(ctm_job_look_due_ms(&job, &then), 0);
}

Test(job, files_come_and_go)
{
	struct ctm_job job = job_of(CTM_KIND_LISTED, 2);
	struct ctm_file files[] = {file_of(100), file_of(7)};

	ctm_job_add_file(&job, &files[0]);
	files[1].evident = true;
	ctm_job_add_file(&job, &files[1]);
	cr_expect_eq(job.files_listed, 2);
	cr_expect_eq(job.files_evident, 1, "it brings its evidence");
	cr_expect_eq(job.bytes_evident, 7);
	ctm_job_remove_file(&job, &files[0]);
	cr_expect_eq(job.files_listed, 1);
	cr_expect_eq(job.files_evident, 1);
	ctm_job_remove_file(&job, &files[1]);
	cr_expect_eq(job.files_listed, 0);
	cr_expect_eq(job.files_evident, 0);
	cr_expect_eq(job.bytes_evident, 0);
}

Test(job, looks_again)
{
	static const uint64_t steps_ms[] = {1000, 2000, 5000, 15000, 60000, 300000, 300000, 300000};
	struct ctm_job job = job_of(CTM_KIND_SINGLE, 0);
	struct ctm_stamp then = now;

	job.files_evident = 1;
	cr_expect(ctm_job_decide(&job, &now));
	cr_expect_eq(ctm_job_look_due_ms(&job, &now), 0, "the first look is due at once");
	for (size_t i = 0; i < sizeof steps_ms / sizeof *steps_ms; i++) {
		ctm_job_look_again(&job, &then);
		cr_expect_eq(ctm_job_look_due_ms(&job, &then), steps_ms[i], "step %zu", i);
		then.boot_ms += steps_ms[i] - 1;
		cr_expect_eq(ctm_job_look_due_ms(&job, &then), 1, "step %zu", i);
		then.boot_ms += 1;
		cr_expect_eq(ctm_job_look_due_ms(&job, &then), 0, "step %zu", i);
	}
	cr_expect_eq(job.state, CTM_JOB_VERIFYING);
}

Test(job, look_and_clocks)
{
	struct ctm_job job = job_of(CTM_KIND_SINGLE, 0);
	struct ctm_stamp then = now;

	for (int i = 0; i < 6; i++)
		ctm_job_look_again(&job, &now);
	then.wall_ms -= INT64_C(86400000) * 365;
	cr_expect_eq(ctm_job_look_due_ms(&job, &then), 300000);
	then.boot = 2;
	then.boot_ms = 3;
	cr_expect_eq(ctm_job_look_due_ms(&job, &then), 300000, "never further away than its step");
	then.wall_ms = now.wall_ms + 300000;
	cr_expect_eq(ctm_job_look_due_ms(&job, &then), 0);
}

Test(job, age)
{
	struct ctm_job job = job_of(CTM_KIND_LISTED, 1);
	struct ctm_stamp then = later(5000);

	ctm_job_grow_older(&job, &then);
	cr_expect_eq(job.age_ms, 5000);
	ctm_job_grow_older(&job, &then);
	cr_expect_eq(job.age_ms, 5000, "no time has passed");

	then.wall_ms += INT64_C(86400000) * 3650;
	ctm_job_grow_older(&job, &then);
	cr_expect_eq(job.age_ms, 5000, "a jump of the wall clock ends no job");
	then.wall_ms -= INT64_C(86400000) * 7300;
	then.boot_ms += 1000;
	ctm_job_grow_older(&job, &then);
	cr_expect_eq(job.age_ms, 6000);

	then.boot = 2;
	then.boot_ms = 100;
	then.wall_ms += 30000;
	ctm_job_grow_older(&job, &then);
	cr_expect_eq(job.age_ms, 36000, "across boots the wall clock tells");
	then.boot = 3;
	then.boot_ms = 5000000;
	then.wall_ms -= 1000000;
	ctm_job_grow_older(&job, &then);
	cr_expect_eq(job.age_ms, 36000, "it never grows younger");
	then.boot_ms += 10;
	ctm_job_grow_older(&job, &then);
	cr_expect_eq(job.age_ms, 36010, "and goes on from there");

	then.boot = 0;
	then.wall_ms += 7;
	ctm_job_grow_older(&job, &then);
	cr_expect_eq(job.age_ms, 36017, "an unknown boot: the wall clock");
}

Test(job, first_end_stands)
{
	struct ctm_job job = job_of(CTM_KIND_SINGLE, 0);
	struct ctm_job before;
	struct ctm_stamp then = later(9000);

	job.age_ms = 55;
	cr_expect_not(ctm_job_has_ended(&job));
	cr_expect_eq(ctm_job_end(&job, CTM_JOB_FAILED, &then), 0);
	cr_expect(ctm_job_has_ended(&job));
	cr_expect_eq(job.state, CTM_JOB_FAILED);
	cr_expect_eq(job.ended_s, 1700000009);
	cr_expect_eq(job.age_ms, 0, "from now on it is the age of the end");
	before = job;
	cr_expect_eq(ctm_job_end(&job, CTM_JOB_SUCCEEDED, &now), -EALREADY);
	job.files_evident = before.files_evident = 1;
	cr_expect_not(ctm_job_decide(&job, &now));
	cr_expect(same_job(&job, &before), "nothing has changed");
}

Test(job, ended_states)
{
	static const bool ended[] = {[CTM_JOB_OPEN] = false,
		[CTM_JOB_VERIFYING] = false,
		[CTM_JOB_SUCCEEDED] = true,
		[CTM_JOB_FAILED] = true,
		[CTM_JOB_CANCELLED] = true};

	for (unsigned i = CTM_JOB_OPEN; i <= CTM_JOB_CANCELLED; i++) {
		struct ctm_job job = {.state = (enum ctm_job_state)i};

		cr_expect_eq(ctm_job_has_ended(&job), ended[i], "%s",
			ctm_job_state_name((enum ctm_job_state)i));
	}
}

Test(job, done)
{
	struct ctm_job_text text = {.id = strdup("a"),
		.endpoint = strdup("b"),
		.client_data = strdup("c"),
		.content_id = strdup("d"),
		.content_version = strdup("e"),
		.local_path = strdup("f"),
		.sidecar = strdup("g"),
		.cause = strdup("h")};
	struct ctm_file file = {.path = strdup("x")};

	ctm_job_text_done(&text);
	cr_expect_null(text.cause);
	ctm_job_text_done(&text);
	ctm_file_done(&file);
	ctm_file_done(&file);
}
