/* SPDX-License-Identifier: MIT */
/*
 * How much there is to do, for whoever does not do it.
 */
#include <string.h>

#include "deadline.h"
#include "deliver.h"
#include "drain.h"
#include "queue.h"
#include "sidecars_seen.h"

struct counting {
	const struct ctm_state *state;
	struct ctm_queue queue;
	uint64_t sidecars_mtime;
	bool sidecars_changed;
	bool questions;
	bool overdue;
};

static int count_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct counting *c = context;
	const struct ctm_stamp now = ctm_clock_now();
	int r = ctm_queue_load(txn, &c->queue);

	if (r == 0)
		r = ctm_sidecars_to_be_read(txn, c->state, c->sidecars_mtime, &c->sidecars_changed);
	if (r == 0)
		r = ctm_deadline_is_due(txn, &now, &c->overdue);
	if (r == 0)
		r = ctm_store_question_any(txn, &c->questions);
	return r < 0 ? ctm_error_set(e, r, "cannot read what is to be done: %s", strerror(-r)) : 0;
}

int ctm_deliver_due(struct ctm_state *state, bool under_way, size_t *ret_due, struct ctm_error *e)
{
	struct counting c = {
		.state = state,
		.queue = {.config = state->config},
		.sidecars_mtime = ctm_sidecars_mtime(state->config),
	};
	int r = ctm_flow_read(state, count_body, &c, e);
	uint64_t now = ctm_clock_boot_ms();

	if (r == 0) {
		*ret_due = (size_t)c.sidecars_changed + c.questions + c.overdue;
		for (size_t i = 0; i < c.queue.n; i++)
			*ret_due += c.queue.items[i].due_ms <= now ||
				    (under_way && c.queue.items[i].under_way);
	}
	ctm_queue_done(&c.queue);
	return r;
}
