/* SPDX-License-Identifier: MIT */
#include "trigger_write.h"
#include "trigger.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "deadline.h"
#include "drain.h"
#include "files.h"
#include "inbox_record.h"
#include "pack.h"
#include "trigger_file.h"
#include "world.h"

#define DONE CTM_EVENT_COMPLETE

/* A drain that finds the inbox so large puts another file in its place. */
#define ROTATED_BYTES 8192u

/* What a hook does. Whether it drained. */
static bool hook(enum ctm_event_type type, uint32_t n_files, const char *name)
{
	const struct ctm_event event = world_event(type, 7, n_files, name);
	struct ctm_inbox_place place;
	int r = ctm_inbox_append(world.state->dir_fd, &event, &place);

	cr_assert_geq(r, 0);
	if (r == 0 && !ctm_trigger_is_pulled(world.state, &event, &place))
		return false;
	cr_assert_eq(ctm_drain(world.state, r > 0, NULL), 0);
	return true;
}

static bool done(const char *name)
{
	return hook(DONE, 1, name);
}

/* The second event on, since the first one makes the file, is what is looked at. */
static void init(void)
{
	world_init();
	world_scanned();
}

TestSuite(trigger, .init = init, .fini = world_done, .timeout = 60);

static void append_bytes(const char *bytes, size_t len)
{
	CTM_CLEANUP_FD int fd =
		open(scratch_path("state/inbox/current"), O_WRONLY | O_APPEND | O_CLOEXEC);

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, bytes, len), (ssize_t)len);
}

/* A job of so many files below dl/a/, of which one has come. */
static uint32_t job_of(uint32_t files)
{
	uint32_t job = world_add_counted(1, CTM_KIND_TOTALS, "a", files);

	cr_assert(done("a/first"));
	return job;
}

Test(trigger, only_what_completes)
{
	uint32_t job = job_of(4);

	cr_expect_not(done("a/2"));
	cr_expect_not(done("a/2"), "the same again");
	cr_expect_eq(world_job(job).files_evident, 1, "nobody drained");
	(void)done("a/3");
	cr_expect(done("a/4"), "it may be the last one");
	cr_expect_eq(world_job(job).state, CTM_JOB_VERIFYING);
}

/* However much of others' the inbox has taken meanwhile. */
Test(trigger, beside_others)
{
	uint32_t job = job_of(4);

	for (unsigned i = 0; i < 50; i++)
		cr_expect_not(done("elsewhere"));
	cr_expect_not(done("a/2"));
	cr_expect_not(done("elsewhere"));
	cr_expect_not(done("a/3"));
	cr_expect_eq(world_job(job).files_evident, 1, "nobody drained");
	cr_expect(done("a/4"));
	cr_expect_eq(world_job(job).state, CTM_JOB_VERIFYING);
}

/* What was drained does not count again. */
Test(trigger, beside_others_and_drained)
{
	uint32_t job = job_of(6);

	cr_expect_not(done("a/2"));
	cr_expect(hook(CTM_EVENT_STOP, 1, "elsewhere"));
	cr_expect_eq(world_job(job).files_evident, 2);
	for (unsigned i = 0; i < 50; i++)
		cr_expect_not(done("elsewhere"));
	cr_expect_not(done("a/3"));
	cr_expect_not(done("a/4"));
	cr_expect_not(done("a/5"));
	cr_expect(done("a/6"));
	cr_expect_eq(world_job(job).state, CTM_JOB_VERIFYING);
}

/* Appends what no hook has drained: it was killed before that. */
static void only_append(enum ctm_event_type type, uint32_t n_files, const char *name)
{
	const struct ctm_event event = world_event(type, 7, n_files, name);

	cr_assert_eq(ctm_inbox_append(world.state->dir_fd, &event, NULL), 0);
}

/* Who counts and meets what more than one file can come of, or nothing readable, drains. */
Test(trigger, counts_nothing_else)
{
	(void)job_of(9);
	for (unsigned i = 0; i < 50; i++)
		cr_expect_not(done("elsewhere"));
	cr_expect_not(done("a/2"));
	only_append(DONE, 2, "a/torrent/1");
	cr_expect(done("a/3"));
	for (unsigned i = 0; i < 50; i++)
		cr_expect_not(done("elsewhere"));
	cr_expect_not(done("a/4"));
	only_append(CTM_EVENT_ERROR, 1, "elsewhere");
	cr_expect(done("a/5"));
	for (unsigned i = 0; i < 50; i++)
		cr_expect_not(done("elsewhere"));
	append_bytes("torn", 4);
	cr_expect(done("a/6"));
}

Test(trigger, nobodys)
{
	(void)job_of(4);
	for (unsigned i = 0; i < 50; i++)
		cr_expect_not(done("elsewhere"));
	cr_expect_not(done("ab"), "not below dl/a");
	cr_expect_not(done("a"), "dl/a itself");
}

