/* SPDX-License-Identifier: MIT */
#include "job.h"

#include <errno.h>

#include <criterion/criterion.h>

#include "hresult.h"
#include "leaks.h"
#include "same.h"

TestSuite(job, .fini = ctm_test_check_leaks);

#define WEEK_S 604800u
#define WEEK_MS (WEEK_S * UINT64_C(1000))

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

static struct ctm_cause cause_of(uint32_t hresult, int64_t since_ms)
{
	return (struct ctm_cause){.hresult = hresult, .since_ms = since_ms, .text = "it is wrong"};
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
		cr_expect_eq(ctm_job_decide(&job, &now, WEEK_S),
			table[i].complete ? CTM_DECIDED_STATE : CTM_DECIDED_NOTHING, "row %zu", i);
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
	cr_expect_eq(file.cause, CTM_E_FILE_CORRUPT, "what was wrong is remembered");
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
	const struct ctm_cause cause = cause_of(CTM_E_FAIL, 1);
	struct ctm_job job = job_of(CTM_KIND_LISTED, 1);
	struct ctm_file file = file_of(0);

	file.size = 77; /* and has_size is not set */
	ctm_job_add_file(&job, &file);
	ctm_job_note_evidence(&job, &file);
	cr_expect_eq(job.files_evident, 1);
	cr_expect_eq(job.bytes_evident, 0);
	cr_expect_eq(ctm_job_withdraw(&job, &file, &cause), 1);
	cr_expect_eq(job.bytes_evident, 0);
	ctm_file_done(&file);
}

/* Where the sidecar gives no size, what the hook saw counts. */
Test(job, size_that_was_seen)
{
	const struct ctm_sight sight = {.known = true, .size = 40};
	const struct ctm_sight longer = {.known = true, .size = 50};
	const struct ctm_sight unseen = {.size = 60};
	const struct ctm_cause cause = cause_of(CTM_E_FAIL, 1);
	struct ctm_job job = job_of(CTM_KIND_LISTED, 2);
	struct ctm_file files[] = {file_of(0), file_of(7)};

	for (int i = 0; i < 2; i++) {
		ctm_job_add_file(&job, &files[i]);
		ctm_job_note_sight(&job, &files[i], 1000, &sight);
		cr_expect_eq(job.bytes_evident, 0 + 40 * (uint64_t)i, "none before the evidence");
		ctm_job_note_evidence(&job, &files[i]);
	}
	cr_expect_eq(job.bytes_evident, 47, "the sidecar's size goes before what was seen");
	ctm_job_note_sight(&job, &files[0], 1001, &longer);
	ctm_job_note_sight(&job, &files[1], 1001, &longer);
	cr_expect_eq(job.bytes_evident, 57);
	ctm_job_note_sight(&job, &files[0], 1002, &unseen);
	cr_expect_eq(job.bytes_evident, 7);
	ctm_job_note_sight(&job, &files[0], 1003, &sight);
	cr_expect_eq(ctm_job_withdraw(&job, &files[0], &cause), 1);
	cr_expect_eq(job.bytes_evident, 7);
	ctm_job_remove_file(&job, &files[1]);
	cr_expect_eq(job.bytes_evident, 0);
	ctm_file_done(&files[0]);
}

