/* SPDX-License-Identifier: MIT */
#include "fold_question.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "hresult.h"
#include "world.h"

TestSuite(fold_question, .init = world_init, .fini = world_done);

#define DONE CTM_EVENT_COMPLETE
#define ERROR CTM_EVENT_ERROR
#define STOP CTM_EVENT_STOP

static const struct world_file files[] = {{"a", 0, 0x11}, {"t/b", 0, 0}, {"t/c", 0, 0}};

static void give_time(struct ctm_job *job)
{
	job->timeout_s = 3600;
}

Test(fold_question, who_can_be_asked)
{
	cr_expect_not(ctm_question_may_be_asked(world.config));
	world_configure(WORLD_RPC);
	cr_expect(ctm_question_may_be_asked(world.config));
}

/* Nobody can be asked: errors count as they stand, and nothing is put. */
Test(fold_question, without_rpc)
{
	uint32_t job = world_add_listed(1, files, 3);

	world_change(job, give_time);
	cr_expect_eq(world_fold_one(ERROR, 0x11, 1, ""), 1);
	cr_expect_eq(world_fold_one(ERROR, 0x99, 1, ""), 0, "of nobody");
	cr_expect_eq(world_fold_one(STOP, 0x11, 1, ""), 0);
	cr_expect_eq(world_fold_one(DONE, 0x99, 1, "a"), 0);
	cr_expect_eq(world_fold_one(DONE, 0x99, 7, "t/b"), 0);
	cr_expect_eq(world_questions(0, 0), 0);
	cr_expect_not(world.work);
	cr_expect(world_file(job, 1).given_up);
	cr_expect_eq(world_file(job, 1).cause, CTM_E_FAIL);
	cr_expect_not_null(
		strstr(world_file(job, 1).why, "no [aria2] rpc"), "%s", world_file(job, 1).why);
	cr_expect_not_null(strstr(world_file(job, 1).why, "gid 0000000000000011"), "%s",
		world_file(job, 1).why);
}

/* With RPC an error and a stop are asked about, before they count. */
Test(fold_question, errors)
{
	uint32_t job;

	world_configure(WORLD_RPC);
	job = world_add_listed(1, files, 3);
	cr_expect_eq(world_fold_one(ERROR, 0x11, 1, ""), 1, "it is kept, as a question");
	cr_expect(world.work);
	cr_expect_eq(world_questions(0x11, ERROR), 1);
	cr_expect_eq(world_file(job, 1).cause, 0);
	cr_expect_eq(world_file(job, 1).events, 1u << ERROR);
	cr_expect_eq(world_job(job).state, CTM_JOB_OPEN);
	cr_expect_eq(world_fold_one(ERROR, 0x99, 1, ""), 1, "of whom is not known yet");
	cr_expect_eq(world_fold_one(ERROR, 0x98, 1, "t/b"), 1, "the path may be another's");
	cr_expect_eq(world_file(job, 2).cause, 0);
	cr_expect_eq(world_questions(0x98, ERROR), 1);
	cr_expect_eq(world_questions(0x99, ERROR), 1);
	cr_expect_eq(world_fold_one(STOP, 0x11, 1, ""), 0);
	cr_expect_eq(world_questions(0x11, STOP), 1);
	world_fold_one(ERROR, 0x11, 1, "");
	cr_expect_eq(world_questions(0, 0), 4, "a set");
	world_fold_one(CTM_EVENT_START, 0x77, 1, "");
	world_fold_one(CTM_EVENT_PAUSE, 0x77, 1, "");
	cr_expect_eq(world_questions(0x77, 0), 0);
	cr_expect_not(world.work);
}

