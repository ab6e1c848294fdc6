/* SPDX-License-Identifier: MIT */
#include "ask.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fold_question.h"
#include "fold_report.h"
#include "fold_seeding.h"
#include "rpc.h"

/* Questions that are asked at once; the others are asked next time. */
#define QUESTIONS_MAX 1024u

static int copy_question(struct ctm_txn *txn, const struct ctm_question *question, void *context)
{
	struct ctm_ask *ask = context;
	struct ctm_event *event;

	(void)txn;
	if (ask->n_events == ask->cap_events) {
		size_t cap = ask->cap_events ? ask->cap_events * 2 : 16;
		struct ctm_event *events = reallocarray(ask->events, cap, sizeof *events);

		if (!events)
			return -ENOMEM;
		ask->events = events;
		ask->cap_events = cap;
	}
	event = &ask->events[ask->n_events];
	*event = question->event;
	event->path = strdup(question->event.path);
	if (!event->path)
		return -ENOMEM;
	return ++ask->n_events == QUESTIONS_MAX;
}

bool ctm_ask_is_needed(const struct ctm_ask *ask)
{
	return (ask->poll || ask->n_events) && ctm_question_may_be_asked(ask->config);
}

static int copy_aria2(const struct ctm_aria2 *aria2, struct ctm_ask *ask)
{
	struct ctm_aria2 *copy = &ask->aria2s[ask->n_aria2s++];

	*copy = (struct ctm_aria2){
		.name = strdup(aria2->name),
		.rpc = strdup(aria2->rpc),
		.secret_file = aria2->secret_file ? strdup(aria2->secret_file) : NULL,
	};
	return copy->name && copy->rpc && (copy->secret_file || !aria2->secret_file) ? 0 : -ENOMEM;
}

static int copy_aria2s(struct ctm_ask *ask)
{
	const struct ctm_config *config = ask->config;
	int r = 0;

	ask->aria2s = calloc(config->n_aria2s + 1, sizeof *ask->aria2s);
	if (!ask->aria2s)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < config->n_aria2s; i++)
		if (config->aria2s[i].rpc)
			r = copy_aria2(&config->aria2s[i], ask);
	return r;
}

int ctm_ask_load(struct ctm_txn *txn, struct ctm_ask *ask)
{
	int r = copy_aria2s(ask);

	if (r == 0)
		r = ctm_store_question_each(txn, copy_question, ask);
	return r < 0 ? r : 0;
}

/* The first failure is the one that is told. */
static int keep_error(struct ctm_ask *ask, int r, const struct ctm_error *e)
{
	if (r < 0 && !ask->error.code)
		ask->error = *e;
	ask->lost |= r == -ECONNABORTED;
	return r == -ENOMEM ? r : 0;
}

/* The gids that no aria2 has known so far. */
static size_t collect_unknown(const struct ctm_ask *ask, uint64_t *gids)
{
	size_t n = 0;

	for (size_t i = 0; i < ask->answers.n; i++)
		if (ask->answers.items[i].status == CTM_REPORT_UNKNOWN)
			gids[n++] = ask->answers.items[i].gid;
	return n;
}

/* The answers take the places of what was not known, in the same order. */
static void fill_in(struct ctm_ask *ask, struct ctm_reports *heard)
{
	size_t k = 0;

	for (size_t i = 0; i < ask->answers.n && k < heard->n; i++) {
		struct ctm_report *answer = &ask->answers.items[i];

		if (answer->status != CTM_REPORT_UNKNOWN)
			continue;
		ctm_report_done(answer);
		*answer = heard->items[k];
		heard->items[k++] = (struct ctm_report){0};
	}
}

static int ask_questions(struct ctm_ask *ask, struct ctm_rpc *rpc)
{
	uint64_t *gids = calloc(ask->answers.n + 1, sizeof *gids);
	struct ctm_error e = CTM_ERROR_INIT;
	struct ctm_reports heard = {0};
	size_t n = gids ? collect_unknown(ask, gids) : 0;
	int r = gids ? 0 : -ENOMEM;

	if (n)
		r = keep_error(ask, ctm_rpc_ask(rpc, gids, n, &heard, &e), &e);
	fill_in(ask, &heard);
	ctm_reports_done(&heard);
	free(gids);
	return r;
}