/* The most counts while it is evident: aria2 may say of a torrent again that it has fewer. */
Test(job, count)
{
	const struct ctm_cause cause = cause_of(CTM_E_FILE_CORRUPT, 1);
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
	ctm_job_withdraw(&job, &file, &cause);
	cr_expect(ctm_job_note_count(&job, &file, 3), "what was wrong counts no more");
	ctm_job_note_evidence(&job, &file);
	cr_expect_eq(job.files_evident, 3);
	ctm_file_done(&file);
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

static void complete_two(struct ctm_job *job, struct ctm_file files[2])
{
	files[0] = file_of(100);
	files[1] = file_of(7);
	for (int i = 0; i < 2; i++) {
		ctm_job_add_file(job, &files[i]);
		ctm_job_note_evidence(job, &files[i]);
	}
	cr_assert_eq(ctm_job_decide(job, &now, WEEK_S), CTM_DECIDED_STATE);
	cr_assert_eq(job->state, CTM_JOB_VERIFYING);
}

/* With a deadline of its own the job waits for the download to be added again. */
Test(job, withdraw)
{
	const struct ctm_cause hash = cause_of(CTM_E_HASH_VALUE, 77);
	const struct ctm_cause other = cause_of(CTM_E_FAIL, 78);
	const struct ctm_sight sight = {.known = true, .inode = 5};
	struct ctm_job job = job_of(CTM_KIND_LISTED, 2);
	struct ctm_file files[2];
	struct ctm_stamp then = later(50000);
	uint32_t revision;

	job.timeout_s = 60;
	complete_two(&job, files);
	ctm_job_look_again(&job, &now);
	ctm_job_look_again(&job, &now);
	ctm_job_note_sight(&job, &files[0], 1000, &sight);

	revision = job.revision;
	cr_expect_eq(ctm_job_withdraw(&job, &files[0], &hash), 1);
	cr_expect_neq(job.revision, revision);
	cr_expect_eq(ctm_job_withdraw(&job, &files[0], &other), 0, "there is nothing to withdraw");
	cr_expect_eq(files[0].cause, CTM_E_HASH_VALUE);
	cr_expect_eq(files[0].cause_ms, 77);
	cr_expect_str_eq(files[0].why, "it is wrong");
	cr_expect(files[0].given_up, "that counts as giving up on it");
	cr_expect_eq(job.files_given_up, 1);
	cr_expect_eq(files[0].since_ms, 0, "whatever comes next is news");
	cr_expect_not(files[0].sight.known);
	cr_expect_eq(job.files_evident, 1);
	cr_expect_eq(job.bytes_evident, 7);
	cr_expect_eq(ctm_job_decide(&job, &now, WEEK_S), CTM_DECIDED_STATE);
	cr_expect_eq(job.state, CTM_JOB_OPEN);
	cr_expect_eq(ctm_job_decide(&job, &now, WEEK_S), CTM_DECIDED_NOTHING);

	cr_expect(ctm_job_note_evidence(&job, &files[0]));
	cr_expect_eq(job.files_given_up, 0, "it is there: that it was given up counts no more");
	cr_expect_eq(ctm_job_decide(&job, &then, WEEK_S), CTM_DECIDED_STATE);
	cr_expect_eq(job.state, CTM_JOB_VERIFYING);
	cr_expect_eq(job.bytes_evident, 107);
	cr_expect_eq(job.looks, 0, "a new look starts from the beginning");
	cr_expect_eq(ctm_job_look_due_ms(&job, &then), 0);
	ctm_file_done(&files[0]);
}

/* Without one, or where the first error is to end it, it fails. */
Test(job, withdrawn_and_not_waiting)
{
	for (int i = 0; i < 2; i++) {
		const struct ctm_cause cause = cause_of(CTM_E_HASH_VALUE, 77);
		struct ctm_job job = job_of(CTM_KIND_LISTED, 2);
		struct ctm_file files[2];

		job.timeout_s = i ? 60 : 0;
		job.delete_on_error = i;
		complete_two(&job, files);
		cr_expect_eq(ctm_job_withdraw(&job, &files[1], &cause), 1);
		cr_expect_eq(ctm_job_decide(&job, &now, WEEK_S), CTM_DECIDED_GIVE_UP);
		cr_expect_eq(job.state, CTM_JOB_VERIFYING, "who ends it says so");
		ctm_file_done(&files[1]);
	}
}

/* Success, then giving up, then the deadline. */
Test(job, decides_in_order)
{
	static const struct {
		bool complete, given_up, late;
		uint64_t timeout_s;
		bool delete_on_error;
		enum ctm_decision decision;
	} table[] = {
		{true, true, true, 0, true, CTM_DECIDED_STATE},
		{true, true, true, 60, false, CTM_DECIDED_STATE},
		{true, false, true, 0, false, CTM_DECIDED_STATE},
		{false, true, true, 0, false, CTM_DECIDED_GIVE_UP},
		{false, true, true, 60, true, CTM_DECIDED_GIVE_UP},
		{false, true, true, 60, false, CTM_DECIDED_DEADLINE},
		{false, true, false, 60, false, CTM_DECIDED_NOTHING},
		{false, true, false, 0, false, CTM_DECIDED_GIVE_UP},
		{false, true, false, 60, true, CTM_DECIDED_GIVE_UP},
		{false, false, true, 0, true, CTM_DECIDED_DEADLINE},
		{false, false, true, 60, true, CTM_DECIDED_DEADLINE},
		{false, false, false, 60, true, CTM_DECIDED_NOTHING},
		{false, false, false, 0, false, CTM_DECIDED_NOTHING},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		struct ctm_job job = job_of(CTM_KIND_LISTED, 2);
		const struct ctm_stamp then = later(!table[i].late       ? 59999
						    : table[i].timeout_s ? 60000
									 : WEEK_MS);

		job.timeout_s = table[i].timeout_s;
		job.delete_on_error = table[i].delete_on_error;
		job.files_listed = 2;
		job.files_evident = table[i].complete ? 2 : 1;
		job.files_given_up = table[i].given_up;
		cr_expect_eq(ctm_job_decide(&job, &then, WEEK_S), table[i].decision, "row %zu", i);
		job.suspended = true;
		job.state = CTM_JOB_OPEN;
		cr_expect_eq(ctm_job_decide(&job, &then, WEEK_S), CTM_DECIDED_NOTHING,
			"row %zu, suspended", i);
		job.suspended = false;
		cr_assert_eq(ctm_job_end(&job, CTM_JOB_CANCELLED, &then), 0);
		cr_expect_eq(ctm_job_decide(&job, &then, WEEK_S), CTM_DECIDED_NOTHING,
			"row %zu, ended", i);
	}
}

Test(job, cause)
{
	struct ctm_job job = job_of(CTM_KIND_LISTED, 1);
	struct ctm_file file = file_of(0);
	struct ctm_cause cause = cause_of(CTM_E_FAIL, 1000);
	uint32_t revision;

	ctm_job_add_file(&job, &file);
	revision = job.revision;
	cr_expect_eq(ctm_job_note_cause(&job, &file, &cause, false), 1);
	cr_expect_eq(ctm_job_note_cause(&job, &file, &cause, false), 0, "nothing new");
	cr_expect_eq(file.cause, CTM_E_FAIL);
	cr_expect_eq(file.cause_ms, 1000);
	cr_expect_str_eq(file.why, "it is wrong");
	cr_expect_eq(job.files_given_up, 0);
	cause = (struct ctm_cause){.hresult = CTM_E_TIMEOUT, .since_ms = 999, .text = "older"};
	cr_expect_eq(ctm_job_note_cause(&job, &file, &cause, false), 0, "older news");
	cr_expect_str_eq(file.why, "it is wrong");
	cr_expect_eq(ctm_job_note_cause(&job, &file, &cause, true), 1, "that it gave up is news");
	cr_expect_eq(ctm_job_note_cause(&job, &file, &cause, true), 0);
	cr_expect_eq(job.files_given_up, 1);
	cr_expect_eq(file.cause, CTM_E_FAIL, "and the latest cause counts still");
	cause.since_ms = 1000;
	cause.text = "at the same time";
	cr_expect_eq(ctm_job_note_cause(&job, &file, &cause, false), 1);
	cr_expect_eq(file.cause, CTM_E_TIMEOUT, "of two at the same time always the same one");
	cause.hresult = CTM_E_FAIL;
	cr_expect_eq(ctm_job_note_cause(&job, &file, &cause, false), 0);
	cr_expect_eq(job.revision, revision, "no look depends on it");
	ctm_job_remove_file(&job, &file);
	cr_expect_eq(job.files_given_up, 0, "it takes that with it");
	ctm_file_done(&file);
}

/* aria2 gave up on a file that another download has brought: that counts when it is taken back. */
/* Registered by then, or within a minute; but that minute was an earlier job's. */
Test(job, is_concerned)
{
	static const struct {
		int64_t wall_ms, ended_ms; /* it was registered at 1000000 */
		bool concerned;
	} table[] = {
		{1000000, 0, true},
		{1000001, 0, true},
		{999999, 0, true},
		{940000, 0, true},
		{939999, 0, false},
		{999999, 999999, false},
		{999999, 5, false},
		{999999, 1000000, false},
		{999999, 1000001, true},
		{940000, 1000001, true},
		{939999, 1000001, false},
		{1000000, 999999, true},
		{1000000, 1000000, true},
		{INT64_MAX - 60000, 999999, true},
	};
	const struct ctm_job job = {.created_ms = 1000000};

	for (unsigned i = 0; i < sizeof table / sizeof *table; i++)
		cr_expect_eq(ctm_job_is_concerned(&job, table[i].wall_ms, table[i].ended_ms),
			table[i].concerned, "row %u", i);
}

Test(job, given_up_while_evident)
{
	const struct ctm_cause cause = cause_of(CTM_E_FAIL, 1000);
	struct ctm_job job = job_of(CTM_KIND_LISTED, 1);
	struct ctm_file file = file_of(5);

	ctm_job_add_file(&job, &file);
	ctm_job_note_evidence(&job, &file);
	cr_expect_eq(ctm_job_note_cause(&job, &file, &cause, true), 1);
	cr_expect_eq(job.files_given_up, 0);
	cr_expect_eq(ctm_job_decide(&job, &now, WEEK_S), CTM_DECIDED_STATE);
	cr_expect_eq(job.state, CTM_JOB_VERIFYING);
	cr_expect_eq(ctm_job_withdraw(&job, &file, &cause), 1);
	cr_expect_eq(job.files_given_up, 1);
	ctm_file_done(&file);
}

Test(job, remembers_the_latest)
{
	struct ctm_job job = job_of(CTM_KIND_LISTED, 1);
	struct ctm_cause cause = cause_of(CTM_E_FAIL, 1000);

	cr_expect(ctm_job_remember(&job, &cause));
	cr_expect_not(ctm_job_remember(&job, &cause));
	cause = cause_of(CTM_E_TIMEOUT, 999);
	cr_expect_not(ctm_job_remember(&job, &cause));
	cr_expect_eq(job.cause, CTM_E_FAIL);
	cause.since_ms = 1001;
	cr_expect(ctm_job_remember(&job, &cause));
	cr_expect_eq(job.cause, CTM_E_TIMEOUT);
	cr_expect_eq(job.cause_ms, 1001);
}

Test(job, hashes_that_are_waited_for)
{
	const struct ctm_cause cause = cause_of(CTM_E_HASH_VALUE, 1);
	struct ctm_job job = job_of(CTM_KIND_LISTED, 2);
	struct ctm_file files[] = {file_of(5), file_of(5)};

	files[0].has_sha256 = true;
	for (int i = 0; i < 2; i++)
		ctm_job_add_file(&job, &files[i]);
	cr_expect_eq(job.files_hashed, 1);
	cr_expect_eq(job.files_sized, 2);
	cr_expect_eq(job.bytes_sized, 10);
	for (int i = 0; i < 2; i++)
		ctm_job_note_evidence(&job, &files[i]);
	cr_expect_eq(job.files_hashed, 0);
	ctm_job_withdraw(&job, &files[0], &cause);
	cr_expect_eq(job.files_hashed, 1);
	ctm_job_remove_file(&job, &files[0]);
	cr_expect_eq(job.files_hashed, 0);
	cr_expect_eq(job.files_sized, 1);
	cr_expect_eq(job.bytes_sized, 5);
	ctm_file_done(&files[0]);
}

Test(job, time_left)
{
	struct ctm_job job = job_of(CTM_KIND_LISTED, 1);
	struct ctm_stamp then = later(5000);

	cr_expect_eq(ctm_job_time_left_ms(&job, &now, WEEK_S), WEEK_MS);
	cr_expect_eq(ctm_job_time_left_ms(&job, &then, WEEK_S), WEEK_MS - 5000);
	job.timeout_s = 6;
	cr_expect_eq(ctm_job_time_left_ms(&job, &then, WEEK_S), 1000);
	job.age_ms = 999;
	cr_expect_eq(ctm_job_time_left_ms(&job, &then, WEEK_S), 1);
	job.age_ms = 1000;
	cr_expect_eq(ctm_job_time_left_ms(&job, &then, WEEK_S), 0);
	job.age_ms = UINT64_C(1) << 60;
	cr_expect_eq(ctm_job_time_left_ms(&job, &then, WEEK_S), 0);
	job.age_ms = 0;
	job.timeout_s = UINT32_MAX;
	cr_expect_eq(ctm_job_time_left_ms(&job, &now, WEEK_S), UINT32_MAX * UINT64_C(1000));
	then = now;
	then.wall_ms += INT64_C(86400000) * 365 * 30;
	cr_expect_eq(ctm_job_time_left_ms(&job, &then, WEEK_S), UINT32_MAX * UINT64_C(1000),
		"a jump of the wall clock ends no job");
	job.suspended = true;
	cr_expect_eq(ctm_job_time_left_ms(&job, &then, WEEK_S), UINT64_MAX);
	job.suspended = false;
	ctm_job_end(&job, CTM_JOB_FAILED, &then);
	cr_expect_eq(ctm_job_time_left_ms(&job, &then, WEEK_S), UINT64_MAX);
}

Test(job, suspend_and_resume)
{
	struct ctm_job job = job_of(CTM_KIND_LISTED, 1);
	struct ctm_stamp then = later(5000);
	const struct ctm_stamp long_after = later(WEEK_MS * 9);
	uint32_t revision = job.revision;

	job.files_listed = job.files_evident = 1;
	cr_expect_eq(ctm_job_resume(&job, &now), -EALREADY);
	cr_expect_eq(ctm_job_decide(&job, &now, WEEK_S), CTM_DECIDED_STATE);
	cr_expect_eq(ctm_job_suspend(&job, &then), 0);
	cr_expect_neq(job.revision, revision, "a look that has begun is out of date");
	cr_expect_eq(ctm_job_suspend(&job, &then), -EALREADY);
	cr_expect_eq(job.age_ms, 5000);
	cr_expect_eq(ctm_job_decide(&job, &then, WEEK_S), CTM_DECIDED_STATE);
	cr_expect_eq(job.state, CTM_JOB_OPEN, "nothing is looked at");
	cr_expect_eq(ctm_job_decide(&job, &long_after, WEEK_S), CTM_DECIDED_NOTHING);
	revision = job.revision;
	cr_expect_eq(ctm_job_resume(&job, &long_after), 0);
	cr_expect_neq(job.revision, revision);
	cr_expect_eq(job.age_ms, 5000, "suspended time is no time");
	cr_expect_eq(ctm_job_time_left_ms(&job, &long_after, WEEK_S), WEEK_MS - 5000);
	cr_expect_eq(ctm_job_decide(&job, &long_after, WEEK_S), CTM_DECIDED_STATE);
	cr_expect_eq(job.state, CTM_JOB_VERIFYING);
	ctm_job_end(&job, CTM_JOB_SUCCEEDED, &long_after);
	cr_expect_eq(ctm_job_suspend(&job, &long_after), -EALREADY);
}

Test(job, begun)
{
	struct ctm_job job = job_of(CTM_KIND_LISTED, 1);
	struct ctm_file file = file_of(5);

	cr_expect_not(ctm_job_note_begun(&job), "nobody wants to know");
	cr_expect_not(job.begun);
	job.flags = CTM_FLAG_NOTIFYPROGRESS;
	cr_expect(ctm_job_note_begun(&job));
	cr_expect_not(ctm_job_note_begun(&job));
	job.begun = false;
	ctm_job_add_file(&job, &file);
	ctm_job_note_evidence(&job, &file);
	cr_expect(job.begun, "evidence is an event of the job");
}

Test(job, wants_progress)
{
	struct ctm_job job = job_of(CTM_KIND_LISTED, 1);

	job.chunk_size = 100;
	job.begun = true;
	cr_expect_not(ctm_job_wants_progress(&job));
	job.flags = CTM_FLAG_NOTIFYPROGRESS;
	cr_expect(ctm_job_wants_progress(&job), "the first, when something was seen");
	job.begun = false;
	cr_expect_not(ctm_job_wants_progress(&job));
	job.progress = 1;
	job.bytes_under_way = 99;
	cr_expect_not(ctm_job_wants_progress(&job), "less than a chunk");
	job.bytes_evident = 1;
	cr_expect(ctm_job_wants_progress(&job));
	job.bytes_told = 1;
	cr_expect_not(ctm_job_wants_progress(&job));
	job.bytes_told = 500;
	cr_expect_not(ctm_job_wants_progress(&job), "it never goes back");
	job.bytes_told = 100;
	job.chunk_size = 0;
	cr_expect_not(ctm_job_wants_progress(&job), "nothing is new");
	job.bytes_told = 99;
	cr_expect(ctm_job_wants_progress(&job));
	job.suspended = true;
	cr_expect_not(ctm_job_wants_progress(&job));
	job.suspended = false;
	ctm_job_end(&job, CTM_JOB_FAILED, &now);
	cr_expect_not(ctm_job_wants_progress(&job), "none after the end");
}

Test(job, bytes)
{
	struct ctm_job job = job_of(CTM_KIND_LISTED, 2);
	struct ctm_file files[] = {file_of(100), file_of(7)};

	ctm_job_add_file(&job, &files[0]);
	cr_expect_eq(ctm_job_bytes_total(&job), 0, "not known: one has no size");
	ctm_job_add_file(&job, &files[1]);
	cr_expect_eq(ctm_job_bytes_total(&job), 107);
	job.has_bytes_total = true;
	job.bytes_total = 200;
	cr_expect_eq(ctm_job_bytes_total(&job), 200);
	job.bytes_under_way = 30;
	cr_expect_eq(ctm_job_bytes_transferred(&job), 30);
	ctm_job_note_evidence(&job, &files[0]);
	cr_expect_eq(ctm_job_bytes_transferred(&job), 100,
		"what was under way may have been these very bytes");
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
	cr_expect(ctm_job_decide(&job, &now, WEEK_S));
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
	cr_expect_eq(ctm_job_look_due_ms(&job, &then), 299997, "never further away than its step");
	then.boot_ms = 300000;
	cr_expect_eq(ctm_job_look_due_ms(&job, &then), 0, "though the clock stays behind");
	then.boot_ms = 3;
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
	cr_expect_not(ctm_job_decide(&job, &now, WEEK_S));
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
	struct ctm_file file = {.path = strdup("x"), .why = strdup("y")};
	struct ctm_file copy;

	ctm_job_text_done(&text);
	cr_expect_null(text.cause);
	ctm_job_text_done(&text);
	cr_assert_eq(ctm_file_copy(&file, &copy), 0);
	cr_expect(same_file(&copy, &file) && copy.path != file.path && copy.why != file.why);
	ctm_file_done(&copy);
	ctm_file_done(&file);
	ctm_file_done(&file);
	file.path = strdup("x");
	cr_assert_eq(ctm_file_copy(&file, &copy), 0, "it need not have words");
	cr_expect_str_eq(copy.why, "");
	ctm_file_done(&copy);
	ctm_file_done(&file);
}