/* Errors and stops are causes or questions, a torrent completes many files at once. */
Test(trigger, other_events)
{
	(void)job_of(9);
	cr_expect(hook(CTM_EVENT_ERROR, 1, "elsewhere"));
	cr_expect(hook(CTM_EVENT_STOP, 1, "elsewhere"));
	cr_expect(hook(DONE, 2, "a/many"));
	cr_expect_not(hook(CTM_EVENT_START, 1, ""));
	cr_expect_not(hook(CTM_EVENT_PAUSE, 1, "a/x"));
	cr_expect_not(hook(DONE, 0, ""));
}

static void wants_progress(struct ctm_job *job)
{
	job->flags |= CTM_FLAG_NOTIFYPROGRESS;
}

Test(trigger, progress)
{
	uint32_t job = job_of(9);

	world_change(job, wants_progress);
	cr_expect(hook(CTM_EVENT_START, 1, ""));
	cr_expect(done("a/2"));
	cr_expect_not(done("elsewhere"));
}

static void suspend(struct ctm_job *job)
{
	job->suspended = true;
}

static void shorten(struct ctm_job *job)
{
	job->files_total = 2;
}

Test(trigger, changed_jobs)
{
	uint32_t job = job_of(50);

	cr_expect_not(done("a/2"));
	world_change(job, suspend);
	cr_expect(done("a/3"));
	world_change(job, shorten);
	cr_expect(done("a/4"));
}

/* One that comes when hooks have long stopped to drain. */
Test(trigger, registered_late)
{
	uint32_t job;

	(void)job_of(50);
	cr_expect_not(done("b/1"));
	job = world_add_counted(2, CTM_KIND_TOTALS, "b", 1);
	cr_expect(done("b/2"));
	cr_expect_eq(world_job(job).state, CTM_JOB_VERIFYING);
}

/* What lies above a job's local_path, and what is nested in it. */
Test(trigger, nested)
{
	uint32_t outer = world_add_counted(1, CTM_KIND_TOTALS, "", 100);
	uint32_t inner = world_add_counted(2, CTM_KIND_TOTALS, "a/b/c", 3);

	cr_expect(done("a/b/c/1"));
	cr_expect_not(done("x"));
	(void)done("a/b/c/2");
	cr_expect(done("a/b/c/3"));
	cr_expect_eq(world_job(inner).state, CTM_JOB_VERIFYING);
	cr_expect_eq(world_job(outer).state, CTM_JOB_OPEN);
}

Test(trigger, sidecars)
{
	(void)job_of(9);
	cr_expect_not(done("a/2"));
	scratch_write("state/jobs/new.ctm.ini", "");
	cr_expect(done("elsewhere"));
	cr_expect(world.state->work, "somebody is to read it");
}

static int due_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct ctm_stamp now = ctm_clock_now();

	(void)context;
	(void)e;
	return ctm_deadline_set(txn, &now, 0);
}

Test(trigger, deadline)
{
	(void)job_of(9);
	cr_expect_not(done("elsewhere"));
	world_update(due_body, NULL);
	cr_expect(done("elsewhere"));
}

/* An inbox file that nobody has read, of whatever name. */
Test(trigger, other_inbox)
{
	(void)job_of(9);
	cr_expect_not(done("elsewhere"));
	cr_assert_eq(unlink(scratch_path("state/inbox/current")), 0);
	cr_expect(done("elsewhere"));
}

/* It is drained before a full disk's reserve is gone, and goes on in the next file. */
Test(trigger, rotation)
{
	unsigned drains = 0;

	(void)job_of(2000);
	for (unsigned i = 0; i < 1000; i++) {
		char name[32];

		snprintf(name, sizeof name, "a/%u", i);
		drains += done(name);
	}
	cr_expect_gt(drains, 1);
	cr_expect_lt(drains, 30);
}

static void change_header(void (*change)(struct ctm_trigger_header *h))
{
	struct ctm_trigger_header h;
	int fd = ctm_trigger_open(world.state->dir_fd, O_RDWR, &h);

	cr_assert_geq(fd, 0);
	change(&h);
	cr_assert_eq(ctm_trigger_write_header(fd, &h), 0);
	close(fd);
}

static void other_boot(struct ctm_trigger_header *h)
{
	h->boot++;
}

static void unbound(struct ctm_trigger_header *h)
{
	h->bound = false;
}

Test(trigger, headers)
{
	(void)job_of(9);
	cr_expect_not(done("a/2"));
	change_header(other_boot);
	cr_expect(done("elsewhere"));
	cr_expect_not(done("elsewhere"), "it was made anew");
	change_header(unbound);
	cr_expect(done("elsewhere"));
	cr_expect_not(done("elsewhere"), "it is bound anew");
	ctm_trigger_unbind(world.state->dir_fd);
	cr_expect(done("elsewhere"));
	cr_assert_eq(truncate(scratch_path("state/" CTM_TRIGGER_FILE), 30), 0);
	cr_expect(done("elsewhere"));
	cr_expect_not(done("elsewhere"));
}

