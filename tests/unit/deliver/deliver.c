/* SPDX-License-Identifier: MIT */
/* From a sidecar, files and events to a message, with fake_transport.c in the module's place. */
#include "deliver.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "files.h"
#include "inbox.h"
#include "lock.h"
#include "sent.h"
#include "sides.h"
#include "wake.h"
#include "world.h"

TestSuite(deliver, .init = world_init, .fini = world_done, .timeout = 60);

static int run(void)
{
	struct ctm_error e = CTM_ERROR_INIT;
	int r = ctm_deliver_run(world.state, CTM_DELIVER_ONCE, &e);

	cr_expect_geq(r, 0, "%d: %s", r, e.text);
	return r;
}

static size_t due(void)
{
	size_t due = 99;

	cr_assert_eq(ctm_deliver_due(world.state, false, &due, NULL), 0);
	return due;
}

/* aria2 completes dl/NAME. */
static void complete(const char *name)
{
	struct ctm_event event = world_event(CTM_EVENT_COMPLETE, 7, 1, name);
	char path[128];

	snprintf(path, sizeof path, "dl/%s", name);
	scratch_write(path, "12345");
	event.wall_ms = ctm_clock_wall_ms();
	cr_assert_geq(ctm_inbox_append(world.state->dir_fd, &event, NULL), 0);
}

static void put_sidecar(unsigned id)
{
	char text[1024];

	snprintf(text, sizeof text,
		"[job]\nid = %s\nkind = listed\nendpoint = ctm\nlocal_path = %s\nfiles_total = 2\n"
		"[file.1]\npath = a\nsize = 5\n[file.2]\npath = b\n",
		world_id(id), world.dl);
	scratch_write("state/jobs/one.ctm.ini", text);
}

Test(deliver, nothing)
{
	cr_expect_eq(run(), 0);
	cr_expect_eq(due(), 0);
}

Test(deliver, whole)
{
	sent_verdict(CTM_TRANSPORT_TAKEN);
	put_sidecar(1);
	complete("a");
	cr_expect_gt(due(), 0, "there is a sidecar to read");
	cr_expect_eq(run(), 0);
	cr_expect_eq(world_job(1).state, CTM_JOB_OPEN);
	cr_expect_eq(sent_count(), 0);
	complete("b");
	cr_expect_eq(run(), 0);
	cr_expect_eq(world_job(1).state, CTM_JOB_SUCCEEDED);
	cr_expect_eq(world_message(1).state, CTM_MESSAGE_SENT);
	cr_expect_eq(sent_count(), 1);
	cr_expect_not_null(strstr(sent_line(0), "/success 10 2\n"), "%s", sent_line(0));
	cr_expect_eq(due(), 0);
	complete("a");
	complete("b");
	cr_expect_eq(run(), 0);
	cr_expect_eq(sent_count(), 1, "one final word, however often aria2 repeats itself");
}

Test(deliver, not_right_yet)
{
	sent_verdict(CTM_TRANSPORT_TAKEN);
	put_sidecar(1);
	complete("a");
	complete("b");
	cr_assert_eq(unlink(scratch_path("dl/b")), 0);
	cr_expect_eq(run(), 0);
	cr_expect_eq(world_job(1).state, CTM_JOB_OPEN);
	cr_expect_eq(sent_count(), 0);
	complete("b");
	cr_expect_eq(run(), 0);
	cr_expect_eq(sent_count(), 1);
}

/* The endpoint is down: what is due later is left for later. */
Test(deliver, fails)
{
	uint32_t job = sent_make(1, "ctm");

	world_scanned();
	sent_verdict(CTM_TRANSPORT_RETRY);
	cr_expect_eq(due(), 1);
	cr_expect_eq(run(), 0);
	cr_expect_eq(world_message(job).attempts, 1);
	cr_expect_eq(due(), 0);
	cr_expect_eq(run(), 0);
	cr_expect_eq(sent_count(), 1);
}

/* One works on a state directory at a time; it is woken, and the other one goes. */
Test(deliver, one_at_a_time)
{
	CTM_CLEANUP_FD int fifo = ctm_wake_open(world.state);
	CTM_CLEANUP_FD int lock = ctm_lock_try(world.state->dir_fd, CTM_DELIVER_LOCK);
	struct pollfd p = {.fd = fifo, .events = POLLIN};

	cr_assert_geq(lock, 0);
	sent_make(1, "ctm");
	cr_expect_eq(run(), 1);
	cr_expect_eq(sent_count(), 0);
	cr_expect_eq(poll(&p, 1, 0), 1, "who is at work is woken");
	ctm_close_fd(&lock);
	cr_expect_eq(run(), 0);
	cr_expect_eq(sent_count(), 1);
}

/* Several at once, as hooks start them: each message goes out once. */
Test(deliver, several_at_once)
{
	enum {
		DELIVERERS = 6,
		MESSAGES = 40
	};
	int status;

	for (unsigned i = 1; i <= MESSAGES; i++)
		sent_make(i, "ctm");
	for (int i = 0; i < DELIVERERS; i++) {
		if (fork() == 0) {
			struct ctm_state *own;
			int r = ctm_state_open(world.config, CTM_STATE_LOOK, &own, NULL);

			if (r == 0)
				r = ctm_deliver_run(own, CTM_DELIVER_LINGER, NULL);
			_exit(r < 0);
		}
	}
	for (int i = 0; i < DELIVERERS; i++) {
		cr_assert_gt(wait(&status), 0);
		cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	}
	cr_expect_eq(sent_count(), MESSAGES);
	cr_expect_eq(due(), 0);
}
