/* SPDX-License-Identifier: MIT */
/* With fake_transport.c in the place of the module. */
#include "send.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "hresult.h"
#include "send_store.h"
#include "sent.h"
#include "sides.h"
#include "world.h"

TestSuite(send, .init = world_init, .fini = world_done, .timeout = 60);

static struct ctm_queue queue;
static struct ctm_sender *sender;

static int load_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	(void)context;
	(void)e;
	return ctm_queue_load(txn, &queue);
}

static enum ctm_queue_room is_to_send(const struct ctm_queue_item *item, void *context)
{
	(void)context;
	return item->work != CTM_WORK_VERIFY ? CTM_QUEUE_ROOM : CTM_QUEUE_FULL;
}

static void load(void)
{
	world_update(load_body, NULL);
	queue.version = ctm_store_version(world.state->store);
}

static void begin(bool orphans_are_due)
{
	queue = (struct ctm_queue){.config = world.config, .orphans_are_due = orphans_are_due};
	cr_assert_eq(ctm_sender_new(world.state, &queue, &sender), 0);
	load();
}

/* What has changed in the store is seen, and what is due and has room goes out. */
static void start(void)
{
	struct ctm_error e = CTM_ERROR_INIT;

	if (queue.version != ctm_store_version(world.state->store))
		load();
	cr_assert_eq(ctm_sender_start(sender, &e), 0, "%s", e.text);
}

static void collect(void)
{
	struct ctm_error e = CTM_ERROR_INIT;

	cr_assert_eq(ctm_sender_wait(sender, NULL, 0, 1000), 0);
	cr_assert_eq(ctm_sender_collect(sender, &e), 0, "%s", e.text);
}

static void finish(void)
{
	ctm_sender_free(sender);
	ctm_queue_done(&queue);
}

/* Sends until nothing is due or under way. */
static void send_due(void)
{
	begin(false);
	do {
		start();
		collect();
	} while (ctm_queue_busy(&queue) ||
		 ctm_queue_next(&queue, is_to_send, NULL) <= ctm_clock_boot_ms());
	finish();
}

static const struct world_file two[] = {{"a", 50, 0}, {"b", 50, 0}};

/* Whether the i-th attempt was that word of job 1. */
static void expect_line(unsigned i, const char *word)
{
	cr_expect_not_null(strstr(sent_line(i), word), "%s", sent_line(i));
}

Test(send, taken)
{
	uint32_t job = sent_make(1, "ctm");

	send_due();
	cr_expect_eq(world_message(job).state, CTM_MESSAGE_SENT);
	cr_expect_eq(world_message(job).attempts, 1);
	cr_expect_eq(world_message(job).hresult, 0);
	cr_expect_eq(sent_count(), 1);
	cr_expect_str_eq(sent_line(0), "{00000000-0000-0000-0000-000000000001} "
				       "http://127.0.0.1:9/notify "
				       "{00000000-0000-0000-0000-000000000001}/success 12 2\n");
	send_due();
	cr_expect_eq(sent_count(), 1, "once");
}

Test(send, failed)
{
	uint32_t job = sent_make(1, "ctm");

	sent_verdict(CTM_TRANSPORT_RETRY);
	send_due();
	cr_expect_eq(world_message(job).state, CTM_MESSAGE_WAITING);
	cr_expect_eq(world_message(job).attempts, 1);
	cr_expect_eq(world_message(job).http_status, 503);
	cr_expect_str_eq(world_message(job).text, "the fake says no");
	cr_expect(world_has_work(CTM_WORK_SEND, job));
	send_due();
	cr_expect_eq(sent_count(), 1, "the next one is not due yet");
}

/* There is nowhere to send it: a person must say where; others are sent. */
Test(send, no_endpoint)
{
	uint32_t nowhere = sent_make(1, "none");
	uint32_t job = sent_make(2, "ctm");

	send_due();
	cr_expect_eq(world_message(nowhere).state, CTM_MESSAGE_WAITING);
	cr_expect_eq(world_message(nowhere).hresult, CTM_E_WINHTTP_INVALID_URL);
	cr_expect_not_null(
		strstr(world_message(nowhere).text, "\"none\""), "%s", world_message(nowhere).text);
	cr_expect_geq(world_message(nowhere).delay_ms, 240000, "from the third step");
	cr_expect_eq(world_message(job).state, CTM_MESSAGE_SENT);
	cr_expect_eq(sent_count(), 1);
}

