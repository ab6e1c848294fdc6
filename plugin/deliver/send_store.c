/* SPDX-License-Identifier: MIT */
#include "send_store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drain.h"
#include "outbox.h"

/* What the store's version is after our commit, if nobody has come before it; 0 otherwise. */
static uint64_t version_after(const struct ctm_state *state, uint64_t known)
{
	return known && ctm_store_version(state->store) == known ? known + 1 : 0;
}

struct committing {
	const struct ctm_state *state;
	const struct ctm_send_turn *turn;
	uint64_t known;
	uint64_t version;
	bool changes; /* for certain: a transaction that changes nothing is no new version */
	struct ctm_schedule schedule;
	struct ctm_stamp now;
	uint32_t random;
};

/* Any 32 bits, others for each message: one call into the kernel is enough for all. */
static uint32_t next_random(struct committing *c)
{
	c->random = c->random * 1664525u + 1013904223u;
	return c->random ^ c->random >> 16;
}

void ctm_send_attempt_done(struct ctm_send_attempt *attempt)
{
	ctm_message_done(&attempt->message);
	ctm_job_text_done(&attempt->text);
	attempt->begun = false;
}

static int get(struct ctm_txn *txn, enum ctm_work work, uint32_t job, struct ctm_message *ret_m)
{
	return work == CTM_WORK_PROGRESS ? ctm_store_progress_get(txn, job, ret_m)
					 : ctm_store_message_get(txn, job, ret_m);
}

static int put(
	struct ctm_txn *txn, struct committing *c, enum ctm_work work, const struct ctm_message *m)
{
	c->changes = true;
	return work == CTM_WORK_PROGRESS ? ctm_store_progress_put(txn, m)
					 : ctm_store_message_put(txn, m);
}

/* One that a deliverer began and did not live to finish: progress is tried once. */
static bool was_tried(const struct ctm_message *m)
{
	return m->kind == CTM_MESSAGE_PROGRESS && m->under_way;
}

static int begin_with(struct ctm_txn *txn, struct committing *c, struct ctm_send_attempt *attempt)
{
	int r;

	/* The body can run again, after the map has grown. */
	ctm_send_attempt_done(attempt);
	r = get(txn, attempt->work, attempt->job, &attempt->message);
	if (r < 0 && r != -ENOENT)
		return r;
	if (r == 0 && was_tried(&attempt->message)) {
		r = ctm_store_progress_delete(txn, attempt->job);
		return r < 0 ? r : ctm_store_work_delete(txn, attempt->work, attempt->job);
	}
	if (r == -ENOENT || attempt->message.state != CTM_MESSAGE_WAITING)
		return ctm_store_work_delete(txn, attempt->work, attempt->job);
	attempt->before = ctm_message_before(&attempt->message);
	ctm_message_attempt(&attempt->message, &c->schedule, &c->now, next_random(c));
	r = put(txn, c, attempt->work, &attempt->message);
	if (r == 0)
		r = ctm_store_text_get(txn, attempt->job, &attempt->text);
	attempt->begun = r == 0;
	return r;
}

int ctm_send_begin(struct ctm_txn *txn, const struct ctm_config *config,
	const struct ctm_stamp *now, struct ctm_send_attempt *attempt)
{
	struct committing c = {
		.schedule = ctm_outbox_schedule(config),
		.now = *now,
		.random = ctm_outbox_random(),
	};

	return begin_with(txn, &c, attempt);
}

/* Where its job has ended meanwhile, or was suspended, progress must not come behind that. */
static int put_unmade(
	struct ctm_txn *txn, struct committing *c, enum ctm_work work, const struct ctm_message *m)
{
	struct ctm_job job;
	int r = put(txn, c, work, m);

	if (r < 0 || work != CTM_WORK_PROGRESS)
		return r;
	r = ctm_store_job_get(txn, m->job, &job);
	if (r < 0 || (!ctm_job_has_ended(&job) && !job.suspended))
		return r;
	return ctm_outbox_drop_progress(txn, m->job);
}

/* Somebody may have changed it meanwhile, by a retry or a cancel: then that stands. */
static int take_back(
	struct ctm_txn *txn, struct committing *c, const struct ctm_send_attempt *attempt)
{
	struct ctm_message m;
	int r = get(txn, attempt->work, attempt->job, &m);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (m.state == CTM_MESSAGE_WAITING && m.under_way &&
		m.attempts == attempt->message.attempts && m.step == attempt->message.step) {
		ctm_message_take_back(&m, &attempt->before);
		r = put_unmade(txn, c, attempt->work, &m);
	}
	ctm_message_done(&m);
	return r;
}

