/* SPDX-License-Identifier: MIT */
/* From a sidecar, files and events to a message, with fake_transport.c in the module's place. */
#include "deliver.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "aria2s.h"
#include "drain.h"
#include "files.h"
#include "hresult.h"
#include "inbox_read.h"
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

/* At so many times that the store's lock is let go of, "b" is completed just before; 0: never. */
static unsigned late;

static bool is_lock(int fd)
{
	char link[64];
	char path[4096];
	ssize_t n;

	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof path - 1);
	path[n < 0 ? 0 : n] = '\0';
	return strcmp(path, scratch_path("state/" CTM_LOCK_FILE)) == 0;
}

int close(int fd)
{
	if (late && is_lock(fd) && --late == 0)
		complete("b");
	return (int)syscall(SYS_close, fd);
}

static void put_sidecar_with(unsigned id, const char *keys)
{
	char text[1024];

	snprintf(text, sizeof text,
		"[job]\nid = %s\nkind = listed\nendpoint = ctm\nlocal_path = %s\nfiles_total = 2\n"
		"%s[file.1]\npath = a\nsize = 5\n[file.2]\npath = b\n",
		world_id(id), world.dl, keys);
	scratch_write("state/jobs/one.ctm.ini", text);
}

static void put_sidecar(unsigned id)
{
	put_sidecar_with(id, "timeout = 3600\n");
}

/*
 * An event that comes while the lock is held is drained once more after it was let go of: whatever
 * the deliverer does at that moment, the job's end is not left to nobody.
 */