/* More than go out at once. */
Test(send, many)
{
	for (unsigned i = 1; i <= 200; i++)
		sent_make(i, "ctm");
	send_due();
	cr_expect_eq(sent_count(), 200);
	for (uint32_t i = 1; i <= 200; i++)
		cr_expect_eq(world_message(i).state, CTM_MESSAGE_SENT, "job %u", i);
}

/* One commit a call: a backlog, here one that ends at once, keeps nobody from all else. */
Test(send, one_turn_a_call)
{
	uint64_t version;

	for (unsigned i = 1; i <= 200; i++)
		sent_make(i, "none");
	begin(false);
	version = queue.version;
	start();
	cr_expect_eq(ctm_store_version(world.state->store), version + 1);
	cr_expect_leq(ctm_queue_next(&queue, is_to_send, NULL), ctm_clock_boot_ms());
	finish();
	send_due();
	cr_expect_eq(world_message(200).attempts, 1);
}

/*
 * The endpoint takes them by hundreds, and then fails: what was begun ahead of that is not made,
 * and does not count. Each is tried once.
 */
Test(send, fails_in_the_middle)
{
	enum {
		MESSAGES = 700
	};
	unsigned taken = 0;

	for (unsigned i = 1; i <= MESSAGES; i++)
		sent_make(i, "ctm");
	sent_verdict(CTM_TRANSPORT_TAKEN);
	begin(false);
	while (sent_count() < 200) {
		start();
		collect();
	}
	sent_verdict(CTM_TRANSPORT_RETRY);
	do {
		start();
		collect();
	} while (ctm_queue_busy(&queue) ||
		 ctm_queue_next(&queue, is_to_send, NULL) <= ctm_clock_boot_ms());
	finish();
	cr_expect_eq(sent_count(), MESSAGES);
	for (uint32_t i = 1; i <= MESSAGES; i++) {
		const struct ctm_message message = world_message(i);

		cr_expect_eq(message.attempts, 1, "job %u", i);
		cr_expect_not(message.under_way, "job %u", i);
		taken += message.state == CTM_MESSAGE_SENT;
	}
	cr_expect(taken >= 190 && taken < 500, "%u", taken);
}

/* What is taken back is due now, also where the list was read while it was begun. */
Test(send, due_after_taking_back)
{
	unsigned waiting = 0;

	for (unsigned i = 1; i <= 700; i++)
		sent_make(i, "ctm");
	sent_verdict(CTM_TRANSPORT_TAKEN);
	begin(false);
	while (sent_count() < 200) {
		start();
		collect();
	}
	start();
	load();
	sent_verdict(CTM_TRANSPORT_RETRY);
	for (unsigned i = 0; i < 3; i++)
		collect();
	for (size_t i = 0; i < queue.n; i++) {
		if (queue.items[i].busy || world_message(queue.items[i].job).attempts)
			continue;
		cr_expect_leq(queue.items[i].due_ms, ctm_clock_boot_ms());
		waiting++;
	}
	cr_expect_gt(waiting, 0);
	finish();
}

/* A job's end is stored, and its attempt begun, before the transport is opened. */
Test(send, taken_over)
{
	for (unsigned i = 1; i <= 2; i++) {
		uint32_t job = sent_make(i, "ctm");
		struct ctm_send_attempt attempt = {.job = job, .work = CTM_WORK_SEND};
		const struct ctm_send_turn turn = {.attempts = &attempt, .n_attempts = 1};
		uint64_t version = 0;

		begin(false);
		ctm_queue_remove(&queue, CTM_WORK_SEND, job);
		cr_assert(ctm_sender_has_turn(sender, job));
		cr_assert_eq(ctm_send_commit(world.state, &turn, &version, NULL), 0);
		ctm_sender_take(sender, &attempt);
		cr_expect_not(ctm_sender_has_turn(sender, job + 1), "it waits");
		cr_expect_eq(sent_count(), 0);
		if (i == 2)
			start();
		cr_assert_eq(ctm_sender_end(sender, NULL), 0);
		finish();
		cr_expect_eq(world_message(job).attempts, i == 2, "made or given back");
	}
	cr_expect_eq(sent_count(), 2, "what was given back goes out with the next");
	cr_expect_eq(world_message(2).state, CTM_MESSAGE_SENT);
}

