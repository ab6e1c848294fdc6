/* SPDX-License-Identifier: MIT */
#include "send_store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "outbox.h"
#include "sides.h"
#include "world.h"

TestSuite(send_store, .init = world_init, .fini = world_done);

static uint64_t commit(const struct ctm_send_turn *turn, uint64_t version)
{
	struct ctm_error e = CTM_ERROR_INIT;

	cr_assert_eq(ctm_send_commit(world.state, turn, &version, &e), 0, "%s", e.text);
	return version;
}

static struct ctm_send_attempt begin_work(uint32_t job, enum ctm_work work)
{
	struct ctm_send_attempt attempt = {.job = job, .work = work};

	commit(&(struct ctm_send_turn){.attempts = &attempt, .n_attempts = 1}, 0);
	return attempt;
}

static struct ctm_send_attempt begin(uint32_t job)
{
	return begin_work(job, CTM_WORK_SEND);
}

static struct ctm_send_outcome finish(uint32_t job, enum ctm_transport_verdict verdict)
{
	struct ctm_send_outcome outcome = {
		.job = job,
		.work = CTM_WORK_SEND,
		.transport = {.size = sizeof outcome.transport,
			.verdict = verdict,
			.hresult = verdict ? 0x801901f7 : 0,
			.http_status = verdict ? 503 : 200,
			.text = "so it was"},
	};

	commit(&(struct ctm_send_turn){.outcomes = &outcome, .n_outcomes = 1}, 0);
	return outcome;
}

/* An attempt is committed before it is made, as if it would fail. */
Test(send_store, begin)
{
	uint32_t job = sides_succeeded(1, "ctm");
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
	uint32_t job = sides_succeeded(1, "ctm");
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
		uint32_t job = sides_succeeded(i + 1, "ctm");
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
	uint32_t job = sides_succeeded(1, "ctm");
	struct ctm_send_outcome outcome = finish(job, CTM_TRANSPORT_TAKEN);

	ctm_send_outcome_done(&outcome);
	outcome = finish(job, CTM_TRANSPORT_REFUSED);
	cr_expect_eq(outcome.state, CTM_MESSAGE_SENT);
	cr_expect_eq(world_message(job).state, CTM_MESSAGE_SENT);
	ctm_send_outcome_done(&outcome);
}

