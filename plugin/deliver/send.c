/* SPDX-License-Identifier: MIT */
#include "send.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "drain.h"
#include "hresult.h"
#include "log.h"
#include "open_transport.h"
#include "send_store.h"

/* Attempts under way: in all, and to one endpoint. */
#define AT_ONCE 512
#define AT_ONCE_EACH 8

/* Begun in one transaction. */
#define PICK 64

/* An attempt under way; its place in the list is its tag. */
struct flight {
	bool used;
	uint32_t job;
	enum ctm_work work;
	uint32_t sequence; /* of a progress */
	size_t endpoint;   /* its place in the configuration */
};

struct ctm_sender {
	struct ctm_state *state;
	struct ctm_queue *queue;
	const struct ctm_transport_table *table;
	struct ctm_transport *transport;
	struct ctm_send_outcome outcomes[AT_ONCE]; /* not stored yet */
	size_t n_outcomes;
	struct flight flights[AT_ONCE]; /* submitted, no outcome stored */
	size_t under_way;
	size_t progress_under_way;
	unsigned *busy; /* of those to each endpoint, by its place; the last for none */
};

int ctm_sender_new(struct ctm_state *state, struct ctm_queue *queue, struct ctm_sender **ret_sender)
{
	struct ctm_sender *s = calloc(1, sizeof *s);

	if (!s)
		return -ENOMEM;
	s->state = state;
	s->queue = queue;
	s->busy = calloc(state->config->n_endpoints + 1, sizeof *s->busy);
	if (!s->busy) {
		free(s);
		return -ENOMEM;
	}
	*ret_sender = s;
	return 0;
}

void ctm_sender_free(struct ctm_sender *s)
{
	if (!s)
		return;
	if (s->transport)
		s->table->close(s->transport);
	for (size_t i = 0; i < s->n_outcomes; i++)
		ctm_send_outcome_done(&s->outcomes[i]);
	free(s->busy);
	free(s);
}

/* An endpoint's place in the configuration, the last for none. */
static size_t place_of(const struct ctm_config *config, const struct ctm_endpoint *endpoint)
{
	return endpoint ? (size_t)(endpoint - config->endpoints) : config->n_endpoints;
}

/* One request at a time for a job: its final word waits for the progress that is under way. */
static bool is_held_up(const struct ctm_sender *s, const struct ctm_queue_item *item)
{
	for (size_t i = 0; s->progress_under_way && i < AT_ONCE; i++)
		if (s->flights[i].used && s->flights[i].job == item->job)
			return true;
	return false;
}

bool ctm_sender_has_room(const struct ctm_sender *s, const struct ctm_queue_item *item)
{
	return s->under_way < AT_ONCE &&
	       s->busy[place_of(s->state->config, item->endpoint)] < AT_ONCE_EACH &&
	       !is_held_up(s, item);
}

static bool is_message(const struct ctm_queue_item *item)
{
	return item->work == CTM_WORK_SEND || item->work == CTM_WORK_PROGRESS;
}

/* It counts as under way from here on. Returns its tag. There is room. */
static size_t take_off(struct ctm_sender *s, const struct ctm_queue_item *item)
{
	size_t tag = 0;

	while (s->flights[tag].used)
		tag++;
	s->flights[tag] = (struct flight){
		.used = true,
		.job = item->job,
		.work = item->work,
		.endpoint = place_of(s->state->config, item->endpoint),
	};
	s->under_way++;
	s->progress_under_way += item->work == CTM_WORK_PROGRESS;
	s->busy[s->flights[tag].endpoint]++;
	return tag;
}

/* It is no longer under way. */
static void land(struct ctm_sender *s, size_t tag)
{
	struct flight *flight = &s->flights[tag];

	s->under_way--;
	s->progress_under_way -= flight->work == CTM_WORK_PROGRESS;
	s->busy[flight->endpoint]--;
	flight->used = false;
}

