/* SPDX-License-Identifier: MIT */
/* With fake_transport.c in the place of the module: it answers what a test has put down. */
#include "catch_up.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "aria2s.h"
#include "hresult.h"
#include "lock.h"
#include "sides.h"
#include "threads.h"
#include "world.h"

TestSuite(catch_up, .init = world_init, .fini = world_done, .timeout = 60);

static const struct world_file files[] = {{"a", 5, 0x11}, {"b", 6, 0x22}};
static struct ctm_catcher *catcher;

/* A job with a timeout, of which one download has failed, and an aria2 to ask. */
static uint32_t begin(void)
{
	uint32_t job = world_add_listed(1, files, 2);

	sides_set_timeout(job, 3600);
	aria2s_add("main", "http://127.0.0.1:6800/jsonrpc");
	aria2s_answer_nothing();
	world_fold_one(CTM_EVENT_ERROR, 0x22, 1, "");
	cr_assert_eq(aria2s_questions(), 1);
	cr_assert_eq(ctm_catcher_new(world.state, &catcher), 0);
	return job;
}

static void start(enum ctm_catch_up what)
{
	struct ctm_error e = CTM_ERROR_INIT;

	cr_assert_eq(ctm_catcher_start(catcher, what, &e), 0, "%s", e.text);
	cr_assert(ctm_catcher_is_busy(catcher));
}

static void wait_for_it(void)
{
	struct pollfd p = {.fd = ctm_catcher_fd(catcher), .events = POLLIN};

	cr_assert_eq(poll(&p, 1, 30000), 1);
}

/* What it said it did, if it said so. */
static enum ctm_catch_up what_it_was;

static int collect(void)
{
	struct ctm_error e = CTM_ERROR_INIT;
	int r = ctm_catcher_collect(catcher, &what_it_was, &e);

	cr_expect_geq(r, 0, "%s", e.text);
	return r;
}

/* aria2 says that the download 0x11 is complete, "a"; 0x22 failed by a 404. */
static void answer(void)
{
	char json[4096];

	scratch_write("dl/a", "12345");
	snprintf(json, sizeof json,
		"[{\"gid\":\"0000000000000011\",\"status\":\"complete\",\"totalLength\":\"5\","
		"\"completedLength\":\"5\",\"errorCode\":\"0\",\"dir\":\"%s\",\"files\":[{"
		"\"path\":\"%s\",\"length\":\"5\",\"completedLength\":\"5\","
		"\"selected\":\"true\",\"uris\":[]}]},"
		"{\"gid\":\"0000000000000022\",\"status\":\"error\",\"totalLength\":\"0\","
		"\"completedLength\":\"0\",\"errorCode\":\"3\",\"errorMessage\":\"Resource not "
		"found\",\"dir\":\"%s\",\"files\":[{\"path\":\"%s\",\"length\":\"0\","
		"\"completedLength\":\"0\",\"selected\":\"true\",\"uris\":[]}]}]",
		world.dl, world_path("a"), world.dl, world_path("b"));
	aria2s_answer("aria2.tellStopped", json);
}

Test(catch_up, questions)
{
	uint32_t job = begin();

	answer();
	start(CTM_CATCH_UP_QUESTIONS);
	wait_for_it();
	cr_expect_eq(collect(), 1);
	cr_expect_eq(what_it_was, CTM_CATCH_UP_QUESTIONS, "not everything was caught up with");
	cr_expect_not(ctm_catcher_is_busy(catcher));
	cr_expect_eq(aria2s_questions(), 0);
	cr_expect_eq(world_file(job, 2).cause, CTM_E_FAIL, "aria2 does not know it any more");
	cr_expect_eq(world_job(job).files_evident, 0, "nothing else was asked");
	cr_expect_eq(collect(), 0, "once");
	ctm_catcher_free(catcher);
}

