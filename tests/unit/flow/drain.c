/* SPDX-License-Identifier: MIT */
#include "drain.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "deadline.h"
#include "files.h"
#include "inbox_read.h"
#include "world.h"

TestSuite(drain, .init = world_init, .fini = world_done, .timeout = 120);

#define DONE CTM_EVENT_COMPLETE

static void append(const char *name)
{
	const struct ctm_event event = world_event(DONE, 7, 1, name);

	cr_assert_geq(ctm_inbox_append(world.state->dir_fd, &event, NULL), 0);
}

static void drain(void)
{
	struct ctm_error e = CTM_ERROR_INIT;

	cr_assert_eq(ctm_drain(world.state, false, &e), 0, "%s", e.text);
}

static bool waits(void)
{
	return ctm_inbox_waits(world.state->dir_fd);
}

static const struct world_file two[] = {{"a", 0, 0}, {"b", 0, 0}};

Test(drain, nothing)
{
	drain();
	cr_expect_null(world.state->store, "the store is not even opened");
	cr_expect_not(world.state->work);
}

Test(drain, folds)
{
	uint32_t job = world_add_listed(1, two, 2);

	world_scanned();
	append("a");
	append("nobody's");
	cr_expect(waits());
	drain();
	cr_expect_eq(world.state->lock_fd, -1);
	cr_expect_eq(world_job(job).files_evident, 1);
	cr_expect_eq(world_unclaimed(), 1);
	append("b");
	drain();
	cr_expect_eq(world_job(job).state, CTM_JOB_VERIFYING);
	cr_expect(world.state->work, "there is something to verify");
}

/* A deliverer is only worth starting where something is to be done. */
Test(drain, work)
{
	world_scanned();
	world_add_listed(1, two, 2);
	append("a");
	append("nobody's");
	drain();
	cr_expect_not(world.state->work);
	world.config->sidecar_beside = true;
	append("nobody's either");
	drain();
	cr_expect(world.state->work, "a sidecar may stand beside it");
	world.config->sidecar_beside = false;
	world.state->work = false;
	scratch_write("state/jobs/new.ctm.ini", "");
	append("a");
	drain();
	cr_expect(world.state->work, "the sidecar directory has changed");
}

/* Of what is nobody's, evidence and errors wait for a sidecar; the rest says nothing. */
Test(drain, unclaimed)
{
	const struct ctm_event error = world_event(CTM_EVENT_ERROR, 7, 1, "x");
	const struct ctm_event nothing[] = {world_event(DONE, 7, 0, "x"),
		world_event(CTM_EVENT_START, 7, 1, "x"), world_event(CTM_EVENT_STOP, 7, 1, "x")};

	for (int i = 0; i < 3; i++)
		ctm_inbox_append(world.state->dir_fd, &nothing[i], NULL);
	drain();
	cr_expect_eq(world_unclaimed(), 0);
	append("x");
	drain();
	cr_expect_eq(world_unclaimed(), 1);
	ctm_inbox_append(world.state->dir_fd, &error, NULL);
	drain();
	cr_expect_eq(world_unclaimed(), 2);
}

/* The job that it concerns takes it, and fails: there is something to send. */
Test(drain, error)
{
	struct ctm_event error = world_event(CTM_EVENT_ERROR, 7, 1, "a");
	uint32_t job = world_add_listed(1, two, 2);

	error.sight.absent = true;
	error.wall_ms = world_now().wall_ms;
	world_scanned();
	ctm_inbox_append(world.state->dir_fd, &error, NULL);
	drain();
	cr_expect_eq(world_unclaimed(), 0);
	cr_expect_eq(world_job(job).state, CTM_JOB_FAILED);
	cr_expect_eq(world_message(job).kind, CTM_MESSAGE_ERROR);
	cr_expect(world.state->work);
}