/* Whoever goes before all was made leaves it as it was, and stores what came. */
Test(send, end)
{
	struct ctm_error e = CTM_ERROR_INIT;
	unsigned tried = 0;

	for (unsigned i = 1; i <= 700; i++)
		sent_make(i, "ctm");
	sent_verdict(CTM_TRANSPORT_TAKEN);
	begin(false);
	while (sent_count() < 200) {
		start();
		collect();
	}
	start();
	cr_assert_eq(ctm_sender_end(sender, &e), 0, "%s", e.text);
	finish();
	for (uint32_t i = 1; i <= 700; i++)
		tried += world_message(i).attempts;
	cr_expect_eq(tried, sent_count(), "%u of %u", tried, sent_count());
	cr_expect_lt(tried, 700);
	begin(false);
	cr_assert_eq(ctm_sender_end(sender, &e), 0, "%s", e.text);
	cr_expect_eq(queue.version, ctm_store_version(world.state->store), "nothing to store");
	finish();
}

Test(send, nothing)
{
	send_due();
	cr_expect_eq(sent_count(), 0);
	ctm_sender_free(NULL);
}

Test(send, progress)
{
	uint32_t job = world_add_listed(1, two, 2);

	sent_verdict(CTM_TRANSPORT_TAKEN);
	sides_tell_progress(job, 10);
	send_due();
	cr_expect_eq(sent_count(), 1);
	expect_line(0, "/progress/1 10 0\n");
	cr_expect_eq(sides_progress(job).state, CTM_MESSAGE_SENT);
	cr_expect_not(world_has_work(CTM_WORK_PROGRESS, job));
	send_due();
	cr_expect_eq(sent_count(), 1);
	sides_tell_progress(job, 20);
	send_due();
	cr_expect_eq(sent_count(), 2);
	expect_line(1, "/progress/2 20 0\n");
}

/* Best effort: what was not taken is not tried again, whatever the answer. */
Test(send, progress_is_tried_once)
{
	static const enum ctm_transport_verdict verdicts[] = {
		CTM_TRANSPORT_RETRY, CTM_TRANSPORT_PERSON, CTM_TRANSPORT_REFUSED};

	for (unsigned i = 0; i < 3; i++) {
		uint32_t job = world_add_listed(i + 1, two, 2);

		sent_verdict(verdicts[i]);
		sides_tell_progress(job, 10);
		send_due();
		cr_expect_eq(sent_count(), i + 1);
		cr_expect_eq(sides_progress(job).state, CTM_MESSAGE_DEAD);
		cr_expect_eq(sides_progress(job).attempts, 1);
		cr_expect_not(world_has_work(CTM_WORK_PROGRESS, job));
		send_due();
		cr_expect_eq(sent_count(), i + 1);
	}
}

/* Only the newest waits. */
Test(send, newest_progress)
{
	uint32_t job = world_add_listed(1, two, 2);

	sent_verdict(CTM_TRANSPORT_TAKEN);
	for (uint64_t bytes = 10; bytes <= 50; bytes += 10)
		sides_tell_progress(job, bytes);
	send_due();
	cr_expect_eq(sent_count(), 1);
	expect_line(0, "/progress/5 50 0\n");
}

/* Of a job one request is under way at a time, and newer progress comes after it. */
Test(send, newer_progress_while_one_is_under_way)
{
	uint32_t job = world_add_listed(1, two, 2);

	sent_verdict(CTM_TRANSPORT_TAKEN);
	sides_tell_progress(job, 10);
	begin(false);
	start();
	cr_assert_eq(sent_count(), 1);
	sides_tell_progress(job, 20);
	start();
	cr_expect_eq(sent_count(), 1);
	collect();
	cr_expect_eq(sides_progress(job).sequence, 2);
	cr_expect_eq(sides_progress(job).state, CTM_MESSAGE_WAITING);
	start();
	cr_expect_eq(sent_count(), 2);
	expect_line(1, "/progress/2 20 0\n");
	collect();
	cr_expect_eq(sides_progress(job).state, CTM_MESSAGE_SENT);
	start();
	cr_expect_eq(sent_count(), 2);
	finish();
}