Test(catch_up, downloads)
{
	uint32_t job = begin();

	answer();
	start(CTM_CATCH_UP_DOWNLOADS);
	wait_for_it();
	cr_expect_eq(collect(), 1);
	cr_expect_eq(what_it_was, CTM_CATCH_UP_DOWNLOADS);
	cr_expect_not(ctm_catcher_is_busy(catcher));
	cr_expect_eq(aria2s_questions(), 0);
	cr_expect_eq(world_job(job).files_evident, 1);
	cr_expect_eq(world_file(job, 2).cause, 0x80190194);
	cr_expect_eq(collect(), 0);
	start(CTM_CATCH_UP_DOWNLOADS);
	wait_for_it();
	cr_expect_eq(collect(), 1, "and again");
	ctm_catcher_free(catcher);
}

/* What takes time is not waited for, and not begun twice. */
Test(catch_up, busy)
{
	struct ctm_error e = CTM_ERROR_INIT;

	begin();
	cr_assert_eq(setenv("CTM_FAKE_ARIA2_MS", "300", 1), 0);
	start(CTM_CATCH_UP_QUESTIONS);
	cr_expect_eq(collect(), 0);
	cr_expect(ctm_catcher_is_busy(catcher));
	cr_expect_eq(aria2s_questions(), 1);
	cr_expect_eq(ctm_catcher_start(catcher, CTM_CATCH_UP_DOWNLOADS, &e), 0);
	wait_for_it();
	cr_expect_eq(collect(), 1);
	cr_expect_eq(what_it_was, CTM_CATCH_UP_QUESTIONS);
	cr_expect_eq(aria2s_questions(), 0);
	ctm_catcher_free(catcher);
}

/* A deliverer that ends waits for it, and drops what was found: it is done again. */
Test(catch_up, freed_while_busy)
{
	uint32_t job = begin();

	cr_assert_eq(setenv("CTM_FAKE_ARIA2_MS", "100", 1), 0);
	answer();
	start(CTM_CATCH_UP_DOWNLOADS);
	ctm_catcher_free(catcher);
	cr_expect_eq(aria2s_questions(), 1);
	cr_expect_eq(world_job(job).files_evident, 0);
	ctm_catcher_free(NULL);
}

/* Unless it does not come in a moment: it can hang on a file that aria2 has named. */
Test(catch_up, freed_while_it_hangs)
{
	const unsigned threads = threads_count();
	uint32_t job = begin();

	cr_assert_eq(setenv("CTM_FAKE_ARIA2_MS", "8000", 1), 0);
	answer();
	start(CTM_CATCH_UP_QUESTIONS);
	ctm_catcher_free(catcher);
	cr_expect_eq(threads_count(), threads + 1);
	/* What it uses is its own. */
	aria2s_remove();
	threads_wait_for(threads);
	cr_expect_eq(aria2s_questions(), 1);
	cr_expect_eq(world_job(job).files_evident, 0);
}

Test(catch_up, freed_unused)
{
	begin();
	cr_expect_eq(collect(), 0);
	ctm_catcher_free(catcher);
}

/* A store that can't be written loses nothing of what was found. */
Test(catch_up, store_fails)
{
	uint32_t job = begin();
	struct ctm_error e = CTM_ERROR_INIT;
	struct rlimit before;
	struct rlimit nothing;

	answer();
	start(CTM_CATCH_UP_DOWNLOADS);
	wait_for_it();
	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
	nothing = before;
	nothing.rlim_cur = 0;
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &nothing), 0);
	for (int i = 0; i < 2; i++) {
		cr_expect_lt(ctm_catcher_collect(catcher, &what_it_was, &e), 0);
		cr_expect(ctm_catcher_is_busy(catcher));
	}
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
	cr_expect_eq(aria2s_questions(), 1);
	cr_expect_eq(collect(), 1, "%s", e.text);
	cr_expect_eq(world_job(job).files_evident, 1);
	cr_expect_eq(aria2s_questions(), 0);
	ctm_catcher_free(catcher);
}