Test(send_store, describe)
{
	struct ctm_send_attempt attempt = begin(sides_succeeded(1, "ctm"));
	struct ctm_transport_endpoint endpoint;
	struct ctm_transport_message message;
	char event_id[CTM_MESSAGE_ID];
	char expected[128];
	struct ctm_error e = CTM_ERROR_INIT;

	cr_assert_eq(ctm_send_describe(world.config, &attempt, &endpoint, &message, event_id, &e),
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

static struct ctm_transport_message describe(const struct ctm_send_attempt *attempt,
	struct ctm_transport_endpoint *endpoint, char event_id[CTM_MESSAGE_ID])
{
	struct ctm_transport_message message;
	struct ctm_error e = CTM_ERROR_INIT;

	cr_assert_eq(ctm_send_describe(world.config, attempt, endpoint, &message, event_id, &e), 0,
		"%s", e.text);
	return message;
}

static int fail_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct ctm_failure failure = {.hresult = 0x80190194, .text = "404 of \"a\""};
	const struct ctm_schedule schedule = ctm_outbox_schedule(world.config);
	const struct ctm_stamp now = ctm_clock_now();
	struct ctm_job job;

	(void)e;
	cr_assert_eq(ctm_store_job_get(txn, *(const uint32_t *)context, &job), 0);
	return ctm_outbox_fail(txn, &job, &failure, &schedule, &now);
}

static const struct world_file two[] = {{"a", 50, 0}, {"b", 50, 0}};

Test(send_store, describe_error)
{
	uint32_t job = world_add_listed(1, two, 2);
	struct ctm_send_attempt attempt;
	struct ctm_transport_endpoint endpoint;
	struct ctm_transport_message message;
	char event_id[CTM_MESSAGE_ID];
	char expected[128];

	world_update(fail_body, &job);
	attempt = begin(job);
	cr_assert(attempt.begun);
	message = describe(&attempt, &endpoint, event_id);
	cr_expect_eq(message.method, CTM_TRANSPORT_ERROR);
	cr_expect_eq(message.error_code, 0x80190194);
	cr_expect_str_eq(message.error_message, "404 of \"a\"");
	snprintf(expected, sizeof expected, "%s/error", world_id(1));
	cr_expect_str_eq(message.event_id, expected);
	cr_expect_str_eq(message.client_data, "opaque");
	cr_expect_eq(endpoint.timeout_ms, 1000);
	ctm_send_attempt_done(&attempt);
}

/* It holds up the final word no longer than five seconds. */
Test(send_store, describe_progress)
{
	static const uint32_t timeouts_ms[][2] = {{30000, 5000}, {5001, 5000}, {700, 700}};
	uint32_t job = world_add_listed(1, two, 2);
	struct ctm_send_attempt attempt;
	struct ctm_transport_endpoint endpoint;
	struct ctm_transport_message message;
	char event_id[CTM_MESSAGE_ID];
	char expected[128];

	sides_tell_progress(job, 10);
	sides_tell_progress(job, 30);
	attempt = begin_work(job, CTM_WORK_PROGRESS);
	cr_assert(attempt.begun);
	message = describe(&attempt, &endpoint, event_id);
	cr_expect_eq(message.method, CTM_TRANSPORT_PROGRESS);
	cr_expect_str_eq(message.progress_type, "DownloadingData");
	cr_expect(message.bytes_total == 100 && message.bytes_transferred == 30);
	cr_expect(message.files_total == 2 && message.files_transferred == 0);
	cr_expect_str_eq(message.error_message, "");
	snprintf(expected, sizeof expected, "%s/progress/2", world_id(1));
	cr_expect_str_eq(message.event_id, expected);
	for (unsigned i = 0; i < 3; i++) {
		world.config->endpoints[0].timeout_ms = timeouts_ms[i][0];
		world.config->endpoints[0].connect_timeout_ms = timeouts_ms[i][0];
		describe(&attempt, &endpoint, event_id);
		cr_expect_eq(endpoint.timeout_ms, timeouts_ms[i][1]);
		cr_expect_eq(endpoint.connect_timeout_ms, timeouts_ms[i][1]);
	}
	ctm_send_attempt_done(&attempt);
}

static struct ctm_send_outcome finish_progress(
	uint32_t job, uint32_t sequence, enum ctm_transport_verdict verdict)
{
	struct ctm_send_outcome outcome = {
		.job = job,
		.work = CTM_WORK_PROGRESS,
		.sequence = sequence,
		.transport = {.size = sizeof outcome.transport, .verdict = verdict},
	};

	commit(&(struct ctm_send_turn){.outcomes = &outcome, .n_outcomes = 1}, 0);
	return outcome;
}

/* The outcome of one is not that of the newer one in its place. */
Test(send_store, finish_replaced_progress)
{
	uint32_t job = world_add_listed(1, two, 2);
	struct ctm_send_attempt attempt;
	struct ctm_send_outcome outcome;

	sides_tell_progress(job, 10);
	attempt = begin_work(job, CTM_WORK_PROGRESS);
	sides_tell_progress(job, 20);
	outcome = finish_progress(job, attempt.message.sequence, CTM_TRANSPORT_TAKEN);
	cr_expect_eq(outcome.state, CTM_MESSAGE_SENT);
	cr_expect_eq(outcome.kind, CTM_MESSAGE_PROGRESS);
	cr_expect_str_eq(outcome.id, world_id(1));
	cr_expect_eq(sides_progress(job).sequence, 2);
	cr_expect_eq(sides_progress(job).state, CTM_MESSAGE_WAITING);
	cr_expect_eq(sides_progress(job).attempts, 0);
	cr_expect(world_has_work(CTM_WORK_PROGRESS, job));
	ctm_send_attempt_done(&attempt);
	ctm_send_outcome_done(&outcome);
}

/* The job ended meanwhile: its final word is as it was. */
Test(send_store, finish_progress_of_an_ended_job)
{
	uint32_t job = world_add_listed(1, two, 2);
	struct ctm_send_attempt attempt;
	struct ctm_send_outcome outcome;

	sides_tell_progress(job, 10);
	attempt = begin_work(job, CTM_WORK_PROGRESS);
	sides_end(job);
	outcome = finish_progress(job, attempt.message.sequence, CTM_TRANSPORT_REFUSED);
	cr_expect_eq(outcome.state, CTM_MESSAGE_DEAD);
	cr_expect_null(sides_progress(job).source);
	cr_expect_eq(world_message(job).state, CTM_MESSAGE_WAITING);
	cr_expect_eq(world_message(job).attempts, 0);
	cr_expect(world_has_work(CTM_WORK_SEND, job));
	cr_expect_not(world_has_work(CTM_WORK_PROGRESS, job));
	ctm_send_attempt_done(&attempt);
	ctm_send_outcome_done(&outcome);
}

static int delete_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	(void)e;
	return ctm_store_job_delete(txn, *(const uint32_t *)context);
}