/* Picks what is due and has room, most urgent first. */
static size_t pick(struct ctm_sender *s, struct ctm_send_attempt *attempts, size_t *tags)
{
	const uint64_t now_ms = ctm_clock_boot_ms();
	size_t n = 0;

	for (size_t i = 0; i < s->queue->n && n < PICK; i++) {
		struct ctm_queue_item *item = &s->queue->items[i];

		if (!is_message(item) || item->busy || item->due_ms > now_ms ||
			!ctm_sender_has_room(s, item))
			continue;
		item->busy = true;
		tags[n] = take_off(s, item);
		attempts[n++] = (struct ctm_send_attempt){.job = item->job, .work = item->work};
	}
	return n;
}

static void keep_outcome(struct ctm_sender *s, const struct ctm_transport_outcome *outcome)
{
	const struct flight *flight = &s->flights[outcome->tag];

	s->outcomes[s->n_outcomes++] = (struct ctm_send_outcome){
		.job = flight->job,
		.work = flight->work,
		.sequence = flight->sequence,
		.transport = *outcome,
	};
}

/* An outcome without a transfer. */
static void fail_at_once(struct ctm_sender *s, size_t tag, enum ctm_transport_verdict verdict,
	uint32_t hresult, const char *text)
{
	struct ctm_transport_outcome outcome = {
		.size = sizeof outcome,
		.tag = tag,
		.verdict = verdict,
		.hresult = hresult,
	};

	snprintf(outcome.text, sizeof outcome.text, "%s", text);
	keep_outcome(s, &outcome);
}

static void submit(struct ctm_sender *s, const struct ctm_send_attempt *attempt, size_t tag)
{
	struct ctm_transport_endpoint endpoint;
	struct ctm_transport_message message;
	struct ctm_error e = CTM_ERROR_INIT;
	char event_id[CTM_MESSAGE_ID];
	int r = ctm_send_describe(s->state->config, attempt, &endpoint, &message, event_id, &e);

	if (r < 0) {
		/* There is nowhere to send it: a person must say where. */
		fail_at_once(s, tag, CTM_TRANSPORT_PERSON, CTM_E_WINHTTP_INVALID_URL, e.text);
		return;
	}
	r = s->table->submit(s->transport, &endpoint, &message, tag);
	if (r < 0)
		fail_at_once(s, tag, CTM_TRANSPORT_RETRY,
			r == -ENOMEM ? CTM_E_OUTOFMEMORY : CTM_E_FAIL, strerror(-r));
}

static bool can_start(const struct ctm_queue_item *item, void *context)
{
	return is_message(item) && ctm_sender_has_room(context, item);
}

/* Submits what was begun; the rest was no longer waiting, or could not be begun. */
static void submit_begun(
	struct ctm_sender *s, struct ctm_send_attempt *attempts, const size_t *tags, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct ctm_queue_item *item =
			ctm_queue_find(s->queue, attempts[i].work, attempts[i].job);

		if (attempts[i].begun) {
			s->flights[tags[i]].sequence = attempts[i].message.sequence;
			submit(s, &attempts[i], tags[i]);
		} else {
			land(s, tags[i]);
			if (item)
				item->busy = false;
			s->queue->version = 0;
		}
		ctm_send_attempt_done(&attempts[i]);
	}
}

int ctm_sender_start(struct ctm_sender *s, struct ctm_error *e)
{
	struct ctm_send_attempt attempts[PICK];
	size_t tags[PICK];
	int r = 0;

	while (r == 0 && ctm_queue_next(s->queue, can_start, s) <= ctm_clock_boot_ms()) {
		size_t n = pick(s, attempts, tags);

		r = s->transport
			    ? 0
			    : ctm_open_transport(s->state->config, &s->table, &s->transport, e);
		if (r == 0)
			r = ctm_send_begin(s->state, attempts, n, &s->queue->version, e);
		for (size_t i = 0; r < 0 && i < n; i++)
			attempts[i].begun = false;
		submit_begun(s, attempts, tags, n);
		/* One that is no longer waiting is off the list only when that is read again. */
		if (!s->queue->version)
			break;
	}
	return r;
}