/* aria2 is down: the events count as they stand, and everything was caught up with. */
Test(catch_up, nobody_answers)
{
	uint32_t job = begin();

	cr_assert_eq(unsetenv("CTM_FAKE_ARIA2"), 0);
	start(CTM_CATCH_UP_DOWNLOADS);
	wait_for_it();
	cr_expect_eq(collect(), 1);
	cr_expect_eq(aria2s_questions(), 0);
	cr_expect_eq(world_file(job, 2).cause, CTM_E_FAIL);
	ctm_catcher_free(catcher);
}

/* Meanwhile somebody took every [aria2] out of the configuration. */
Test(catch_up, nobody_is_left_to_ask)
{
	uint32_t job = begin();

	aria2s_remove();
	start(CTM_CATCH_UP_QUESTIONS);
	wait_for_it();
	cr_expect_eq(collect(), 1);
	cr_expect_eq(aria2s_questions(), 0);
	cr_expect_eq(world_file(job, 2).cause, CTM_E_FAIL);
	cr_expect_not_null(strstr(world_file(job, 2).why, "no [aria2] rpc is configured"), "%s",
		world_file(job, 2).why);
	ctm_catcher_free(catcher);
}

Test(catch_up, now)
{
	uint32_t job = begin();
	struct ctm_error e = CTM_ERROR_INIT;

	answer();
	world.state->work = false;
	cr_expect_eq(ctm_catch_up_now(world.state, NULL, &e), 0, "%s", e.text);
	cr_expect_eq(world_job(job).files_evident, 1);
	cr_expect_eq(aria2s_questions(), 0);
	ctm_catcher_free(catcher);
}

Test(catch_up, now_without_aria2)
{
	struct ctm_error e = CTM_ERROR_INIT;

	world_add_listed(1, files, 2);
	cr_expect_eq(ctm_catch_up_now(world.state, NULL, &e), 0, "%s", e.text);
}

/* One that begins to be verified, or ends, is work for the deliverer. */
Test(catch_up, leaves_work)
{
	static const struct world_file one = {"a", 5, 0x11};
	uint32_t job = world_add_listed(2, &one, 1);
	struct ctm_error e = CTM_ERROR_INIT;

	aria2s_add("main", "http://127.0.0.1:6800/jsonrpc");
	aria2s_answer_nothing();
	answer();
	world.state->work = false;
	cr_expect_eq(ctm_catch_up_now(world.state, NULL, &e), 0, "%s", e.text);
	cr_expect_eq(world_job(job).state, CTM_JOB_VERIFYING);
	cr_expect(world.state->work);
}

/* The sha256 of "12345", which is what the file has that answer() writes. */
static const unsigned char sha256_12345[32] = {0x59, 0x94, 0x47, 0x1a, 0xbb, 0x01, 0x11, 0x2a, 0xfc,
	0xc1, 0x81, 0x59, 0xf6, 0xcc, 0x74, 0xb4, 0xf5, 0x11, 0xb9, 0x98, 0x06, 0xda, 0x59, 0xb3,
	0xca, 0xf5, 0xa9, 0xc1, 0x73, 0xca, 0xcf, 0xc5};

/* A job of one file, dl/NAME, whose sidecar gives that sha256. */
static uint32_t add_hashed(unsigned id, const char *name)
{
	struct ctm_sidecar *sidecar = sides_listed(id, name, 1, &name);

	memcpy(sidecar->files[0].sha256, sha256_12345, sizeof sha256_12345);
	sidecar->files[0].has_sha256 = true;
	return sides_register(sidecar, false).job;
}

/* Two jobs whose files came without a word, two minutes ago. */
static void begin_missed(uint32_t jobs[2])
{
	const int64_t wall_ms = ctm_clock_wall_ms();

	jobs[0] = add_hashed(1, "a");
	jobs[1] = add_hashed(2, "b");
	scratch_write("dl/a", "12345");
	scratch_write("dl/b", "12345");
	cr_assert_eq(setenv("CTM_TEST_CLOCK_SHIFT_S", "120", 1), 0);
	if (ctm_clock_wall_ms() - wall_ms < 100000)
		cr_skip_test("there is no clock to set (with sanitizers there is not)");
	cr_assert_eq(ctm_catcher_new(world.state, &catcher), 0);
}

