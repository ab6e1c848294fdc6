/* SPDX-License-Identifier: MIT */
#include "verify_store.h"

#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include "hresult.h"
#include "outbox.h"
#include "sides.h"
#include "unwritten.h"
#include "world.h"

TestSuite(verify_store, .init = world_init, .fini = world_done);

#define DONE CTM_EVENT_COMPLETE

static const struct world_file two[] = {{"a", 5, 0}, {"b", 0, 0}};

static uint32_t verifying_as(unsigned id)
{
	uint32_t job = world_add_listed(id, two, 2);

	world_fold_one(DONE, 7, 1, "a");
	world_fold_one(DONE, 8, 1, "b");
	cr_assert_eq(world_job(job).state, CTM_JOB_VERIFYING);
	return job;
}

static uint32_t verifying(void)
{
	return verifying_as(1);
}

static struct ctm_look_request load(uint32_t job)
{
	struct ctm_look_request request;
	struct ctm_error e = CTM_ERROR_INIT;

	cr_assert_eq(ctm_verify_load(world.state, job, &request, &e), 0, "%s", e.text);
	return request;
}

/* Whether it was stale. */
static bool store(const struct ctm_look_request *request, const struct ctm_look_result *result)
{
	struct ctm_error e = CTM_ERROR_INIT;
	struct ctm_look_result copy = *result;
	bool stale = false;

	cr_assert_eq(
		ctm_verify_store(world.state, request, &copy, NULL, &stale, &e), 0, "%s", e.text);
	return stale;
}

static char b_is_not_it[] = "\"b\" is not it";
static struct ctm_look_finding second = {
	.file = 2, .hresult = CTM_E_HASH_VALUE, .text = b_is_not_it};

static struct ctm_look_result wrong(void)
{
	return (struct ctm_look_result){.answer = CTM_LOOK_WRONG,
		.hresult = CTM_E_HASH_VALUE,
		.text = "\"b\" is not it",
		.findings = &second,
		.n_findings = 1};
}

static const struct ctm_look_result right = {
	.answer = CTM_LOOK_RIGHT, .totals = {.files = 2, .bytes = 12}};

Test(verify_store, load)
{
	uint32_t job = verifying();
	struct ctm_look_request request = load(job);

	cr_expect_eq(request.job, job);
	cr_expect_eq(request.revision, world_job(job).revision);
	cr_expect_eq(request.kind, CTM_KIND_LISTED);
	cr_expect_str_eq(request.id, world_id(1));
	cr_expect_str_eq(request.local_path, world.dl);
	cr_expect_eq(request.created_ms, world_job(job).created_ms);
	cr_expect_eq(request.boot, ctm_clock_now().boot);
	cr_expect_eq(request.files_total, 2);
	cr_assert_eq(request.n_files, 2);
	cr_expect_str_eq(request.files[0].path, world_path("a"));
	cr_expect(request.files[0].has_size && request.files[0].size == 5);
	ctm_look_request_done(&request);
}

Test(verify_store, load_what_is_not_verified)
{
	uint32_t job = world_add_listed(1, two, 2);
	struct ctm_look_request request;

	cr_expect_eq(ctm_verify_load(world.state, job, &request, NULL), -ESTALE);
	cr_expect_eq(ctm_verify_load(world.state, 99, &request, NULL), -ESTALE);
}

Test(verify_store, right)
{
	uint32_t job = verifying();
	struct ctm_look_request request = load(job);
	struct ctm_message message;

	cr_expect_not(store(&request, &right));
	cr_expect_eq(world_job(job).state, CTM_JOB_SUCCEEDED);
	message = world_message(job);
	cr_assert_not_null(message.source);
	cr_expect_eq(message.kind, CTM_MESSAGE_SUCCESS);
	cr_expect_eq(message.state, CTM_MESSAGE_WAITING);
	cr_expect(message.bytes_total == 12 && message.bytes_transferred == 12);
	cr_expect(message.files_total == 2 && message.files_transferred == 2);
	cr_expect(world_has_work(CTM_WORK_SEND, job));
	cr_expect_not(world_has_work(CTM_WORK_VERIFY, job));
	cr_expect(store(&request, &right), "the same look once more is stale");
	cr_expect_eq(world_message(job).time_s, message.time_s);
	ctm_look_request_done(&request);
}