/* Nobody is left to whom the outcome would matter: it holds up no other. */
Test(send_store, finish_of_a_forgotten_job)
{
	const enum ctm_work works[] = {CTM_WORK_SEND, CTM_WORK_PROGRESS};
	uint32_t job = sides_succeeded(1, "ctm");
	uint32_t other = sides_succeeded(2, "ctm");
	struct ctm_send_outcome outcomes[3];
	struct ctm_send_attempt attempts[] = {begin(job), begin(other)};

	world_update(delete_body, &job);
	for (size_t i = 0; i < 3; i++)
		outcomes[i] = (struct ctm_send_outcome){
			.job = i < 2 ? job : other,
			.work = i < 2 ? works[i] : CTM_WORK_SEND,
			.transport = {.size = sizeof outcomes[i].transport,
				.verdict = CTM_TRANSPORT_TAKEN},
		};
	commit(&(struct ctm_send_turn){.outcomes = outcomes, .n_outcomes = 3}, 0);
	cr_expect_null(outcomes[0].id);
	cr_expect_null(outcomes[1].id);
	cr_expect_eq(world_message(other).state, CTM_MESSAGE_SENT);
	for (size_t i = 0; i < 3; i++)
		ctm_send_outcome_done(&outcomes[i]);
	for (size_t i = 0; i < 2; i++)
		ctm_send_attempt_done(&attempts[i]);
}

/* It is not begun once more; the final word is. */
Test(send_store, orphans)
{
	uint32_t job = world_add_listed(1, two, 2);
	struct ctm_send_attempt attempt;

	sides_tell_progress(job, 10);
	attempt = begin_work(job, CTM_WORK_PROGRESS);
	ctm_send_attempt_done(&attempt);
	attempt = begin_work(job, CTM_WORK_PROGRESS);
	cr_expect_not(attempt.begun);
	cr_expect_null(sides_progress(job).source);
	cr_expect_not(world_has_work(CTM_WORK_PROGRESS, job));
	ctm_send_attempt_done(&attempt);
	sides_end(job);
	for (uint32_t i = 1; i <= 2; i++) {
		attempt = begin(job);
		cr_expect(attempt.begun);
		cr_expect_eq(attempt.message.attempts, i);
		ctm_send_attempt_done(&attempt);
	}
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
		struct ctm_send_attempt attempt = begin(sides_succeeded(i + 1, table[i].endpoint));
		struct ctm_transport_endpoint endpoint;
		struct ctm_transport_message message;
		char event_id[CTM_MESSAGE_ID];
		struct ctm_error e = CTM_ERROR_INIT;

		cr_expect_eq(ctm_send_describe(
				     world.config, &attempt, &endpoint, &message, event_id, &e),
			table[i].r, "%s", table[i].endpoint);
		cr_expect_eq(e.text[0] != '\0', table[i].r < 0);
		ctm_send_attempt_done(&attempt);
	}
}

/* Whoever knows the store keeps knowing it, unless somebody else has changed it. */
Test(send_store, version)
{
	uint32_t job = sides_succeeded(1, "ctm");
	struct ctm_send_attempt attempt = {.job = job, .work = CTM_WORK_SEND};
	const struct ctm_send_turn turn = {.attempts = &attempt, .n_attempts = 1};
	uint64_t version = commit(&turn, ctm_store_version(world.state->store));

	cr_expect_eq(version, ctm_store_version(world.state->store));
	ctm_send_attempt_done(&attempt);
	sides_succeeded(2, "ctm");
	cr_expect_eq(commit(&turn, version), 0);
	ctm_send_attempt_done(&attempt);
}

/* The store's next version is somebody else's then, and unknown. */
Test(send_store, version_of_no_change)
{
	struct ctm_send_attempt attempt = {.job = 77, .work = CTM_WORK_SEND};
	const struct ctm_send_turn turn = {.attempts = &attempt, .n_attempts = 1};
	uint64_t version;

	sides_succeeded(1, "ctm");
	version = commit(&turn, ctm_store_version(world.state->store));
	cr_expect_not(attempt.begun);
	sides_succeeded(2, "ctm");
	cr_expect_neq(version, ctm_store_version(world.state->store));
}

