/* SPDX-License-Identifier: MIT */
/* Single steps, with fake_transport.c in the module's place. */
#include "deliverer.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "aria2s.h"
#include "deadline.h"
#include "files.h"
#include "sent.h"
#include "sides.h"
#include "wake.h"
#include "world.h"

TestSuite(deliverer, .init = world_init, .fini = world_done, .timeout = 60);

static struct ctm_deliverer d;

static void begin(enum ctm_deliver_mode mode)
{
	d = (struct ctm_deliverer){
		.state = world.state,
		.mode = mode,
		.queue = {.config = world.config},
		.rescan_ms = UINT64_MAX,
		.deadline_ms = UINT64_MAX,
	};
	world.state->sees_to_deadlines = true;
	d.fifo_fd = ctm_wake_open(world.state);
	cr_assert_geq(d.fifo_fd, 0);
	cr_assert_eq(ctm_verifier_new(world.state, &d.queue, &d.verifier), 0);
	cr_assert_eq(ctm_catcher_new(world.state, &d.asker), 0);
	cr_assert_eq(ctm_catcher_new(world.state, &d.hasher), 0);
	cr_assert_eq(ctm_sender_new(world.state, &d.queue, &d.sender), 0);
}

static void end(void)
{
	ctm_sender_free(d.sender);
	ctm_verifier_free(d.verifier);
	ctm_catcher_free(d.asker);
	ctm_catcher_free(d.hasher);
	ctm_queue_done(&d.queue);
	ctm_close_fd(&d.fifo_fd);
}

static void step(void)
{
	struct ctm_error e = CTM_ERROR_INIT;

	cr_assert_eq(ctm_deliverer_step(&d, &e), 0, "%s", e.text);
}

static int be_due(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct ctm_stamp now = ctm_clock_now();

	(void)context;
	(void)e;
	return ctm_deadline_set(txn, &now, 0);
}

/* A job whose time is over, and an aria2 that takes so long. */
static uint32_t add_over(const char *aria2_ms)
{
	static const struct world_file files[] = {{"a", 5, 0x11}, {"b", 6, 0x22}};
	uint32_t number = world_add_listed(1, files, 2);
	struct ctm_job job = world_job(number);

	job.timeout_s = 60;
	job.age_ms = 61000;
	sides_put_job(&job);
	world_update(be_due, NULL);
	aria2s_add("main", "http://127.0.0.1:6800/jsonrpc");
	aria2s_answer_nothing();
	cr_assert_eq(setenv("CTM_FAKE_ARIA2_MS", aria2_ms, 1), 0);
	sent_verdict(CTM_TRANSPORT_TAKEN);
	return number;
}

/* Steps until files are hashed, which is soon. */
static void step_until_hashed(void)
{
	step();
	while (ctm_catcher_is_busy(d.hasher)) {
		struct pollfd p = {.fd = ctm_catcher_fd(d.hasher), .events = POLLIN};

		cr_assert_eq(poll(&p, 1, 30000), 1);
		step();
	}
}

/* Whoever asks aria2 can hang on a file that it names: that is no reason to wait for ever. */
static void hangs(enum ctm_deliver_mode mode)
{
	uint32_t job = add_over("700");
	uint64_t asking_ms;

	begin(mode);
	step_until_hashed();
	cr_assert(ctm_catcher_is_busy(d.asker));
	cr_expect_eq(world_job(job).state, CTM_JOB_OPEN, "aria2 may know better");
	asking_ms = d.asking_ms;
	cr_expect_eq(ctm_deliverer_expires_ms(&d), asking_ms + 60000);
	d.asking_ms = asking_ms - 59000;
	step();
	cr_expect_eq(world_job(job).state, CTM_JOB_OPEN, "and is given a minute to say so");
	d.asking_ms = asking_ms - 60000;
	step();
	cr_assert(ctm_catcher_is_busy(d.asker));
	cr_expect_eq(world_job(job).state, CTM_JOB_FAILED);
	cr_expect(d.asking_told);
	step();
	cr_expect_eq(sent_count(), 1);
	cr_expect_eq(ctm_deliverer_expires_ms(&d), UINT64_MAX, "nothing else is over soon");
	end();
}

Test(deliverer, flush_asks_without_end)
{
	hangs(CTM_DELIVER_ONCE);
}

Test(deliverer, lingers_and_asks_without_end)
{
	hangs(CTM_DELIVER_LINGER);
}