/* What can't be used is not used, and keeps nothing from being done. */
Test(trigger, no_file)
{
	uint32_t job = job_of(3);

	cr_assert_eq(unlink(scratch_path("state/" CTM_TRIGGER_FILE)), 0);
	cr_assert_eq(mkdir(scratch_path("state/" CTM_TRIGGER_FILE), 0700), 0);
	cr_expect(done("elsewhere"));
	cr_expect(done("a/2"));
	cr_expect(done("a/3"));
	cr_expect_eq(world_job(job).state, CTM_JOB_VERIFYING);
}

/* An appender that holds a file which was rotated away may still write to it. */
Test(trigger, straggler)
{
	int fd;

	(void)job_of(2000);
	for (unsigned i = 0; i < 100; i++)
		(void)done("elsewhere");
	fd = open(scratch_path("state/inbox/current"), O_WRONLY | O_APPEND | O_CLOEXEC);
	cr_assert_geq(fd, 0);
	cr_assert_eq(flock(fd, LOCK_SH), 0);
	cr_expect(hook(CTM_EVENT_STOP, 1, "elsewhere"), "which rotates");
	cr_expect(done("elsewhere"));
	close(fd);
	cr_expect(done("elsewhere"), "it is removed by this one");
	cr_expect_not(done("elsewhere"));
}

/* SIGKILL cut another's record short, and what it lacks is as long as the records behind it. */
Test(trigger, torn_as_long_as_the_next)
{
	const size_t cut = 120;
	const size_t len = strlen(world_path("a/2")) + cut;
	CTM_CLEANUP_BUF struct ctm_buf b = CTM_BUF_INIT(2000);
	uint32_t job = job_of(4);
	char name[1000];
	struct ctm_event torn;

	for (unsigned i = 0; i < 20; i++)
		cr_expect_not(done("elsewhere"));
	snprintf(name, sizeof name, "%0*d", (int)(len - strlen(world_path("x")) + 1), 0);
	torn = world_event(DONE, 7, 1, name);
	ctm_inbox_frame(&b, &torn);
	cr_assert_eq(b.len, CTM_INBOX_RECORD_LEAST + len);
	append_bytes(b.data, cut);
	(void)done("a/2");
	(void)done("a/3");
	(void)done("a/4");
	cr_expect_eq(world_job(job).state, CTM_JOB_VERIFYING);
}

static bool is_killed_before_it_binds;

/* As if the process had been killed before it wrote the header that binds the entries. */
ssize_t pwrite(int fd, const void *data, size_t len, off_t at)
{
	const unsigned char *bytes = data;

	if (is_killed_before_it_binds && at == 0 && len > 32 && ctm_get_u64(bytes + 24) == 1)
		return (ssize_t)len;
	return (ssize_t)syscall(SYS_pwrite64, fd, data, len, at);
}

/* What the first drain of a boot had set when it was killed is no position of the next file. */
Test(trigger, killed_while_it_settles)
{
	const size_t record = CTM_INBOX_RECORD_LEAST + strlen(world_path("elsewhere"));
	uint32_t job = job_of(5);
	struct stat st;

	cr_assert_eq(unlink(scratch_path("state/" CTM_TRIGGER_FILE)), 0);
	do {
		only_append(DONE, 1, "elsewhere");
		cr_assert_eq(stat(scratch_path("state/inbox/current"), &st), 0);
	} while ((size_t)st.st_size + 2 * record < ROTATED_BYTES);
	is_killed_before_it_binds = true;
	cr_expect(done("a/2"));
	is_killed_before_it_binds = false;
	ctm_trigger_done(world.state);
	only_append(DONE, 1, "elsewhere");
	only_append(DONE, 1, "elsewhere");
	cr_expect(done("elsewhere"), "which rotates");
	(void)done("a/3");
	(void)done("a/4");
	(void)done("a/5");
	cr_expect_eq(world_job(job).state, CTM_JOB_VERIFYING);
}

static int cancel_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct ctm_stamp now = ctm_clock_now();
	struct ctm_job job;

	(void)e;
	cr_assert_eq(ctm_store_job_get(txn, *(uint32_t *)context, &job), 0);
	cr_assert_eq(ctm_job_end(&job, CTM_JOB_CANCELLED, &now), 0);
	return ctm_store_job_put(txn, &job);
}

/* The file is made by a transaction that ends a job, and is not committed. */
Test(trigger, made_for_nothing)
{
	uint32_t job = job_of(3);
	struct rlimit before;
	struct rlimit small;

	cr_assert_eq(unlink(scratch_path("state/" CTM_TRIGGER_FILE)), 0);
	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(getrlimit(RLIMIT_FSIZE, &before), 0);
	small = before;
	small.rlim_cur = 8192; /* it has room, the store has none */
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &small), 0);
	cr_expect_lt(ctm_trigger_update(world.state, cancel_body, &job, NULL), 0);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
	cr_assert_eq(access(scratch_path("state/" CTM_TRIGGER_FILE), F_OK), 0);
	cr_expect_eq(world_job(job).state, CTM_JOB_OPEN);
	cr_expect(done("elsewhere"));
	(void)done("a/2");
	(void)done("a/3");
	cr_expect_eq(world_job(job).state, CTM_JOB_VERIFYING);
}