Test(deliver, an_event_at_each_letting_go)
{
	struct ctm_error e = CTM_ERROR_INIT;
	unsigned all = 0;

	for (unsigned n = 1; late == 0; n++, all++) {
		world_done();
		world_init();
		world.config->linger_s = 0;
		put_sidecar(1);
		complete("a");
		sent_verdict(CTM_TRANSPORT_TAKEN);
		late = n;
		cr_assert_geq(
			ctm_deliver_run(world.state, CTM_DELIVER_LINGER, &e), 0, "%s", e.text);
		if (late == 0)
			cr_expect_eq(sent_count(), 1, "at %u", n);
	}
	late = 0;
	cr_expect_gt(all, 5);
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

static void expect_timeout(void)
{
	const struct ctm_message message = world_message(1);

	cr_expect_eq(world_job(1).state, CTM_JOB_FAILED);
	cr_assert_not_null(message.source);
	cr_expect_eq(message.state, CTM_MESSAGE_SENT);
	cr_expect_eq(message.error_code, CTM_E_TIMEOUT);
	cr_expect_not_null(
		strstr(message.error_message, world_path("b")), "%s", message.error_message);
	cr_expect_eq(sent_count(), 1);
	cr_expect_not_null(strstr(sent_line(0), "/error "), "%s", sent_line(0));
	cr_expect_eq(due(), 0);
}

/* One that lingers is there when the time is over, and goes then. */
Test(deliver, deadline_while_lingering)
{
	struct ctm_error e = CTM_ERROR_INIT;
	const uint64_t begin_ms = ctm_clock_boot_ms();

	sent_verdict(CTM_TRANSPORT_TAKEN);
	world.config->linger_s = 30;
	put_sidecar_with(1, "timeout = 1\n");
	complete("a");
	cr_expect_eq(ctm_deliver_run(world.state, CTM_DELIVER_LINGER, &e), 0, "%s", e.text);
	cr_expect_geq(ctm_clock_boot_ms() - begin_ms, 1000);
	expect_timeout();
	cr_expect_eq(run(), 0);
	cr_expect_eq(sent_count(), 1);
}

/* One that is further away than it lingers is left to a flush, or to a hook. */
Test(deliver, deadline_by_flush)
{
	struct ctm_error e = CTM_ERROR_INIT;

	sent_verdict(CTM_TRANSPORT_TAKEN);
	put_sidecar_with(1, "timeout = 1\n");
	complete("a");
	cr_expect_eq(ctm_deliver_run(world.state, CTM_DELIVER_LINGER, &e), 0, "%s", e.text);
	cr_expect_eq(world_job(1).state, CTM_JOB_OPEN);
	cr_expect_eq(due(), 0);
	usleep(1100000);
	cr_expect_eq(due(), 1);
	cr_expect_eq(run(), 0);
	expect_timeout();
}

/* [state] give_up has become shorter: the bound that the store keeps is of the longer one. */
Test(deliver, shorter_give_up_by_flush)
{
	sent_verdict(CTM_TRANSPORT_TAKEN);
	put_sidecar_with(1, "");
	complete("a");
	cr_expect_eq(run(), 0);
	cr_expect_eq(world_job(1).state, CTM_JOB_OPEN);
	usleep(1100000);
	world.config->give_up_s = 1;
	cr_expect_eq(due(), 0);
	cr_expect_eq(run(), 0);
	expect_timeout();
}

/* A job of so many files is not ended in a hook: it is left to the deliverer. */
static void expect_left(uint32_t n, bool is_left)
{
	struct world_file *files = scratch_keep(calloc(n, sizeof *files));
	const struct ctm_event event = world_event(CTM_EVENT_ERROR, 0x22, 1, "");
	struct ctm_error e = CTM_ERROR_INIT;
	uint32_t job;

	cr_assert_not_null(files);
	for (uint32_t i = 0; i < n; i++) {
		char name[16];

		snprintf(name, sizeof name, "f%u", i);
		files[i] = (struct world_file){.name = world_text_of(name), .gid = 0x100 + i};
	}
	files[0].gid = 0x22;
	job = world_add_listed(1, files, n);
	world_scanned();
	sent_verdict(CTM_TRANSPORT_TAKEN);
	cr_assert_geq(ctm_inbox_append(world.state->dir_fd, &event, NULL), 0);
	cr_assert_eq(ctm_drain(world.state, true, &e), 0, "%s", e.text);
	cr_expect(world.state->work);
	cr_expect_eq(world_job(job).state, is_left ? CTM_JOB_OPEN : CTM_JOB_FAILED);
	cr_expect_eq(due(), 1);
	cr_expect_eq(ctm_deliver_run(world.state, CTM_DELIVER_LINGER, &e), 0, "%s", e.text);
	cr_expect_eq(world_job(job).state, CTM_JOB_FAILED);
	cr_expect_eq(world_message(job).error_code, CTM_E_FAIL);
	cr_expect_eq(sent_count(), 1);
	cr_expect_eq(due(), 0);
}

Test(deliver, many_files_end_in_the_deliverer)
{
	expect_left(1001, true);
}

Test(deliver, few_files_end_in_the_hook)
{
	expect_left(1000, false);
}

/* What was missed is caught up with before anything ends. */
Test(deliver, caught_up_before_the_deadline_counts)
{
	char json[4096];

	sent_verdict(CTM_TRANSPORT_TAKEN);
	aria2s_add("main", "http://127.0.0.1:6800/jsonrpc");
	aria2s_answer_nothing();
	put_sidecar_with(1, "timeout = 1\n");
	complete("a");
	cr_expect_eq(run(), 0);
	usleep(1100000);
	scratch_write("dl/b", "1234567");
	snprintf(json, sizeof json,
		"[{\"gid\":\"0000000000000022\",\"status\":\"complete\","
		"\"totalLength\":\"7\",\"completedLength\":\"7\",\"errorCode\":\"0\","
		"\"dir\":\"%s\",\"files\":[{\"path\":\"%s\",\"length\":\"7\","
		"\"completedLength\":\"7\",\"selected\":\"true\",\"uris\":[]}]}]",
		world.dl, world_path("b"));
	aria2s_answer("aria2.tellStopped", json);
	cr_expect_gt(due(), 0);
	cr_expect_eq(run(), 0);
	cr_expect_eq(world_job(1).state, CTM_JOB_SUCCEEDED);
	cr_expect_eq(sent_count(), 1);
	cr_expect_not_null(strstr(sent_line(0), "/success 12 2\n"), "%s", sent_line(0));
}

/* Another process hashes files, for as long as it takes: nobody waits for it. */
Test(deliver, deadline_while_another_hashes)
{
	CTM_CLEANUP_FD int lock = ctm_lock_try(world.state->dir_fd, "hash.lock");

	cr_assert_geq(lock, 0);
	sent_verdict(CTM_TRANSPORT_TAKEN);
	put_sidecar_with(1, "timeout = 1\n");
	complete("a");
	cr_expect_eq(run(), 0);
	usleep(1100000);
	cr_expect_eq(ctm_deliver_run(world.state, CTM_DELIVER_LINGER, NULL), 0);
	expect_timeout();
}

/* aria2 gives up on dl/b, whose gid is 0x22. */
static void fail(void)
{
	struct ctm_event event = world_event(CTM_EVENT_ERROR, 0x22, 1, "");

	cr_assert_geq(ctm_inbox_append(world.state->dir_fd, &event, NULL), 0);
}

Test(deliver, questions)
{
	char json[4096];

	sent_verdict(CTM_TRANSPORT_TAKEN);
	aria2s_add("main", "http://127.0.0.1:6800/jsonrpc");
	aria2s_answer_nothing();
	put_sidecar_with(1, "");
	cr_expect_eq(run(), 0);
	snprintf(json, sizeof json,
		"[[{\"gid\":\"0000000000000022\",\"status\":\"error\","
		"\"totalLength\":\"0\",\"completedLength\":\"0\",\"errorCode\":\"3\","
		"\"errorMessage\":\"\",\"dir\":\"%s\",\"files\":[{\"path\":\"%s\","
		"\"length\":\"0\",\"completedLength\":\"0\",\"selected\":\"true\","
		"\"uris\":[]}]}]]",
		world.dl, world_path("b"));
	aria2s_answer("system.multicall", json);
	fail();
	cr_expect_gt(due(), 0);
	cr_expect_eq(ctm_deliver_run(world.state, CTM_DELIVER_LINGER, NULL), 0);
	cr_expect_eq(aria2s_questions(), 0);
	cr_expect_eq(sent_count(), 1);
	cr_expect_eq(world_message(1).error_code, 0x80190194);
	cr_expect_eq(due(), 0);
}

/* Nobody answers: what is not known holds up nothing, and the deliverer goes. */
Test(deliver, questions_without_answer)
{
	sent_verdict(CTM_TRANSPORT_TAKEN);
	aria2s_add("main", "http://127.0.0.1:6800/jsonrpc");
	put_sidecar(1);
	fail();
	complete("a");
	cr_expect_eq(ctm_deliver_run(world.state, CTM_DELIVER_LINGER, NULL), 0);
	cr_expect_eq(aria2s_questions(), 0);
	complete("b");
	cr_expect_eq(ctm_deliver_run(world.state, CTM_DELIVER_LINGER, NULL), 0);
	cr_expect_eq(world_job(1).state, CTM_JOB_SUCCEEDED);
	cr_expect_eq(sent_count(), 1);
}

/* While a question waits, every [aria2] is taken out of the configuration. */
Test(deliver, questions_to_nobody)
{
	sent_verdict(CTM_TRANSPORT_TAKEN);
	aria2s_add("main", "http://127.0.0.1:6800/jsonrpc");
	put_sidecar_with(1, "");
	fail();
	complete("a");
	cr_assert_eq(ctm_drain(world.state, true, NULL), 0);
	aria2s_remove();
	cr_expect_eq(run(), 0);
	cr_expect_eq(aria2s_questions(), 0);
	cr_expect_eq(due(), 0);
}

static uint64_t cpu_ms(void)
{
	struct timespec t;

	cr_assert_eq(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t), 0);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* While it waits for an aria2 that takes its time, a deadline that has passed keeps nobody busy. */
Test(deliver, sleeps_while_catching_up)
{
	const uint64_t begin_ms = ctm_clock_boot_ms();
	uint64_t cpu_begin_ms;

	sent_verdict(CTM_TRANSPORT_TAKEN);
	aria2s_add("main", "http://127.0.0.1:6800/jsonrpc");
	aria2s_answer_nothing();
	put_sidecar_with(1, "timeout = 1\n");
	complete("a");
	cr_expect_eq(run(), 0);
	usleep(1100000);
	cr_assert_eq(setenv("CTM_FAKE_ARIA2_MS", "300", 1), 0);
	cpu_begin_ms = cpu_ms();
	cr_expect_eq(ctm_deliver_run(world.state, CTM_DELIVER_LINGER, NULL), 0);
	cr_expect_geq(ctm_clock_boot_ms() - begin_ms, 1900);
	cr_expect_lt(cpu_ms() - cpu_begin_ms, 300, "%llu ms",
		(unsigned long long)(cpu_ms() - cpu_begin_ms));
	expect_timeout();
}

static void *nothing(void *context)
{
	return context;
}

/* From now on no thread can be made. */
static void have_no_threads(void)
{
	const size_t all_memory = (size_t)1 << (sizeof(size_t) * 8 - 2);
	pthread_attr_t attributes;
	pthread_t thread;

	cr_assert_eq(pthread_attr_init(&attributes), 0);
	cr_assert_eq(pthread_attr_setstacksize(&attributes, all_memory), 0);
	cr_assert_eq(pthread_setattr_default_np(&attributes), 0);
	pthread_attr_destroy(&attributes);
	if (pthread_create(&thread, NULL, nothing, NULL) == 0) {
		pthread_join(thread, NULL);
		cr_skip_test("threads can be made whatever their stack");
	}
}

static void expect_sent_without_threads(enum ctm_deliver_mode mode)
{
	struct ctm_error e = CTM_ERROR_INIT;
	uint32_t job = sent_make(1, "ctm");

	sent_verdict(CTM_TRANSPORT_TAKEN);
	world.config->linger_s = 0;
	put_sidecar(2);
	complete("a");
	complete("b");
	have_no_threads();
	cr_expect_eq(ctm_deliver_run(world.state, mode, &e), -ENOMEM, "%s", e.text);
	cr_expect_not_null(strstr(e.text, "thread"), "%s", e.text);
	cr_expect_eq(world_message(job).state, CTM_MESSAGE_SENT);
	cr_expect_eq(sent_count(), 1);
	cr_expect_eq(world_job(2).state, CTM_JOB_VERIFYING);
}

/* What can't be looked at, or caught up with, keeps nothing else from being sent. */
Test(deliver, flush_without_threads)
{
	expect_sent_without_threads(CTM_DELIVER_ONCE);
}

Test(deliver, lingers_without_threads)
{
	expect_sent_without_threads(CTM_DELIVER_LINGER);
}