/* What ended, what is not made after all and what begins: one commit. */
Test(send_store, turn)
{
	uint32_t ended = sides_succeeded(1, "ctm");
	uint32_t unmade = sides_succeeded(2, "ctm");
	uint32_t next = sides_succeeded(3, "ctm");
	const struct ctm_message before = world_message(unmade);
	struct ctm_send_attempt begun[] = {begin(ended), begin(unmade)};
	struct ctm_send_attempt *taken_back = &begun[1];
	struct ctm_send_attempt attempt = {.job = next, .work = CTM_WORK_SEND};
	struct ctm_send_outcome outcome = {
		.job = ended,
		.work = CTM_WORK_SEND,
		.transport = {.size = sizeof outcome.transport, .verdict = CTM_TRANSPORT_TAKEN},
	};
	const uint64_t version = ctm_store_version(world.state->store);

	cr_expect_eq(commit(
			     &(struct ctm_send_turn){
				     .outcomes = &outcome,
				     .n_outcomes = 1,
				     .taken_back = &taken_back,
				     .n_taken_back = 1,
				     .attempts = &attempt,
				     .n_attempts = 1,
			     },
			     version),
		version + 1);
	cr_expect_eq(world_message(ended).state, CTM_MESSAGE_SENT);
	cr_expect_eq(world_message(unmade).attempts, 0);
	cr_expect_eq(world_message(unmade).step, before.step);
	cr_expect_eq(world_message(unmade).delay_ms, before.delay_ms);
	cr_expect_not(world_message(unmade).under_way);
	cr_expect(world_has_work(CTM_WORK_SEND, unmade));
	cr_expect(attempt.begun);
	cr_expect_eq(world_message(next).attempts, 1);
	ctm_send_outcome_done(&outcome);
	ctm_send_attempt_done(&attempt);
	for (size_t i = 0; i < 2; i++)
		ctm_send_attempt_done(&begun[i]);
}

static int retry_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct ctm_stamp now = ctm_clock_now();
	struct ctm_message message;
	int r;

	(void)e;
	cr_assert_eq(ctm_store_message_get(txn, *(const uint32_t *)context, &message), 0);
	cr_assert_eq(ctm_message_retry(&message, &now), 0);
	r = ctm_store_message_put(txn, &message);
	ctm_message_done(&message);
	return r;
}

/* A person began its schedule anew meanwhile; or forgot the job. */
Test(send_store, take_back_what_has_changed)
{
	uint32_t job = sides_succeeded(1, "ctm");
	struct ctm_send_attempt attempt = begin(job);
	struct ctm_send_attempt *taken_back = &attempt;
	const struct ctm_send_turn turn = {.taken_back = &taken_back, .n_taken_back = 1};

	world_update(retry_body, &job);
	commit(&turn, 0);
	cr_expect_eq(world_message(job).attempts, 1);
	cr_expect_eq(world_message(job).step, 0);
	world_update(delete_body, &job);
	commit(&turn, 0);
	ctm_send_attempt_done(&attempt);
}

static void suspend(struct ctm_job *job)
{
	job->suspended = true;
}

/* Its job has ended meanwhile, or was suspended: progress is not to come behind that. */
Test(send_store, take_back_progress)
{
	for (unsigned i = 0; i < 3; i++) {
		uint32_t job = world_add_listed(i + 1, two, 2);
		struct ctm_send_attempt attempt;
		struct ctm_send_attempt *taken_back = &attempt;

		sides_tell_progress(job, 10);
		attempt = begin_work(job, CTM_WORK_PROGRESS);
		if (i == 1)
			sides_end(job);
		if (i == 2)
			world_change(job, suspend);
		commit(&(struct ctm_send_turn){.taken_back = &taken_back, .n_taken_back = 1}, 0);
		cr_expect_eq(world_has_work(CTM_WORK_PROGRESS, job), !i, "row %u", i);
		cr_expect_eq(sides_progress(job).source != NULL, !i, "row %u", i);
		if (!i)
			cr_expect_not(sides_progress(job).under_way);
		ctm_send_attempt_done(&attempt);
	}
}