/* One of many files is left to the deliverer, which is woken by it. */
Test(drain, error_of_many_files)
{
	static struct world_file many[1001];
	static char names[1001][8];
	struct ctm_event error = world_event(CTM_EVENT_ERROR, 7, 1, "f5");
	uint32_t job;

	for (unsigned i = 0; i < 1001; i++) {
		snprintf(names[i], sizeof names[i], "f%u", i);
		many[i].name = names[i];
	}
	job = world_add_listed(1, many, 1001);
	error.sight.absent = true;
	error.wall_ms = world_now().wall_ms;
	world_scanned();
	ctm_inbox_append(world.state->dir_fd, &error, NULL);
	drain();
	cr_expect(world_file(job, 6).given_up);
	cr_expect_eq(world_job(job).state, CTM_JOB_OPEN);
	cr_expect_null(world_message(job).source);
	cr_expect(world.state->work);
}

static int note_deadline(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct ctm_stamp now = ctm_clock_now();

	(void)e;
	return ctm_deadline_set(txn, &now, *(const uint64_t *)context);
}

/* A hook ends no job for its time: it gets a deliverer to work. */
Test(drain, overdue)
{
	uint64_t left_ms = 3600000;

	world_add_listed(1, two, 2);
	world_scanned();
	world_update(note_deadline, &left_ms);
	append("nobody's");
	drain();
	cr_expect_not(world.state->work);
	left_ms = 0;
	world_update(note_deadline, &left_ms);
	append("nobody's either");
	drain();
	cr_expect(world.state->work);
	cr_expect_eq(world_job(1).state, CTM_JOB_OPEN);
}

/* A sidecar that has come and was not read yet may be of the same files: the event waits for it. */
Test(drain, claimed_and_kept)
{
	uint32_t job = world_add_listed(1, two, 2);

	world_scanned();
	append("a");
	drain();
	cr_expect_eq(world_unclaimed(), 0);
	scratch_write("state/jobs/second.ctm.ini", "");
	append("b");
	drain();
	cr_expect_eq(world_job(job).files_evident, 2);
	cr_expect_eq(world_unclaimed(), 1);
}

/* A file that somebody holds is read by each drain, and folded by the first alone. */
Test(drain, held_file_is_folded_once)
{
	CTM_CLEANUP_FD int holder = -1;

	world_scanned();
	append("nobody's");
	holder = open(scratch_path("state/inbox/current"), O_RDONLY | O_CLOEXEC);
	cr_assert_eq(flock(holder, LOCK_SH | LOCK_NB), 0);
	drain();
	cr_expect_eq(world_unclaimed(), 1);
	world_forget();
	append("nobody's either");
	drain();
	cr_expect_eq(world_unclaimed(), 1, "what was forgotten does not come back");
	ctm_close_fd(&holder);
	append("nor this");
	drain();
	cr_expect_eq(world_unclaimed(), 2);
}

/* The store can't be read: the events stay where they are. */
Test(drain, damaged_store)
{
	struct ctm_error e = CTM_ERROR_INIT;
	char garbage[10000];

	append("a");
	memset(garbage, 'x', sizeof garbage);
	scratch_write_bytes("state/" CTM_STORE_FILE, garbage, sizeof garbage);
	cr_expect_eq(ctm_drain(world.state, false, &e), -EBADMSG);
	cr_expect_eq(world.state->lock_fd, -1);
	cr_expect(waits());
	append("b");
}

static int count_evident(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct ctm_job job;

	(void)e;
	cr_assert_eq(ctm_store_job_get(txn, 1, &job), 0);
	*(uint32_t *)context = job.files_evident;
	return 3;
}

static int fail_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	(void)context;
	(void)ctm_store_work_add(txn, CTM_WORK_SEND, 1);
	return ctm_error_set(e, -EDOM, "so be it");
}

