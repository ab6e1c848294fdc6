/* SPDX-License-Identifier: MIT */
/*
 * send_store.h - attempts and outcomes in the store, and a message as a transport takes it
 */
#ifndef CTM_SEND_STORE_H
#define CTM_SEND_STORE_H

#include "state.h"
#include "store.h"
#include "transport.h"

/* A copy of a message whose attempt is committed. */
struct ctm_send_attempt {
	uint32_t job;
	enum ctm_work work; /* CTM_WORK_SEND or CTM_WORK_PROGRESS */
	bool begun;         /* false: it was not waiting any more */
	struct ctm_message_before before;
	struct ctm_message message;
	struct ctm_job_text text;
};

struct ctm_send_outcome {
	uint32_t job;
	enum ctm_work work;
	uint32_t sequence; /* of a progress */
	struct ctm_transport_outcome transport;
	/* Set when it was stored: */
	enum ctm_message_kind kind;
	enum ctm_message_state state;
	uint32_t attempts;
	uint64_t due_ms; /* until the next attempt, while it waits */
	/* Set by whoever knows them, or when it is stored: */
	char *id; /* NULL then: the job was forgotten meanwhile */
	char *endpoint;
};

/*
 * What is committed in one transaction: how attempts ended, which of those that were begun are not
 * made after all, and which begin.
 */
struct ctm_send_turn {
	struct ctm_send_outcome *outcomes;
	size_t n_outcomes;
	struct ctm_send_attempt **taken_back;
	size_t n_taken_back;
	struct ctm_send_attempt *attempts;
	size_t n_attempts;
};

/*
 * Job and work of attempts and outcomes are set by the caller. *version is that of the store that
 * the caller knows (struct ctm_queue): it stays the store's if nobody else has changed that
 * meanwhile, and is 0 otherwise, or where nothing was changed at all. 0 or negative errno in *e:
 * nothing of it is stored, none is begun.
 */
int ctm_send_commit(struct ctm_state *state, const struct ctm_send_turn *turn, uint64_t *version,
	struct ctm_error *e);

/* Begins one in the caller's transaction, which must be committed before the attempt is made. */
int ctm_send_begin(struct ctm_txn *txn, const struct ctm_config *config,
	const struct ctm_stamp *now, struct ctm_send_attempt *attempt);
void ctm_send_attempt_done(struct ctm_send_attempt *attempt);

/*
 * The attempt as a transport takes it: everything points into the configuration and the attempt.
 * -ENOENT, -EINVAL in *e: its endpoint is not configured.
 */
int ctm_send_describe(const struct ctm_config *config, const struct ctm_send_attempt *attempt,
	struct ctm_transport_endpoint *ret_endpoint, struct ctm_transport_message *ret_message,
	char event_id[CTM_MESSAGE_ID], struct ctm_error *e);

void ctm_send_outcome_done(struct ctm_send_outcome *outcome);

#endif