/* What is due at once begins in the same transaction; a person may want a pause before it. */
Test(verify_store, right_and_begun)
{
	static const uint32_t pauses_s[] = {0, 60};

	for (unsigned i = 0; i < 2; i++) {
		uint32_t job = verifying_as(i + 1);
		struct ctm_look_request request = load(job);
		struct ctm_send_attempt attempt = {.job = job, .work = CTM_WORK_SEND};
		const uint64_t version = ctm_store_version(world.state->store);
		struct ctm_look_result copy = right;
		bool stale = true;

		world.config->schedule_s[0] = pauses_s[i];
		cr_assert_eq(
			ctm_verify_store(world.state, &request, &copy, &attempt, &stale, NULL), 0);
		cr_expect_not(stale);
		cr_expect_eq(ctm_store_version(world.state->store), version + 1, "one commit");
		cr_expect_eq(world_message(job).state, CTM_MESSAGE_WAITING);
		cr_expect(world_has_work(CTM_WORK_SEND, job));
		cr_expect_eq(attempt.begun, !pauses_s[i]);
		cr_expect_eq(world_message(job).under_way, !pauses_s[i]);
		cr_expect_eq(world_message(job).attempts, pauses_s[i] ? 0 : 1);
		ctm_send_attempt_done(&attempt);
		cr_assert_eq(
			ctm_verify_store(world.state, &request, &copy, &attempt, &stale, NULL), 0);
		cr_expect(stale && !attempt.begun);
		cr_expect_eq(world_message(job).attempts, pauses_s[i] ? 0 : 1);
		ctm_look_request_done(&request);
	}
}

/* With a timeout the job waits for the download to be added again, and remembers. */
Test(verify_store, wrong)
{
	uint32_t job = verifying();
	struct ctm_look_request request = load(job);
	const struct ctm_look_result result = wrong();

	sides_set_timeout(job, 3600);
	cr_expect_not(store(&request, &result));
	cr_expect_eq(world_job(job).state, CTM_JOB_OPEN);
	cr_expect_eq(world_job(job).cause, CTM_E_HASH_VALUE);
	cr_expect_eq(world_job(job).files_evident, 1);
	cr_expect_str_eq(world_text(job).cause, "\"b\" is not it");
	cr_expect(world_file(job, 1).evident);
	cr_expect_not(world_file(job, 2).evident);
	cr_expect(world_file(job, 2).given_up);
	cr_expect_eq(world_file(job, 2).cause, CTM_E_HASH_VALUE);
	cr_expect_str_eq(world_file(job, 2).why, "\"b\" is not it");
	cr_expect_not(world_has_work(CTM_WORK_VERIFY, job));
	cr_expect_null(world_message(job).source);

	world_fold_one(DONE, 9, 1, "b");
	cr_expect_eq(world_job(job).state, CTM_JOB_VERIFYING, "a later event makes it evident");
	ctm_look_request_done(&request);
}

static void expect_error(uint32_t job, uint32_t hresult, const char *text, bool time_is_over)
{
	const struct ctm_message message = world_message(job);

	cr_expect_eq(world_job(job).state, CTM_JOB_FAILED);
	cr_assert_not_null(message.source);
	cr_expect_eq(message.kind, CTM_MESSAGE_ERROR);
	cr_expect_eq(message.error_code, hresult, "0x%08x", message.error_code);
	cr_expect_not_null(strstr(message.error_message, text), "%s", message.error_message);
	cr_expect_eq(strstr(message.error_message, "is over") != NULL, time_is_over, "%s",
		message.error_message);
	cr_expect(world_has_work(CTM_WORK_SEND, job));
	cr_expect_not(world_has_work(CTM_WORK_VERIFY, job));
}