static enum ctm_transport_method method_of(enum ctm_message_kind kind)
{
	switch (kind) {
	case CTM_MESSAGE_ERROR:
		return CTM_TRANSPORT_ERROR;
	case CTM_MESSAGE_PROGRESS:
		return CTM_TRANSPORT_PROGRESS;
	case CTM_MESSAGE_SUCCESS:
		break;
	}
	return CTM_TRANSPORT_SUCCESS;
}

/* So long a progress may hold up the final word that comes behind it. */
#define PROGRESS_TIMEOUT_MS 5000u

static uint32_t at_most(uint32_t ms, uint32_t limit_ms)
{
	return ms < limit_ms ? ms : limit_ms;
}

static struct ctm_transport_endpoint describe_endpoint(
	const struct ctm_endpoint *from, const char *url)
{
	return (struct ctm_transport_endpoint){
		.size = sizeof(struct ctm_transport_endpoint),
		.url = url,
		.socket_path = from->socket,
		.ca_file = from->ca_file,
		.cert_file = from->cert_file,
		.key_file = from->key_file,
		.token_file = from->token_file,
		.secret_file = from->secret_file,
		.headers = (const char *const *)from->headers,
		.n_headers = from->n_headers,
		.proxy = from->proxy,
		.connect_timeout_ms = from->connect_timeout_ms,
		.timeout_ms = from->timeout_ms,
	};
}

int ctm_send_describe(const struct ctm_config *config, const struct ctm_send_attempt *attempt,
	struct ctm_transport_endpoint *ret_endpoint, struct ctm_transport_message *ret_message,
	char event_id[CTM_MESSAGE_ID], struct ctm_error *e)
{
	const struct ctm_message *m = &attempt->message;
	const struct ctm_job_text *text = &attempt->text;
	const struct ctm_endpoint *endpoint;
	const char *url;
	int r = ctm_config_endpoint(config, text->endpoint, &endpoint, &url, e);

	if (r < 0)
		return r;
	*ret_endpoint = describe_endpoint(endpoint, url);
	if (m->kind == CTM_MESSAGE_PROGRESS) {
		ret_endpoint->connect_timeout_ms =
			at_most(ret_endpoint->connect_timeout_ms, PROGRESS_TIMEOUT_MS);
		ret_endpoint->timeout_ms = at_most(ret_endpoint->timeout_ms, PROGRESS_TIMEOUT_MS);
	}
	ctm_message_id(m, text->id, event_id);
	*ret_message = (struct ctm_transport_message){
		.size = sizeof *ret_message,
		.method = method_of(m->kind),
		.endpoint = text->endpoint,
		.id = text->id,
		.client_data = text->client_data,
		.progress_type = ctm_progress_type_name(m->progress_type),
		.bytes_total = m->bytes_total,
		.bytes_transferred = m->bytes_transferred,
		.files_total = m->files_total,
		.files_transferred = m->files_transferred,
		.error_code = m->error_code,
		.error_message = m->error_message ? m->error_message : "",
		.event_id = event_id,
		.source = m->source,
		.time_s = m->time_s,
	};
	return 0;
}

void ctm_send_outcome_done(struct ctm_send_outcome *outcome)
{
	free(outcome->id);
	free(outcome->endpoint);
	outcome->id = outcome->endpoint = NULL;
}

static enum ctm_message_verdict verdict_of(enum ctm_transport_verdict verdict)
{
	switch (verdict) {
	case CTM_TRANSPORT_TAKEN:
		return CTM_VERDICT_TAKEN;
	case CTM_TRANSPORT_PERSON:
		return CTM_VERDICT_PERSON;
	case CTM_TRANSPORT_REFUSED:
		return CTM_VERDICT_REFUSED;
	case CTM_TRANSPORT_RETRY:
		break;
	}
	return CTM_VERDICT_RETRY;
}

static int take_names(struct ctm_txn *txn, uint32_t job, struct ctm_send_outcome *outcome)
{
	struct ctm_job_text text;
	int r = ctm_store_text_get(txn, job, &text);

	if (r < 0)
		return r;
	ctm_send_outcome_done(outcome);
	outcome->id = text.id;
	outcome->endpoint = text.endpoint;
	text.id = text.endpoint = NULL;
	ctm_job_text_done(&text);
	return 0;
}

/* It goes on with its schedule, or is at its end; nothing of a job's end is left of its progress.
 */
