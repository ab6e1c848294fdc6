/* SPDX-License-Identifier: MIT */
#include "drain.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "deadline.h"
#include "fold.h"
#include "hint.h"
#include "inbox_read.h"
#include "log.h"
#include "sidecars_seen.h"
#include "tell.h"
#include "trigger_write.h"

struct draining {
	const struct ctm_state *state;
	struct ctm_inbox inbox;
	uint64_t folded[CTM_INBOX_FILES_AT_ONCE + 2]; /* bytes of each file, before this drain */
	uint64_t sidecars_mtime;                      /* read before the lock was taken */
	bool sidecars_changed;
	bool overdue; /* some job's time may be over: the deliverer sees to it */
	struct ctm_fold fold;
	size_t unclaimed;    /* new ones */
	size_t pushed_out;   /* older ones, for which there was no room any more */
	char *renamed_id;    /* of a job whose file arrived under another name; NULL: none */
	const char *renamed; /* that other name */
	struct ctm_tell tell;
	int result;
	struct ctm_error error;
};

/*
 * A sidecar that comes a moment later, or lies there and is about to be read, still finds it.
 */
static int keep_unclaimed(struct ctm_txn *txn, struct draining *d, const struct ctm_event *event)
{
	int r = 0;

	d->unclaimed++;
	if (!d->renamed_id && ctm_event_is_evidence(event))
		r = ctm_hint_renamed(txn, event, &d->renamed_id);
	if (r > 0)
		d->renamed = event->path;
	if (r >= 0)
		r = ctm_store_unclaimed_add(txn, event, &d->fold.now);
	d->pushed_out += r > 0;
	return r < 0 ? r : 0;
}

/* Whether the event was folded before, from an inbox file that is still there. */
static bool is_folded(const struct draining *d, size_t i)
{
	const struct ctm_inbox_origin *origin = &d->inbox.origins[i];

	return origin->end <= d->folded[origin->file];
}

static int fold_one(struct ctm_txn *txn, struct draining *d, size_t i)
{
	const struct ctm_event *event = &d->inbox.events[i];
	int r;

	if (is_folded(d, i))
		return 0;
	r = ctm_fold_event(txn, event, &d->fold);
	if (r < 0 || !ctm_event_is_news(event) || (r > 0 && !d->sidecars_changed))
		return r < 0 ? r : 0;
	return keep_unclaimed(txn, d, event);
}

/*
 * The inbox is not synced: after a loss of power a file can be shorter than what was folded of it,
 * and grow again with other events. So what is remembered of it ends with the boot, and it is read
 * anew.
 */
static struct ctm_inbox_identity identity_in_this_boot(
	const struct ctm_inbox_identity *file, uint64_t boot)
{
	struct ctm_inbox_identity identity = *file;

	identity.born_ns = boot && file->born_ns ? file->born_ns ^ boot : 0;
	return identity;
}

/* How far each file was folded, and from now on is. */
static int note_folded(struct ctm_txn *txn, struct draining *d)
{
	struct ctm_inbox_identity files[CTM_INBOX_FILES_AT_ONCE + 2];
	const size_t n = d->inbox.n_files;
	int r = 0;

	for (size_t i = 0; r == 0 && i < n; i++) {
		const struct ctm_inbox_file *file = &d->inbox.files[i];

		files[i] = identity_in_this_boot(&file->identity, d->fold.now.boot);
		r = ctm_store_folded_get(txn, &files[i], &d->folded[i]);
		if (r == 0 && d->folded[i] != file->size)
			r = ctm_store_folded_put(txn, &files[i], file->size);
	}
	/* Those of files that are gone; with all others left unread it is not known which are. */
	return r < 0 || n > CTM_INBOX_FILES_AT_ONCE || d->inbox.unreadable
		       ? r
		       : ctm_store_folded_keep(txn, files, n);
}

static int drain_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct draining *d = context;
	int r = ctm_sidecars_changed(txn, d->sidecars_mtime, &d->sidecars_changed);

	ctm_fold_again(&d->fold);
	d->unclaimed = d->pushed_out = 0;
	free(d->renamed_id);
	d->renamed_id = NULL;
	if (r == 0)
		r = note_folded(txn, d);
	for (size_t i = 0; r == 0 && i < d->inbox.n_events; i++)
		r = fold_one(txn, d, i);
	if (r == 0)
		r = ctm_fold_decide(txn, &d->fold);
	if (r == 0)
		r = ctm_deadline_is_due(txn, &d->fold.now, &d->overdue);
	if (r == 0)
		r = ctm_tell_gather(txn, &d->fold.jobs, &d->tell);
	return r < 0 ? ctm_error_set(e, r, "cannot store events: %s", strerror(-r)) : 0;
}