/* Without one it ends, with what the look found and nothing else. */
Test(verify_store, wrong_without_timeout)
{
	uint32_t job = verifying();
	struct ctm_look_request request = load(job);
	const struct ctm_look_result result = wrong();

	cr_expect_not(store(&request, &result));
	expect_error(job, CTM_E_HASH_VALUE, "\"b\" is not it", false);
	cr_expect(store(&request, &result), "once");
	ctm_look_request_done(&request);
}

/* The words of the error are about the file whose code it has. */
Test(verify_store, several_wrong)
{
	static char a_is_gone[] = "\"/dl/a\" is gone";
	static struct ctm_look_finding findings[] = {
		{.file = 1, .hresult = CTM_E_FILE_NOT_FOUND, .text = a_is_gone},
		{.file = 2, .hresult = CTM_E_HASH_VALUE, .text = b_is_not_it},
	};
	const struct ctm_look_result result = {.answer = CTM_LOOK_WRONG,
		.hresult = CTM_E_FILE_NOT_FOUND,
		.text = "\"/dl/a\" is gone",
		.findings = findings,
		.n_findings = 2};
	uint32_t job = verifying();
	struct ctm_look_request request = load(job);

	cr_expect_not(store(&request, &result));
	cr_expect_eq(world_job(job).state, CTM_JOB_FAILED);
	if (world_message(job).error_code == CTM_E_FILE_NOT_FOUND)
		expect_error(job, CTM_E_FILE_NOT_FOUND, a_is_gone, false);
	else
		expect_error(job, CTM_E_HASH_VALUE, b_is_not_it, false);
	ctm_look_request_done(&request);
}

/* There was no room to say which: each file has to come again, also those that were fine. */
Test(verify_store, all_wrong)
{
	const struct ctm_look_result result = {.answer = CTM_LOOK_WRONG,
		.all_wrong = true,
		.hresult = CTM_E_WRITE_FAULT,
		.text = "cannot write \"a\"",
		.findings = &second,
		.n_findings = 1};
	uint32_t job = verifying();
	struct ctm_look_request request;

	sides_set_timeout(job, 3600);
	request = load(job);
	cr_expect_not(store(&request, &result));
	cr_expect_eq(world_job(job).state, CTM_JOB_OPEN);
	cr_expect_not(world_file(job, 1).evident);
	cr_expect_not(world_file(job, 2).evident);
	ctm_look_request_done(&request);
}

Test(verify_store, wrong_with_delete_on_error)
{
	uint32_t job = verifying();
	struct ctm_look_request request = load(job);
	const struct ctm_look_result result = wrong();
	struct ctm_job changed = world_job(job);

	changed.timeout_s = 3600;
	changed.delete_on_error = true;
	sides_put_job(&changed);
	cr_expect_not(store(&request, &result));
	expect_error(job, CTM_E_HASH_VALUE, "\"b\" is not it", false);
	ctm_look_request_done(&request);
}

static void grow_old(uint32_t job, uint64_t timeout_s)
{
	struct ctm_job changed = world_job(job);

	changed.timeout_s = timeout_s;
	changed.age_ms = timeout_s * 1000;
	sides_put_job(&changed);
}

/* A job that is being verified is not ended by its deadline; its look is the last one. */
Test(verify_store, right_past_the_deadline)
{
	uint32_t job = verifying();
	struct ctm_look_request request = load(job);

	grow_old(job, 10);
	cr_expect_not(store(&request, &right));
	cr_expect_eq(world_job(job).state, CTM_JOB_SUCCEEDED);
	cr_expect_eq(world_message(job).kind, CTM_MESSAGE_SUCCESS);
	ctm_look_request_done(&request);
}

Test(verify_store, wrong_past_the_deadline)
{
	uint32_t job = verifying();
	struct ctm_look_request request = load(job);
	const struct ctm_look_result result = wrong();

	grow_old(job, 10);
	cr_expect_not(store(&request, &result));
	expect_error(job, CTM_E_HASH_VALUE, "\"b\" is not it", true);
	ctm_look_request_done(&request);
}

