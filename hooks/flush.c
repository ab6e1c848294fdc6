/* SPDX-License-Identifier: MIT */
#include "flush.h"

#include <errno.h>
#include <string.h>

#include "deliver.h"
#include "drain.h"
#include "expire_sidecars.h"
#include "flush_beside.h"
#include "housekeeping.h"
#include "scan.h"

struct counting {
	struct ctm_stamp since;
	size_t unsent;
};

static int count(struct ctm_txn *txn, const struct ctm_job *job, void *context)
{
	struct counting *c = context;
	struct ctm_message message;
	int r = ctm_store_message_get(txn, job->number, &message);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	/* `from` is when the last attempt began, or when its outcome was known. */
	c->unsent += message.state != CTM_MESSAGE_SENT && message.attempts > 0 &&
		     message.from.boot == c->since.boot && message.from.boot_ms >= c->since.boot_ms;
	ctm_message_done(&message);
	return 0;
}

static int count_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct counting *c = context;
	int r;

	c->unsent = 0;
	r = ctm_store_job_each(txn, count, c);
	return r < 0 ? ctm_error_set(e, r, "cannot read messages: %s", strerror(-r)) : 0;
}

/* Delivers, by ourselves or somebody else. 0 or negative errno in *e. */
static int deliver(struct ctm_state *state, struct ctm_error *e)
{
	int r = ctm_deliver_run(state, CTM_DELIVER_ONCE, e);

	return r == 1 ? ctm_flush_beside(state, e) : r;
}

/* Tidies up, and counts. *ret_unsent: messages that were tried since then and not taken. */
static int tidy_up(struct ctm_state *state, bool all_read, const struct ctm_stamp *since,
	size_t *ret_unsent, struct ctm_error *e)
{
	struct counting c = {.since = *since};
	int r = ctm_housekeeping(state, all_read, e);

	if (r == 0)
		r = ctm_flow_read(state, count_body, &c, e);
	if (r == 0)
		*ret_unsent = c.unsent;
	return r;
}

int ctm_flush(struct ctm_state *state, size_t *ret_unsent, struct ctm_error *e)
{
	/* A deliverer that lingers reads what has changed; what was not good before is our part. */
	struct ctm_scan scan = {.again = true};
	struct ctm_error of_scan = CTM_ERROR_INIT;
	struct ctm_error of_delivery = CTM_ERROR_INIT;
	const struct ctm_stamp since = ctm_clock_now();
	int scanned = ctm_scan(state, &scan, &of_scan);
	const bool all_read = scanned == 0 && !scan.unread;
	int delivered;
	int r;

	if (scanned == 0)
		scanned = ctm_expire_sidecars(state, &of_scan);
	/* What keeps sidecars from being found, or messages from being sent, keeps nothing else. */
	delivered = deliver(state, &of_delivery);
	r = tidy_up(state, all_read, &since, ret_unsent, e);
	if (delivered < 0 || (r == 0 && scanned < 0))
		*e = delivered < 0 ? of_delivery : of_scan;
	return delivered < 0 ? delivered : r < 0 ? r : scanned;
}