static uint32_t evident(uint32_t job)
{
	return world_job(job).files_evident;
}

/* Who asks hashes nothing, and who hashes asks nobody. */
Test(catch_up, files)
{
	uint32_t jobs[2];

	begin_missed(jobs);
	aria2s_add("main", "http://127.0.0.1:6800/jsonrpc");
	aria2s_answer_nothing();
	start(CTM_CATCH_UP_DOWNLOADS);
	wait_for_it();
	cr_expect_eq(collect(), 1);
	cr_expect_eq(evident(jobs[0]), 0);
	world_fold_one(CTM_EVENT_ERROR, 0x22, 1, "");
	cr_assert_eq(aria2s_questions(), 1);
	start(CTM_CATCH_UP_FILES);
	wait_for_it();
	cr_expect_eq(collect(), 1);
	cr_expect_eq(what_it_was, CTM_CATCH_UP_FILES);
	cr_expect_eq(evident(jobs[0]), 1);
	cr_expect_eq(evident(jobs[1]), 1);
	cr_expect_eq(aria2s_questions(), 1);
	ctm_catcher_free(catcher);
}

static int lock_hashing(void)
{
	return ctm_lock_try(world.state->dir_fd, "hash.lock");
}

/* One process hashes all files, the others go without; some files anybody may hash. */
Test(catch_up, files_are_another_process_turn)
{
	struct ctm_error e = CTM_ERROR_INIT;
	uint32_t jobs[2];
	const struct ctm_numbers only = {.items = jobs, .n = 1};
	int lock = lock_hashing();

	cr_assert_geq(lock, 0);
	begin_missed(jobs);
	cr_expect_eq(ctm_catcher_start(catcher, CTM_CATCH_UP_FILES, &e), 1);
	cr_expect_not(ctm_catcher_is_busy(catcher));
	cr_expect_eq(collect(), 0);
	cr_expect_eq(ctm_catch_up_now(world.state, NULL, &e), 0, "%s", e.text);
	cr_expect_eq(evident(jobs[0]) + evident(jobs[1]), 0);
	cr_expect_eq(ctm_catch_up_now(world.state, &only, &e), 0, "%s", e.text);
	cr_expect_eq(evident(jobs[0]), 1);
	cr_expect_eq(evident(jobs[1]), 0, "it was not asked for");
	ctm_lock_release(&lock);
	start(CTM_CATCH_UP_FILES);
	wait_for_it();
	cr_expect_eq(collect(), 1);
	cr_expect_eq(evident(jobs[1]), 1);
	ctm_catcher_free(catcher);
}

Test(catch_up, files_now)
{
	struct ctm_error e = CTM_ERROR_INIT;
	uint32_t jobs[2];
	int lock;

	begin_missed(jobs);
	cr_expect_eq(ctm_catch_up_now(world.state, NULL, &e), 0, "%s", e.text);
	cr_expect_eq(evident(jobs[0]), 1);
	cr_expect_eq(evident(jobs[1]), 1);
	lock = lock_hashing();
	cr_expect_geq(lock, 0, "it is let go");
	ctm_lock_release(&lock);
	ctm_catcher_free(catcher);
}

/*
 * Whoever ends does not wait for a long file, which would take far longer than this suite may, and
 * another process may hash at once.
 */
Test(catch_up, freed_while_hashing)
{
	const off_t size = INT64_C(1) << 40;
	uint32_t jobs[2];
	int lock;

	begin_missed(jobs);
	cr_assert_eq(truncate(scratch_path("dl/a"), size), 0);
	start(CTM_CATCH_UP_FILES);
	lock = lock_hashing();
	cr_expect_eq(lock, -EAGAIN);
	usleep(100000);
	cr_expect_eq(collect(), 0);
	ctm_catcher_free(catcher);
	lock = lock_hashing();
	cr_expect_geq(lock, 0);
	ctm_lock_release(&lock);
	cr_expect_eq(evident(jobs[1]), 0, "what was found is dropped");
	cr_expect_not(world_file(jobs[0], 1).hashed.known);
}