Test(verify_store, cannot_tell_past_the_deadline)
{
	static const struct ctm_look_result result = {.answer = CTM_LOOK_CANNOT_TELL,
		.hresult = CTM_E_PATH_NOT_FOUND,
		.text = "the volume is away"};
	uint32_t job = verifying();
	struct ctm_look_request request = load(job);

	grow_old(job, 10);
	cr_expect_not(store(&request, &result));
	expect_error(job, CTM_E_PATH_NOT_FOUND, "the volume is away", true);
	cr_expect(store(&request, &right), "the first end stands");
	cr_expect_eq(world_message(job).kind, CTM_MESSAGE_ERROR);
	ctm_look_request_done(&request);
}

Test(verify_store, cannot_tell)
{
	static const struct ctm_look_result result = {.answer = CTM_LOOK_CANNOT_TELL,
		.hresult = CTM_E_PATH_NOT_FOUND,
		.text = "the volume is away"};
	uint32_t job = verifying();
	struct ctm_look_request request = load(job);
	struct ctm_stamp now;
	struct ctm_job after;

	cr_expect_not(store(&request, &result));
	after = world_job(job);
	now = ctm_clock_now();
	cr_expect_eq(after.state, CTM_JOB_VERIFYING);
	cr_expect_eq(after.files_evident, 2, "evidence stays");
	cr_expect_eq(after.cause, CTM_E_PATH_NOT_FOUND);
	cr_expect(
		ctm_job_look_due_ms(&after, &now) > 0 && ctm_job_look_due_ms(&after, &now) <= 1000);
	cr_expect(world_has_work(CTM_WORK_VERIFY, job));
	cr_expect_not(store(&request, &result), "looking changes no fact");
	after = world_job(job);
	cr_expect(ctm_job_look_due_ms(&after, &now) > 1000);
	ctm_look_request_done(&request);
}

static int touch_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct ctm_job job;

	(void)e;
	cr_assert_eq(ctm_store_job_get(txn, *(const uint32_t *)context, &job), 0);
	job.revision++;
	return ctm_store_job_put(txn, &job);
}

/* The job has changed while it was looked at: what the look found is about another job. */
Test(verify_store, stale)
{
	const struct ctm_look_result results[] = {right, wrong()};
	uint32_t job = verifying();

	for (int i = 0; i < 2; i++) {
		struct ctm_look_request request = load(job);

		world_update(touch_body, &job);
		cr_expect(store(&request, &results[i]));
		cr_expect_eq(world_job(job).state, CTM_JOB_VERIFYING);
		cr_expect_eq(world_job(job).files_evident, 2);
		cr_expect_null(world_message(job).source);
		cr_expect(world_has_work(CTM_WORK_VERIFY, job), "it is looked at again");
		ctm_look_request_done(&request);
	}
}

/*
 * While the look reads the old bytes, aria2 brings the file again and says so. That word is about
 * the new bytes: the look's finding must not take it away.
 */
static void complete_again(struct ctm_sight sight)
{
	uint32_t job = verifying();
	struct ctm_look_request request = load(job);
	const struct ctm_look_result result = wrong();
	struct ctm_event again = world_event(DONE, 9, 1, "b");

	again.wall_ms += 1000;
	again.sight = sight;
	world_fold(&again, 1);
	cr_expect(store(&request, &result));
	cr_expect(world_file(job, 2).evident);
	cr_expect_eq(world_job(job).state, CTM_JOB_VERIFYING);
	ctm_look_request_done(&request);
}

Test(verify_store, completed_again_during_the_look)
{
	complete_again((struct ctm_sight){.known = true, .inode = 5});
}

/* Neither hook saw the file: nobody can say that it is the same. */
Test(verify_store, completed_again_unseen)
{
	complete_again((struct ctm_sight){.known = false});
}

/* The job is no more. */
Test(verify_store, gone)
{
	struct ctm_look_request request = {.job = 77};

	cr_expect(store(&request, &right));
}

/*
 * What could not be written to disk is said once. Each case: the look hears it, and then aria2
 * repeats itself.
 */