/* A completion with doubts: somebody else's gid, or not exactly the files of a torrent. */
Test(fold_question, completions)
{
	uint32_t job;

	world_configure(WORLD_RPC);
	job = world_add_listed(1, files, 3);
	cr_expect_eq(world_fold_one(DONE, 0x21, 1, "nobody's"), 0);
	cr_expect_eq(world_fold_one(DONE, 0x22, 0, "a"), 0, "metadata");
	cr_expect_eq(world_fold_one(DONE, 0x23, 1, "t/b"), 1);
	cr_expect_eq(world_questions(0, 0), 0, "no doubt about these");
	cr_expect_eq(world_fold_one(DONE, 0x24, 1, "a"), 0, "it may have followed from 0x11");
	cr_expect_eq(world_questions(0x24, DONE), 1);
	cr_expect(world.work);
	cr_expect_eq(world_fold_one(DONE, 0x25, 7, "t/b"), 1, "aria2 knows which they are");
	cr_expect_eq(world_questions(0x25, DONE), 1);
	cr_expect_eq(world_fold_one(DONE, 0x26, 2, "x/y"), 0, "of another torrent's first file");
	cr_expect_eq(world_questions(0x26, DONE), 1, "it may have brought ours as well");
	cr_expect_eq(world_fold_one(CTM_EVENT_BT_COMPLETE, 0x27, 2, "t/b"), 1);
	cr_expect_eq(world_questions(0x27, 0), 1, "exactly as many, and yet which?");
	cr_expect_eq(world_job(job).files_evident, 1);
	cr_expect_not(world_file(job, 3).evident);
}

struct unexplaining {
	struct ctm_event event;
	struct ctm_fold fold;
	int r;
};

static int unexplain_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct unexplaining *u = context;

	(void)e;
	ctm_fold_again(&u->fold);
	u->r = ctm_fold_unexplained(txn, &u->event, "it does not answer", &u->fold);
	return u->r < 0 ? u->r : ctm_fold_decide(txn, &u->fold);
}

static int unexplained(struct ctm_event event)
{
	struct unexplaining u = {
		.event = event, .fold = {.config = world.config, .now = world_now()}};

	world_update(unexplain_body, &u);
	ctm_fold_done(&u.fold);
	return u.r;
}

/* aria2 has no answer: an error counts as it stands, with the reason why no more is known. */
Test(fold_question, unexplained)
{
	uint32_t job;

	world_configure(WORLD_RPC);
	job = world_add_listed(1, files, 3);
	cr_expect_eq(unexplained(world_event(STOP, 0x11, 1, "a")), 0);
	cr_expect_eq(unexplained(world_event(DONE, 0x12, 1, "a")), 0);
	cr_expect_eq(world_file(job, 1).cause, 0);
	cr_expect_eq(unexplained(world_event(ERROR, 0x99, 1, "none")), 0);
	cr_expect_eq(unexplained(world_event(ERROR, 0x11, 1, "a")), 1);
	cr_expect_eq(world_job(job).state, CTM_JOB_FAILED);
	cr_expect_eq(world_message(job).error_code, CTM_E_FAIL);
	cr_expect_not_null(strstr(world_message(job).error_message, "it does not answer"));
	cr_expect_not_null(strstr(world_message(job).error_message, world_path("a")));
}

/* aria2 has no answer about a torrent: exactly as many files as it has are its files. */
Test(fold_question, unexplained_torrent)
{
	uint32_t job;

	world_configure(WORLD_RPC);
	job = world_add_listed(1, files, 3);
	cr_expect_eq(unexplained(world_event(CTM_EVENT_BT_COMPLETE, 0x25, 3, "t/b")), 0);
	cr_expect_eq(world_job(job).files_evident, 0, "not as many");
	cr_expect_eq(world_fold_one(CTM_EVENT_BT_COMPLETE, 0x27, 2, "t/b"), 1);
	cr_expect_eq(world_job(job).files_evident, 0, "it is asked first");
	cr_expect_eq(unexplained(world_event(CTM_EVENT_BT_COMPLETE, 0x27, 2, "t/b")), 1);
	cr_expect_eq(world_job(job).files_evident, 2);
	cr_expect(world_file(job, 2).evident && world_file(job, 3).evident);
	cr_expect_eq(world_questions(0x25, 0), 0, "nothing is left to be asked");
}

/* A path of any length leaves room for the rest. */
Test(fold_question, long_path)
{
	uint32_t job = world_add_listed(1, files, 3);
	struct ctm_event event = world_event(ERROR, 0x11, 1, "");
	char *path = malloc(8001);

	cr_assert_not_null(path);
	memset(path, 'x', 8000);
	path[0] = '/';
	path[8000] = '\0';
	event.path = scratch_keep(path);
	cr_expect_eq(unexplained(event), 1);
	cr_expect_not_null(strstr(world_message(job).error_message, "aria2's own log tells"));
}
