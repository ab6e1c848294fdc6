/* SPDX-License-Identifier: MIT */
/*
 * ask.h - aria2 is asked what hooks could not tell, or did not
 *
 * Order of calls: ctm_ask_load() copies the questions, ctm_ask() asks, without lock or transaction
 * and for as long as aria2 takes, and ctm_ask_fold() makes facts of the answers. catch_up.h does
 * all three. A question is asked once: where no aria2 explains it, the event counts as it stands.
 */
#ifndef CTM_ASK_H
#define CTM_ASK_H

#include "fold.h"
#include "reports.h"
#include "transport.h"

/* What is to be asked, and what was answered. */
struct ctm_ask {
	const struct ctm_config *config;
	bool poll;                /* all downloads, beside the questions */
	struct ctm_aria2 *aria2s; /* copies: a thread that hangs can outlive the configuration */
	size_t n_aria2s;
	struct ctm_event *events; /* of the questions */
	size_t n_events;
	size_t cap_events;
	struct ctm_reports answers; /* one for each event: UNKNOWN where no aria2 knows it */
	struct ctm_reports all;     /* if poll */
	bool whole;                 /* if poll: every aria2 answered */
	struct ctm_error error;     /* the first that did not answer; code 0: all did */
	bool lost;                  /* some could not even be asked: the transport was lost */
};

/* Whether there is an aria2 to ask, and something to ask it. */
bool ctm_ask_is_needed(const struct ctm_ask *ask);

/* Adds the store's questions, and whom to ask. 0 or negative errno. */
int ctm_ask_load(struct ctm_txn *txn, struct ctm_ask *ask);

/*
 * Asks each [aria2] of the configuration in turn. An aria2 that does not answer is no failure:
 * ask->error says so. Nothing else uses the transport meanwhile; it may be NULL where
 * ctm_ask_is_needed() says so. 0 or -ENOMEM.
 */
int ctm_ask(struct ctm_ask *ask, const struct ctm_transport_table *table,
	struct ctm_transport *transport);

/*
 * What was answered becomes facts, and the questions go, also where there was nobody to ask. 0 or
 * negative errno.
 */
int ctm_ask_fold(struct ctm_txn *txn, const struct ctm_ask *ask, struct ctm_fold *fold);

void ctm_ask_done(struct ctm_ask *ask);

#endif