static int ask_one(struct ctm_ask *ask, struct ctm_rpc *rpc)
{
	struct ctm_error e = CTM_ERROR_INIT;
	int r = ask_questions(ask, rpc);

	if (r < 0 || !ask->poll)
		return r;
	r = ctm_rpc_ask_all(rpc, &ask->all, &e);
	ask->whole &= r == 0;
	return keep_error(ask, r, &e);
}

/* Until an aria2 says otherwise none knows them. */
static int begin_answers(struct ctm_ask *ask)
{
	ask->answers.items = calloc(ask->n_events + 1, sizeof *ask->answers.items);
	if (!ask->answers.items)
		return -ENOMEM;
	ask->answers.n = ask->answers.cap = ask->n_events;
	for (size_t i = 0; i < ask->n_events; i++)
		ask->answers.items[i] = (struct ctm_report){
			.gid = ask->events[i].gid, .status = CTM_REPORT_UNKNOWN};
	return 0;
}

int ctm_ask(struct ctm_ask *ask, const struct ctm_transport_table *table,
	struct ctm_transport *transport)
{
	int r = begin_answers(ask);

	ask->whole = ask->poll;
	for (size_t i = 0; r == 0 && i < ask->n_aria2s; i++) {
		struct ctm_rpc rpc;

		ctm_rpc_init(&rpc, &ask->aria2s[i], table, transport);
		r = ask_one(ask, &rpc);
	}
	return r;
}

static const char *why_unanswered(const struct ctm_ask *ask)
{
	if (!ctm_question_may_be_asked(ask->config))
		return "no [aria2] rpc is configured";
	return ask->error.code ? ask->error.text : "aria2 no longer knows it (max-download-result)";
}

/* An error of no job that is known: its sidecar may come a moment later. */
static int keep_for_later(
	struct ctm_txn *txn, const struct ctm_event *event, const struct ctm_fold *fold)
{
	const int64_t age_ms = fold->now.wall_ms - event->wall_ms;

	if (event->type != CTM_EVENT_ERROR || age_ms >= (int64_t)fold->config->unclaimed_s * 1000)
		return 0;
	return ctm_store_unclaimed_add(txn, event, &fold->now);
}

static int fold_answer(
	struct ctm_txn *txn, const struct ctm_ask *ask, size_t i, struct ctm_fold *fold)
{
	struct ctm_event event = ask->events[i];
	const size_t causes = fold->causes;
	struct ctm_report answer = ask->answers.items[i];
	int r = ctm_fold_seeding(txn, &event);

	answer.event = &event;
	if (r == 0)
		r = answer.status == CTM_REPORT_UNKNOWN
			    ? ctm_fold_unexplained(txn, &event, why_unanswered(ask), fold)
			    : ctm_fold_report(txn, &answer, fold);
	if (r >= 0 && fold->causes == causes)
		r = keep_for_later(txn, &event, fold);
	/* One that came while aria2 was asked stays, and is asked next. */
	return r < 0 ? r : ctm_store_question_delete(txn, &event);
}

int ctm_ask_fold(struct ctm_txn *txn, const struct ctm_ask *ask, struct ctm_fold *fold)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < ask->n_events; i++)
		r = fold_answer(txn, ask, i, fold);
	return r < 0 || !ask->poll
		       ? r
		       : ctm_fold_poll(txn, ask->all.items, ask->all.n, ask->whole, fold);
}

void ctm_ask_done(struct ctm_ask *ask)
{
	for (size_t i = 0; i < ask->n_events; i++)
		ctm_event_done(&ask->events[i]);
	free(ask->events);
	for (size_t i = 0; i < ask->n_aria2s; i++) {
		free(ask->aria2s[i].name);
		free(ask->aria2s[i].rpc);
		free(ask->aria2s[i].secret_file);
	}
	free(ask->aria2s);
	ctm_reports_done(&ask->answers);
	ctm_reports_done(&ask->all);
	*ask = (struct ctm_ask){0};
}
