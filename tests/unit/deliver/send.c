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
#include "sent.h"
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

static bool is_to_send(const struct ctm_queue_item *item, void *context)
{
	(void)context;
	return item->work == CTM_WORK_SEND;
}

/* Sends until nothing is due or under way. */
static void send_due(void)
{
	struct ctm_error e = CTM_ERROR_INIT;

	queue = (struct ctm_queue){.config = world.config};
	cr_assert_eq(ctm_sender_new(world.state, &queue, &sender), 0);
	world_update(load_body, NULL);
	do {
		cr_assert_eq(ctm_sender_start(sender, &e), 0, "%s", e.text);
		cr_assert_eq(ctm_sender_wait(sender, NULL, 0, 1000), 0);
		cr_assert_eq(ctm_sender_collect(sender, &e), 0, "%s", e.text);
	} while (ctm_queue_busy(&queue) ||
		 ctm_queue_next(&queue, is_to_send, NULL) <= ctm_clock_boot_ms());
	ctm_sender_free(sender);
	ctm_queue_done(&queue);
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

Test(send, nothing)
{
	send_due();
	cr_expect_eq(sent_count(), 0);
	ctm_sender_free(NULL);
}