/* Folds what waits, and removes it once it is committed. The lock is held. */
static void drain_held(struct ctm_state *state, struct draining *d)
{
	d->result = ctm_inbox_read(state->dir_fd, &d->inbox, &d->error);
	if (d->result < 0)
		return;
	d->fold.now = ctm_clock_now();
	d->result = ctm_trigger_update(state, drain_body, d, &d->error);
	if (d->result < 0)
		return;
	state->work |= d->fold.work || (d->overdue && !state->sees_to_deadlines) ||
		       (d->unclaimed && state->config->sidecar_beside);
	ctm_inbox_remove(state->dir_fd, &d->inbox);
	ctm_trigger_settle(state, &d->inbox);
}

/* Says what was decided; the lock is no longer held, because a log can be slow. */
static void report(const struct draining *d)
{
	ctm_remarks_log(&d->fold.remarks);
	ctm_tell_log(&d->tell);
	if (d->renamed_id)
		ctm_log(CTM_LOG_WARNING, &(struct ctm_log_subject){.job = d->renamed_id},
			"\"%s\" is not the file that the job lists, aria2 gave it another name: set "
			"auto-file-renaming=false and continue=true",
			d->renamed);
	if (d->pushed_out)
		ctm_log(CTM_LOG_INFO, NULL,
			"more than %u events are of no job that is known: %zu older ones are dropped; "
			"a sidecar has to be there before so many of its files",
			CTM_UNCLAIMED_LIMIT, d->pushed_out);
	if (d->inbox.unreadable)
		ctm_log(CTM_LOG_ERROR, NULL, "%zu files of the inbox cannot be read; they are kept",
			d->inbox.unreadable);
	if (d->inbox.damaged)
		ctm_log(CTM_LOG_DEBUG, NULL, "%zu torn records in the inbox were passed over",
			d->inbox.damaged);
}

static void draining_begin(struct draining *d, const struct ctm_state *state)
{
	*d = (struct draining){
		.state = state,
		.sidecars_mtime = ctm_sidecars_mtime(state->config),
		.fold = CTM_FOLD_INIT(state->config),
	};
	d->fold.in_hook = true;
}

static void draining_done(struct draining *d)
{
	ctm_tell_done(&d->tell);
	free(d->renamed_id);
	ctm_fold_done(&d->fold);
	ctm_inbox_done(&d->inbox);
}

int ctm_drain(struct ctm_state *state, bool now, struct ctm_error *e)
{
	bool again = now || ctm_inbox_waits(state->dir_fd);
	int r = 0;

	while (again && r == 0) {
		struct draining d;

		draining_begin(&d, state);
		r = ctm_hold_try(state, e);
		if (r < 0)
			return r == -EAGAIN ? 0 : r;
		drain_held(state, &d);
		ctm_hold_release(state);
		r = d.result;
		/* Who else needs the store looks at sidecars for itself, or does not care. */
		state->work |= r == 0 && d.sidecars_changed;
		if (r < 0 && e)
			*e = d.error;
		again = ctm_inbox_has_more(state->dir_fd, &d.inbox);
		report(&d);
		draining_done(&d);
	}
	return r;
}

typedef int ctm_access(
	struct ctm_state *state, ctm_store_body *body, void *context, struct ctm_error *e);

static int flow(struct ctm_state *state, ctm_access *with, ctm_store_body *body, void *context,
	struct ctm_error *e)
{
	struct draining d;
	int r;

	draining_begin(&d, state);
	r = ctm_hold_wait(state, CTM_HOLD_WAIT_MS, e);
	if (r < 0)
		return r;
	/* A full disk may let us read what we cannot drain. */
	drain_held(state, &d);
	r = with(state, body, context, e);
	ctm_hold_release(state);
	if (d.result == 0 && ctm_inbox_has_more(state->dir_fd, &d.inbox))
		(void)ctm_drain(state, true, NULL);
	if (d.result < 0)
		ctm_log_complaint(CTM_LOG_ERROR, NULL, ctm_error_of(&d.error, d.result));
	report(&d);
	draining_done(&d);
	return r;
}

static int update(struct ctm_state *state, ctm_store_body *body, void *context, struct ctm_error *e)
{
	int r = ctm_trigger_update(state, body, context, e);

	if (r >= 0)
		ctm_trigger_settle(state, NULL);
	return r;
}

int ctm_flow_update(
	struct ctm_state *state, ctm_store_body *body, void *context, struct ctm_error *e)
{
	return flow(state, update, body, context, e);
}

static int read_only(
	struct ctm_state *state, ctm_store_body *body, void *context, struct ctm_error *e)
{
	return ctm_store_read(state->store, body, context, e);
}

int ctm_flow_read(struct ctm_state *state, ctm_store_body *body, void *context, struct ctm_error *e)
{
	return flow(state, read_only, body, context, e);
}
