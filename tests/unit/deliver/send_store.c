/* SPDX-License-Identifier: MIT */
#include "send_store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "outbox.h"
#include "world.h"

TestSuite(send_store, .init = world_init, .fini = world_done);

struct making {
	unsigned id;
	const char *endpoint;
	uint32_t job;
};

static int make_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct making *m = context;
	const struct ctm_totals totals = {.bytes = 12, .files = 2};
	const struct ctm_schedule schedule = ctm_outbox_schedule(world.config);
	const struct ctm_stamp now = ctm_clock_now();

	(void)e;
	return ctm_outbox_send_success(
		txn, world_id(m->id), m->endpoint, "data", &totals, &schedule, &now, &m->job);
}

static uint32_t make(unsigned id, const char *endpoint)
{
	struct making m = {.id = id, .endpoint = endpoint};

	world_update(make_body, &m);
	return m.job;
}

static struct ctm_send_attempt begin(uint32_t job)
{
	struct ctm_send_attempt attempt = {.job = job};
	struct ctm_error e = CTM_ERROR_INIT;
	uint64_t version = 0;

	cr_assert_eq(ctm_send_begin(world.state, &attempt, 1, &version, &e), 0, "%s", e.text);
	return attempt;
}

static struct ctm_send_outcome finish(uint32_t job, enum ctm_transport_verdict verdict)
{
	struct ctm_send_outcome outcome = {.transport = {.size = sizeof outcome.transport,
						   .tag = job,
						   .verdict = verdict,
						   .hresult = verdict ? 0x801901f7 : 0,
						   .http_status = verdict ? 503 : 200,
						   .text = "so it was"}};
	struct ctm_error e = CTM_ERROR_INIT;
	uint64_t version = 0;

	cr_assert_eq(ctm_send_finish(world.state, &outcome, 1, &version, &e), 0, "%s", e.text);
	return outcome;
}

/* An attempt is committed before it is made, as if it would fail. */
Test(send_store, begin)
{
	uint32_t job = make(1, "ctm");
	struct ctm_send_attempt attempt = begin(job);

	cr_expect(attempt.begun);
	cr_expect_eq(attempt.message.attempts, 1);
	cr_expect_str_eq(attempt.text.id, world_id(1));
	cr_expect_eq(world_message(job).attempts, 1);
	cr_expect(world_message(job).under_way);
	cr_expect_gt(world_message(job).delay_ms, 0);
	cr_expect(world_has_work(CTM_WORK_SEND, job));
	ctm_send_attempt_done(&attempt);
	cr_expect_null(attempt.text.id);
	ctm_send_attempt_done(&attempt);
}

/* What does not wait any more is not begun, and neither is what is not there. */
Test(send_store, begin_nothing)
{
	uint32_t job = make(1, "ctm");
	struct ctm_send_attempt attempt = begin(job);
	struct ctm_send_outcome outcome;

	ctm_send_attempt_done(&attempt);
	outcome = finish(job, CTM_TRANSPORT_TAKEN);
	ctm_send_outcome_done(&outcome);
	attempt = begin(job);
	cr_expect_not(attempt.begun);
	cr_expect_eq(world_message(job).attempts, 1);
	ctm_send_attempt_done(&attempt);
	attempt = begin(77);
	cr_expect_not(attempt.begun);
	ctm_send_attempt_done(&attempt);
}

Test(send_store, finish)
{
	static const struct {
		enum ctm_transport_verdict verdict;
		enum ctm_message_state state;
	} table[] = {
		{CTM_TRANSPORT_TAKEN, CTM_MESSAGE_SENT},
		{CTM_TRANSPORT_RETRY, CTM_MESSAGE_WAITING},
		{CTM_TRANSPORT_PERSON, CTM_MESSAGE_WAITING},
		{CTM_TRANSPORT_REFUSED, CTM_MESSAGE_DEAD},
	};

	for (unsigned i = 0; i < 4; i++) {
		uint32_t job = make(i + 1, "ctm");
		struct ctm_send_attempt attempt = begin(job);
		struct ctm_send_outcome outcome = finish(job, table[i].verdict);
		struct ctm_message message = world_message(job);

		cr_expect_eq(outcome.state, table[i].state, "row %u", i);
		cr_expect_eq(outcome.attempts, 1);
		cr_expect_str_eq(outcome.id, world_id(i + 1));
		cr_expect_str_eq(outcome.endpoint, "ctm");
		cr_expect_eq(message.state, table[i].state);
		cr_expect_not(message.under_way);
		cr_expect_eq(message.hresult, i ? 0x801901f7 : 0);
		cr_expect_eq(message.http_status, i ? 503 : 200);
		cr_expect_str_eq(message.text, "so it was");
		cr_expect_eq(world_has_work(CTM_WORK_SEND, job),
			table[i].state == CTM_MESSAGE_WAITING, "row %u", i);
		if (table[i].state == CTM_MESSAGE_WAITING)
			cr_expect_gt(outcome.due_ms, 0);
		ctm_send_attempt_done(&attempt);
		ctm_send_outcome_done(&outcome);
	}
}