static int put_judged(struct ctm_txn *txn, struct committing *c,
	const struct ctm_send_outcome *outcome, const struct ctm_message *m)
{
	struct ctm_job job = {.state = CTM_JOB_OPEN};
	int r = 0;

	if (outcome->work == CTM_WORK_PROGRESS)
		r = ctm_store_job_get(txn, outcome->job, &job);
	if (r < 0)
		return r;
	if (ctm_job_has_ended(&job))
		r = ctm_store_progress_delete(txn, outcome->job);
	else
		r = put(txn, c, outcome->work, m);
	if (r == 0 && m->state != CTM_MESSAGE_WAITING)
		r = ctm_store_work_delete(txn, outcome->work, outcome->job);
	return r;
}

static int judge(struct ctm_txn *txn, struct committing *c, struct ctm_send_outcome *outcome,
	struct ctm_message *m)
{
	const struct ctm_transport_outcome *t = &outcome->transport;
	char *text = strdup(t->text);

	if (!text)
		return -ENOMEM;
	free(m->text);
	m->text = text;
	m->hresult = t->hresult;
	m->http_status = t->http_status;
	/* Once taken it stays taken, whatever a second deliverer heard. */
	if (m->state == CTM_MESSAGE_WAITING)
		ctm_message_judge(m, verdict_of(t->verdict), t->retry_after_s, &c->schedule,
			&c->now, next_random(c));
	outcome->kind = m->kind;
	outcome->state = m->state;
	outcome->attempts = m->attempts;
	outcome->due_ms = ctm_message_due_ms(m, &c->now);
	return put_judged(txn, c, outcome, m);
}

/*
 * The progress has made way for a newer one, or for the job's end; or a person has forgotten the
 * job meanwhile, with all of its messages.
 */
static void judge_gone(struct ctm_send_outcome *outcome)
{
	outcome->kind =
		outcome->work == CTM_WORK_PROGRESS ? CTM_MESSAGE_PROGRESS : CTM_MESSAGE_SUCCESS;
	outcome->state = outcome->transport.verdict == CTM_TRANSPORT_TAKEN ? CTM_MESSAGE_SENT
									   : CTM_MESSAGE_DEAD;
	outcome->attempts = 1;
}

static int finish(struct ctm_txn *txn, struct committing *c, struct ctm_send_outcome *outcome)
{
	struct ctm_message m;
	int r = get(txn, outcome->work, outcome->job, &m);
	const bool found = r == 0;
	const bool gone = r == -ENOENT || (found && outcome->work == CTM_WORK_PROGRESS &&
						  m.sequence != outcome->sequence);

	if (gone)
		judge_gone(outcome);
	else if (found)
		r = judge(txn, c, outcome, &m);
	if (found)
		ctm_message_done(&m);
	if (r < 0 && !gone)
		return r;
	if (!gone && outcome->id)
		return 0;
	ctm_send_outcome_done(outcome);
	/* A job that is forgotten has no name any more. */
	r = take_names(txn, outcome->job, outcome);
	return r == -ENOENT ? 0 : r;
}

static int commit_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct committing *c = context;
	const struct ctm_send_turn *turn = c->turn;
	int r = 0;

	c->version = version_after(c->state, c->known);
	c->changes = false;
	for (size_t i = 0; r == 0 && i < turn->n_outcomes; i++)
		r = finish(txn, c, &turn->outcomes[i]);
	if (r < 0)
		return ctm_error_set(e, r, "cannot store an outcome: %s", strerror(-r));
	for (size_t i = 0; r == 0 && i < turn->n_taken_back; i++)
		r = take_back(txn, c, turn->taken_back[i]);
	for (size_t i = 0; r == 0 && i < turn->n_attempts; i++)
		r = begin_with(txn, c, &turn->attempts[i]);
	return r < 0 ? ctm_error_set(e, r, "cannot store an attempt: %s", strerror(-r)) : 0;
}

int ctm_send_commit(struct ctm_state *state, const struct ctm_send_turn *turn, uint64_t *version,
	struct ctm_error *e)
{
	struct committing c = {
		.state = state,
		.turn = turn,
		.known = *version,
		.schedule = ctm_outbox_schedule(state->config),
		.now = ctm_clock_now(),
		.random = ctm_outbox_random(),
	};
	const int r = ctm_flow_update(state, commit_body, &c, e);

	for (size_t i = 0; r < 0 && i < turn->n_attempts; i++)
		ctm_send_attempt_done(&turn->attempts[i]);
	*version = r == 0 && c.changes ? c.version : 0;
	return r;
}