static char b_is_lost[] = "cannot write \"b\" to disk";
static struct ctm_look_finding lost = {.file = 2, .hresult = CTM_E_WRITE_FAULT, .text = b_is_lost};

static struct ctm_sight seen[2] = {
	{.known = true, .inode = 1, .size = 5, .mtime_ns = 100, .ctime_ns = 100},
	{.known = true, .inode = 2, .size = 7, .mtime_ns = 100, .ctime_ns = 100},
};

static struct ctm_look_result unwritten(void)
{
	return (struct ctm_look_result){.answer = CTM_LOOK_WRONG,
		.hresult = CTM_E_WRITE_FAULT,
		.text = "cannot write \"b\" to disk",
		.findings = &lost,
		.n_findings = 1,
		.seen = seen};
}

/* aria2 says of b that it is there, as it was seen then. Whether it is evident after that. */
static bool comes(uint32_t job, const struct ctm_sight *sight, int64_t later_ms)
{
	struct ctm_event event = world_event(CTM_EVENT_BT_COMPLETE, 9, 1, "b");

	event.sight = *sight;
	event.wall_ms += later_ms;
	world_fold(&event, 1);
	return world_file(job, 2).evident;
}

Test(verify_store, unwritten)
{
	const struct ctm_look_result result = unwritten();
	uint32_t job = verifying();
	struct ctm_look_request request;
	struct ctm_sight anew = seen[1];

	sides_set_timeout(job, 3600);
	request = load(job);
	cr_expect_not(store(&request, &result));
	cr_expect_eq(world_job(job).state, CTM_JOB_OPEN);
	cr_expect_eq(world_job(job).cause, CTM_E_WRITE_FAULT);
	cr_expect_not(comes(job, &seen[1], 1000), "the same file, said again");
	anew.mtime_ns = anew.ctime_ns = 200;
	cr_expect(comes(job, &anew, 2000), "the same inode, written anew");
	cr_expect_eq(world_job(job).state, CTM_JOB_VERIFYING);
	cr_expect_not(world_file(job, 1).unwritten.known);
	ctm_look_request_done(&request);
}

/* The job has changed while the disk was asked: its answer is none about the job. */
Test(verify_store, unwritten_and_stale)
{
	const struct ctm_look_result result = unwritten();
	uint32_t job = verifying();
	struct ctm_look_request request = load(job);

	world_update(touch_body, &job);
	cr_expect(store(&request, &result));
	cr_expect(world_file(job, 2).evident, "what is there now is the next look's business");
	cr_expect_eq(world_job(job).state, CTM_JOB_VERIFYING);
	ctm_look_request_done(&request);
	request = load(job);
	cr_assert_eq(request.n_files, 2);
	cr_expect(ctm_file_is_unwritten(&request.files[1], &seen[1]));
	cr_expect_not(ctm_file_is_unwritten(&request.files[0], &seen[0]));
	ctm_look_request_done(&request);
}

/* Each of them, and all jobs that have it: a look of theirs would hear nothing. */
Test(verify_store, unwritten_of_two_jobs)
{
	struct ctm_look_result result = unwritten();
	uint32_t job = verifying_as(1);
	uint32_t other = world_add_listed(2, two, 2);
	struct ctm_look_request request;
	struct ctm_look_request others;

	world_fold_one(DONE, 7, 1, "a");
	world_fold_one(DONE, 8, 1, "b");
	cr_assert_eq(world_job(other).state, CTM_JOB_VERIFYING);
	request = load(job);
	others = load(other);
	result.all_wrong = true;
	result.n_findings = 0;
	cr_expect_not(store(&request, &result));
	cr_expect_eq(world_job(job).state, CTM_JOB_FAILED);
	cr_expect(store(&others, &right), "it had begun before");
	cr_expect_null(world_message(other).source);
	for (uint32_t i = 0; i < 2; i++)
		cr_expect(ctm_file_is_unwritten(
			&(struct ctm_file){.unwritten = world_file(other, i + 1).unwritten},
			&seen[i]));
	ctm_look_request_done(&request);
	ctm_look_request_done(&others);
}