int ctm_sender_wait(struct ctm_sender *s, struct pollfd *fds, size_t n, int timeout_ms)
{
	if (s->n_outcomes)
		timeout_ms = 0;
	if (s->transport)
		return s->table->wait(s->transport, fds, n, timeout_ms);
	return poll(fds, (nfds_t)n, timeout_ms) < 0 && errno != EINTR ? -errno : 0;
}

/* Progress that was not taken is no reason to worry: the final word comes all the same. */
static void log_progress(
	const struct ctm_send_outcome *outcome, const struct ctm_log_subject *subject)
{
	if (outcome->state == CTM_MESSAGE_SENT)
		ctm_log(CTM_LOG_DEBUG, subject, "CTM took progress %" PRIu32, outcome->sequence);
	else
		ctm_log(CTM_LOG_INFO, subject, "progress %" PRIu32 " was not taken: %s",
			outcome->sequence, outcome->transport.text);
}

static void log_final(const struct ctm_send_outcome *outcome, const struct ctm_log_subject *subject)
{
	const struct ctm_transport_outcome *t = &outcome->transport;
	const char *kind = ctm_message_kind_name(outcome->kind);
	char hresult[64];

	ctm_hresult_print(t->hresult, hresult, sizeof hresult);
	if (outcome->state == CTM_MESSAGE_SENT)
		ctm_log(CTM_LOG_INFO, subject, "CTM took the final word, %s, at attempt %" PRIu32,
			kind, outcome->attempts);
	else if (outcome->state == CTM_MESSAGE_DEAD)
		ctm_log(CTM_LOG_ERROR, subject,
			"the final word, %s, failed for good after %" PRIu32
			" attempts, %s: %s; it is kept: \"aria2-ctm retry\" tries again",
			kind, outcome->attempts, hresult, t->text);
	else
		ctm_log(CTM_LOG_WARNING, subject,
			"attempt %" PRIu32 " failed, %s: %s; next in %" PRIu64 " s",
			outcome->attempts, hresult, t->text, (outcome->due_ms + 999) / 1000);
}

static void log_outcome(const struct ctm_send_outcome *outcome)
{
	const struct ctm_log_subject subject = {
		.job = outcome->id,
		.endpoint = outcome->endpoint,
		.hresult = outcome->transport.hresult,
	};

	if (outcome->kind == CTM_MESSAGE_PROGRESS)
		log_progress(outcome, &subject);
	else
		log_final(outcome, &subject);
}

/* The list in memory follows what was stored. */
static void update_queue(struct ctm_queue *queue, const struct ctm_send_outcome *outcome)
{
	struct ctm_queue_item *item = ctm_queue_find(queue, outcome->work, outcome->job);

	if (!item)
		return;
	if (outcome->state != CTM_MESSAGE_WAITING) {
		ctm_queue_remove(queue, outcome->work, outcome->job);
		/* Newer progress may have come meanwhile: the list is read again. */
		if (outcome->work == CTM_WORK_PROGRESS)
			queue->version = 0;
		return;
	}
	item->busy = false;
	item->due_ms = ctm_clock_boot_ms() + outcome->due_ms;
}

int ctm_sender_collect(struct ctm_sender *s, struct ctm_error *e)
{
	struct ctm_transport_outcome outcome = {.size = sizeof outcome};
	int r;

	while (s->transport && s->n_outcomes < AT_ONCE && s->table->next(s->transport, &outcome)) {
		keep_outcome(s, &outcome);
		outcome = (struct ctm_transport_outcome){.size = sizeof outcome};
	}
	if (!s->n_outcomes)
		return 0;
	r = ctm_send_finish(s->state, s->outcomes, s->n_outcomes, &s->queue->version, e);
	if (r < 0)
		return r;
	for (size_t i = 0; i < s->n_outcomes; i++) {
		if (s->outcomes[i].id)
			log_outcome(&s->outcomes[i]);
		update_queue(s->queue, &s->outcomes[i]);
		land(s, (size_t)s->outcomes[i].transport.tag);
		ctm_send_outcome_done(&s->outcomes[i]);
	}
	s->n_outcomes = 0;
	return 0;
}