/* The final word waits for it, and goes after it; other jobs' do not wait. */
Test(send, final_word_after_progress)
{
	uint32_t job = world_add_listed(1, two, 2);
	struct ctm_queue_item *item;

	sent_verdict(CTM_TRANSPORT_TAKEN);
	sides_tell_progress(job, 10);
	begin(false);
	start();
	cr_assert_eq(sent_count(), 1);
	sides_end(job);
	sent_make(2, "ctm");
	start();
	cr_expect_eq(sent_count(), 2);
	expect_line(1, "000002}/success");
	item = ctm_queue_find(&queue, CTM_WORK_SEND, job);
	cr_assert_not_null(item);
	cr_expect_eq(ctm_sender_room(sender, item), CTM_QUEUE_NOT_IT);
	collect();
	cr_expect_null(sides_progress(job).source, "nothing is left of it");
	start();
	cr_expect_eq(sent_count(), 3);
	expect_line(2, "000001}/success 100 2\n");
	collect();
	cr_expect_eq(world_message(job).state, CTM_MESSAGE_SENT);
	cr_expect_eq(ctm_queue_busy(&queue), 0);
	start();
	cr_expect_eq(sent_count(), 3);
	finish();
}

/* Nor does a look that ends then begin it at once; that of another job does. */
Test(send, no_turn_beside_progress)
{
	uint32_t job = world_add_listed(1, two, 2);

	sent_verdict(CTM_TRANSPORT_TAKEN);
	sides_tell_progress(job, 10);
	begin(false);
	start();
	cr_assert_eq(sent_count(), 1);
	cr_expect_not(ctm_sender_has_turn(sender, job));
	cr_expect(ctm_sender_has_turn(sender, job + 1));
	collect();
	cr_expect(ctm_sender_has_turn(sender, job));
	finish();
}

/* The same where the progress was refused. */
Test(send, final_word_after_refused_progress)
{
	uint32_t job = world_add_listed(1, two, 2);

	sent_verdict(CTM_TRANSPORT_REFUSED);
	sides_tell_progress(job, 10);
	begin(false);
	start();
	sides_end(job);
	sent_verdict(CTM_TRANSPORT_TAKEN);
	start();
	cr_expect_eq(sent_count(), 1);
	collect();
	start();
	collect();
	cr_expect_eq(sent_count(), 2);
	cr_expect_eq(world_message(job).state, CTM_MESSAGE_SENT);
	finish();
}

/* The job ended before its progress went out, though the list in memory has that still. */
Test(send, progress_of_an_ended_job)
{
	uint32_t job = world_add_listed(1, two, 2);
	struct ctm_error e = CTM_ERROR_INIT;

	sent_verdict(CTM_TRANSPORT_TAKEN);
	sides_tell_progress(job, 10);
	begin(false);
	sides_end(job);
	cr_assert_eq(ctm_sender_start(sender, &e), 0, "%s", e.text);
	cr_expect_eq(sent_count(), 0);
	cr_expect_eq(ctm_queue_busy(&queue), 0);
	start();
	collect();
	cr_expect_eq(sent_count(), 1);
	expect_line(0, "/success");
	finish();
}

/* A deliverer that began it and died: it may have gone out, and is tried once. */
Test(send, orphaned_progress)
{
	uint32_t job = world_add_listed(1, two, 2);
	struct ctm_send_attempt attempt = {.job = job, .work = CTM_WORK_PROGRESS};
	const struct ctm_send_turn turn = {.attempts = &attempt, .n_attempts = 1};
	uint64_t version = 0;

	sent_verdict(CTM_TRANSPORT_TAKEN);
	sides_tell_progress(job, 10);
	cr_assert_eq(ctm_send_commit(world.state, &turn, &version, NULL), 0);
	cr_assert(attempt.begun);
	ctm_send_attempt_done(&attempt);
	cr_assert(sides_progress(job).under_way);
	begin(true);
	start();
	collect();
	cr_expect_eq(sent_count(), 0);
	cr_expect_null(sides_progress(job).source);
	cr_expect_not(world_has_work(CTM_WORK_PROGRESS, job));
	cr_expect_eq(ctm_queue_busy(&queue), 0);
	start();
	cr_expect_null(ctm_queue_find(&queue, CTM_WORK_PROGRESS, job));
	sides_tell_progress(job, 20);
	start();
	cr_expect_eq(sent_count(), 1, "newer progress goes out");
	collect();
	finish();
}

/* There is nowhere to send it. */
Test(send, progress_to_no_endpoint)
{
	uint32_t job = world_add_listed(1, two, 2);

	sides_tell_progress(job, 10);
	world.config->endpoints[0].name[0] = 'x';
	send_due();
	world.config->endpoints[0].name[0] = 'c';
	cr_expect_eq(sides_progress(job).state, CTM_MESSAGE_DEAD);
	cr_expect_not(world_has_work(CTM_WORK_PROGRESS, job));
}