Test(drain, flow_update_and_read)
{
	struct ctm_error e = CTM_ERROR_INIT;
	uint32_t evident = 0;

	world_add_listed(1, two, 2);
	world_scanned();
	append("a");
	cr_expect_eq(ctm_flow_update(world.state, count_evident, &evident, &e), 3, "%s", e.text);
	cr_expect_eq(evident, 1, "what waited is folded before the body runs");
	append("b");
	cr_expect_eq(ctm_flow_read(world.state, count_evident, &evident, &e), 3, "%s", e.text);
	cr_expect_eq(evident, 2);
	cr_expect_eq(world.state->lock_fd, -1);
	append("x");
	cr_expect_eq(ctm_flow_update(world.state, fail_body, NULL, &e), -EDOM);
	cr_expect_str_eq(e.text, "so be it");
	cr_expect_not(world_has_work(CTM_WORK_SEND, 1), "aborted");
	cr_expect_eq(world_unclaimed(), 1, "the drain before it was not");
}

struct meeting {
	int entered[2];
	int appended[2];
};

/* Says that it holds the lock, and goes on when the other one has left its event. */
static int meet_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct meeting *m = context;
	char byte;

	(void)txn;
	(void)e;
	return write(m->entered[1], "x", 1) == 1 && read(m->appended[0], &byte, 1) == 1 ? 0 : -EIO;
}

/*
 * One process holds the lock; another leaves its event, does not get the lock, and goes without
 * waiting. Who holds it looks again after letting go.
 */
Test(drain, holder_looks_again)
{
	uint32_t job = world_add_listed(1, two, 2);
	struct meeting m;
	uint64_t start;
	int status;
	pid_t child;
	char byte;

	cr_assert_eq(pipe(m.entered), 0);
	cr_assert_eq(pipe(m.appended), 0);
	child = fork();
	if (child == 0) {
		struct ctm_state *own;
		int r = ctm_state_open(world.config, CTM_STATE_LOOK, &own, NULL);

		_exit(r < 0 || ctm_flow_update(own, meet_body, &m, NULL) < 0);
	}
	cr_assert_eq(read(m.entered[0], &byte, 1), 1);
	append("a");
	start = ctm_clock_boot_ms();
	drain();
	append("b");
	drain();
	cr_expect(ctm_clock_boot_ms() - start < 2000, "it does not wait");
	cr_assert_eq(write(m.appended[1], "x", 1), 1);
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	cr_expect_eq(world_job(job).files_evident, 2);
	for (int i = 0; i < 2; i++) {
		close(m.entered[i]);
		close(m.appended[i]);
	}
}

/* As aria2 calls hooks: many at once, each appends and drains and goes. Nobody is left. */
Test(drain, storm)
{
	enum {
		HOOKS = 12,
		EACH = 25
	};
	static char names[HOOKS * EACH][32];
	static struct world_file files[HOOKS * EACH];
	uint32_t job;
	int status;

	for (int i = 0; i < HOOKS * EACH; i++) {
		snprintf(names[i], sizeof names[i], "file-%d", i);
		files[i].name = names[i];
	}
	job = world_add_listed(1, files, HOOKS * EACH);
	for (int h = 0; h < HOOKS; h++) {
		if (fork() != 0)
			continue;
		for (int i = 0; i < EACH; i++) {
			const struct ctm_event event = world_event(DONE, 7, 1, names[h * EACH + i]);
			struct ctm_state *own;
			int r = ctm_state_open(world.config, CTM_STATE_CREATE, &own, NULL);

			if (r == 0)
				r = ctm_inbox_append(own->dir_fd, &event, NULL);
			if (r < 0 || ctm_drain(own, r > 0, NULL) < 0)
				_exit(1);
			ctm_state_close(own);
		}
		_exit(0);
	}
	for (int h = 0; h < HOOKS; h++) {
		cr_assert_gt(wait(&status), 0);
		cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	cr_expect_eq(world_job(job).files_evident, HOOKS * EACH);
	cr_expect_eq(world_job(job).state, CTM_JOB_VERIFYING);
}