/* Once taken it stays taken, whatever a second deliverer heard. */
Test(send_store, taken_stays)
{
	uint32_t job = make(1, "ctm");
	struct ctm_send_outcome outcome = finish(job, CTM_TRANSPORT_TAKEN);

	ctm_send_outcome_done(&outcome);
	outcome = finish(job, CTM_TRANSPORT_REFUSED);
	cr_expect_eq(outcome.state, CTM_MESSAGE_SENT);
	cr_expect_eq(world_message(job).state, CTM_MESSAGE_SENT);
	ctm_send_outcome_done(&outcome);
}

Test(send_store, describe)
{
	struct ctm_send_attempt attempt = begin(make(1, "ctm"));
	struct ctm_transport_endpoint endpoint;
	struct ctm_transport_message message;
	char event_id[128];
	char expected[128];
	struct ctm_error e = CTM_ERROR_INIT;

	cr_assert_eq(ctm_send_describe(world.config, &attempt, &endpoint, &message, event_id,
			     sizeof event_id, &e),
		0, "%s", e.text);
	cr_expect_str_eq(endpoint.url, "http://127.0.0.1:9/notify");
	cr_expect_eq(endpoint.timeout_ms, 1000);
	cr_expect_eq(endpoint.size, sizeof endpoint);
	cr_expect_null(endpoint.ca_file);
	cr_expect_eq(message.size, sizeof message);
	cr_expect_eq(message.method, CTM_TRANSPORT_SUCCESS);
	cr_expect_str_eq(message.endpoint, "ctm");
	cr_expect_str_eq(message.id, world_id(1));
	cr_expect_str_eq(message.client_data, "data");
	cr_expect(message.bytes_total == 12 && message.bytes_transferred == 12);
	cr_expect(message.files_total == 2 && message.files_transferred == 2);
	snprintf(expected, sizeof expected, "%s/success", world_id(1));
	cr_expect_str_eq(message.event_id, expected, "the same on every attempt");
	cr_expect_eq(message.time_s, attempt.message.time_s);
	cr_expect_str_eq(message.source, attempt.message.source);
	ctm_send_attempt_done(&attempt);
}

Test(send_store, describe_where_nobody_is)
{
	static const struct {
		const char *endpoint;
		int r;
	} table[] = {
		{"none", -ENOENT},
		{"other", -EINVAL},
		{"http://elsewhere.example/", -EINVAL},
		{"https://ctm.example.net/x", 0},
	};

	for (unsigned i = 0; i < 4; i++) {
		struct ctm_send_attempt attempt = begin(make(i + 1, table[i].endpoint));
		struct ctm_transport_endpoint endpoint;
		struct ctm_transport_message message;
		char event_id[128];
		struct ctm_error e = CTM_ERROR_INIT;

		cr_expect_eq(ctm_send_describe(world.config, &attempt, &endpoint, &message,
				     event_id, sizeof event_id, &e),
			table[i].r, "%s", table[i].endpoint);
		cr_expect_eq(e.text[0] != '\0', table[i].r < 0);
		ctm_send_attempt_done(&attempt);
	}
}

/* Whoever knows the store keeps knowing it, unless somebody else has changed it. */
Test(send_store, version)
{
	uint32_t job = make(1, "ctm");
	struct ctm_send_attempt attempt = {.job = job};
	uint64_t version = ctm_store_version(world.state->store);

	cr_assert_eq(ctm_send_begin(world.state, &attempt, 1, &version, NULL), 0);
	cr_expect_eq(version, ctm_store_version(world.state->store));
	ctm_send_attempt_done(&attempt);
	make(2, "ctm");
	cr_assert_eq(ctm_send_begin(world.state, &attempt, 1, &version, NULL), 0);
	cr_expect_eq(version, 0);
	ctm_send_attempt_done(&attempt);
}
