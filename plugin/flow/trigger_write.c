/* SPDX-License-Identifier: MIT */
/*
 * What is written there by whoever holds the lock. Whatever can't be written makes hooks drain: the
 * file goes, and where not even that can be had, nothing is committed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "deadline.h"
#include "files.h"
#include "hash.h"
#include "inbox_record.h"
#include "numbers.h"
#include "trigger_write.h"
#include "trigger_file.h"

/* Further than any file of the inbox goes. */
#define LEAP (UINT64_C(1) << 40)

/* A job that was touched, and what its trigger becomes. */
struct pending {
	uint32_t job;
	uint64_t hash;
	uint64_t missing; /* files; 0: it has ended and lacks nothing that could come */
	uint64_t record;  /* bytes of the smallest record that can be of it */
};

struct ctm_triggers {
	int fd; /* -1: not open */
	struct ctm_trigger_header header;
	struct ctm_trigger_header wanted; /* what the header becomes */
	struct ctm_numbers touched;
	struct pending *pending;
	size_t n;
	size_t cap;
	uint64_t position; /* up to which all is read, */
	bool is_placed;    /* if that was read since the lock was taken */
	uint64_t boot;     /* in which this process lives */
};

void ctm_trigger_done(struct ctm_state *state)
{
	struct ctm_triggers *t = state->triggers;

	if (!t)
		return;
	ctm_close_fd(&t->fd);
	ctm_numbers_done(&t->touched);
	free(t->pending);
	free(t);
	state->triggers = NULL;
}

void ctm_trigger_let_go(struct ctm_state *state)
{
	if (state->triggers)
		state->triggers->is_placed = false;
}

static struct ctm_triggers *triggers_of(struct ctm_state *state)
{
	if (!state->triggers) {
		state->triggers = calloc(1, sizeof *state->triggers);
		if (state->triggers)
			state->triggers->fd = -1;
	}
	return state->triggers;
}

static int touch(uint32_t job, void *context)
{
	struct ctm_triggers *t = context;

	return ctm_numbers_add(&t->touched, job);
}

static int remember(struct ctm_triggers *t, const struct pending *pending)
{
	if (t->n == t->cap) {
		const size_t cap = t->cap ? t->cap * 2 : 16;
		struct pending *items = reallocarray(t->pending, cap, sizeof *items);

		if (!items)
			return -ENOMEM;
		t->pending = items;
		t->cap = cap;
	}
	t->pending[t->n++] = *pending;
	return 0;
}

/* Its trigger is at 0 from now on, until it is settled. One that has ended needs no entry. */
static int lower(struct ctm_txn *txn, const struct ctm_state *state, struct ctm_triggers *t,
	const struct ctm_job *job)
{
	struct ctm_job_text text;
	struct pending pending = {.job = job->number, .missing = ctm_job_missing(job)};
	size_t len;
	int r = ctm_store_text_get(txn, job->number, &text);

	if (r < 0)
		return r;
	len = strlen(text.local_path);
	pending.hash = ctm_hash(text.local_path, len);
	pending.record = CTM_INBOX_RECORD_LEAST + len;
	ctm_job_text_done(&text);
	if (!pending.missing)
		return remember(t, &pending);
	t->wanted.eager |= (job->flags & CTM_FLAG_NOTIFYPROGRESS) != 0;
	r = ctm_trigger_lower(state->dir_fd, &t->fd, &t->header, job->number, pending.hash, len);
	return r < 0 ? r : remember(t, &pending);
}

struct lowering {
	const struct ctm_state *state;
	struct ctm_triggers *t;
};

static int lower_each(struct ctm_txn *txn, const struct ctm_job *job, void *context)
{
	const struct lowering *l = context;

	return ctm_job_has_ended(job) ? 0 : lower(txn, l->state, l->t, job);
}

static int lower_touched(struct ctm_txn *txn, const struct ctm_state *state, struct ctm_triggers *t)
{
	int r = 0;

	ctm_numbers_unique(&t->touched);
	for (size_t i = 0; r == 0 && i < t->touched.n; i++) {
		struct ctm_job job;

		r = ctm_store_job_get(txn, t->touched.items[i], &job);
		/* It was deleted: it had ended. */
		if (r == 0)
			r = lower(txn, state, t, &job);
		else if (r == -ENOENT)
			r = 0;
	}
	return r;
}

/*
 * What is there, if it is of this boot; else a new one, with all open jobs. That is of no boot
 * until it is settled: jobs that are open only if nothing is committed are not in it.
 */
static int open_or_make(struct ctm_txn *txn, const struct ctm_state *state, struct ctm_triggers *t)
{
	struct lowering l = {state, t};

	t->fd = ctm_trigger_open(state->dir_fd, O_RDWR, &t->header);
	if (t->fd >= 0 && t->header.boot == t->boot) {
		t->wanted = t->header;
		return 0;
	}
	ctm_close_fd(&t->fd);
	t->header = (struct ctm_trigger_header){.base = t->header.base + LEAP};
	t->fd = ctm_trigger_make(state->dir_fd, &t->header);
	if (t->fd < 0)
		return t->fd;
	/* The file says how large it is. */
	ctm_close_fd(&t->fd);
	t->fd = ctm_trigger_open(state->dir_fd, O_RDWR, &t->header);
	t->wanted = t->header;
	t->wanted.boot = t->boot;
	return t->fd < 0 ? t->fd : ctm_store_job_each(txn, lower_each, &l);
}

static int unbind(struct ctm_triggers *t)
{
	if (!t->header.bound)
		return 0;
	t->header.bound = false;
	return ctm_trigger_write_header(t->fd, &t->header);
}

/* What the header is to say of the rest; where that changes, hooks drain until it does. */
static int note_rest(struct ctm_txn *txn, struct ctm_triggers *t)
{
	const struct ctm_stamp now = {.boot = t->boot, .boot_ms = ctm_clock_boot_ms()};
	int r = ctm_store_setting_get(txn, CTM_SETTING_SCANNED_MTIME, &t->wanted.sidecars_mtime);

	if (r == 0)
		r = ctm_deadline_get(txn, &now, &t->wanted.deadline_ms);
	if (r == 0 && (t->wanted.sidecars_mtime != t->header.sidecars_mtime ||
			      t->wanted.deadline_ms != t->header.deadline_ms ||
			      t->wanted.eager != t->header.eager))
		r = unbind(t);
	return r;
}

static int prepare(struct ctm_txn *txn, const struct ctm_state *state, struct ctm_triggers *t)
{
	int r = 0;

	t->n = 0;
	if (!t->boot)
		t->boot = ctm_clock_now().boot;
	if (t->fd < 0)
		r = open_or_make(txn, state, t);
	if (r == 0)
		r = lower_touched(txn, state, t);
	return r < 0 ? r : note_rest(txn, t);
}

/* Without it every hook drains, and so it does where it cannot read it. */
static int drop(const struct ctm_state *state, struct ctm_triggers *t)
{
	CTM_CLEANUP_FD int fd = -1;
	int r;

	ctm_close_fd(&t->fd);
	t->n = 0;
	if (unlinkat(state->dir_fd, CTM_TRIGGER_FILE, 0) == 0)
		return 0;
	r = -errno;
	fd = ctm_trigger_open(state->dir_fd, O_RDONLY, &t->header);
	return fd < 0 ? 0 : r;
}

struct updating {
	const struct ctm_state *state;
	struct ctm_triggers *t;
	ctm_store_body *body;
	void *context;
};

static int update_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct updating *u = context;
	int done;
	int r;

	u->t->touched.n = 0;
	done = u->body(txn, u->context, e);
	if (done < 0)
		return done;
	r = prepare(txn, u->state, u->t);
	if (r < 0)
		r = drop(u->state, u->t);
	return r < 0 ? ctm_error_set(e, r, "cannot remove \"%s/" CTM_TRIGGER_FILE "\": %s",
			       u->state->dir, strerror(-r))
		     : done;
}

int ctm_trigger_update(
	struct ctm_state *state, ctm_store_body *body, void *context, struct ctm_error *e)
{
	struct updating u = {state, triggers_of(state), body, context};
	int r;

	if (!u.t)
		return ctm_error_set(e, -ENOMEM, "no memory to use the store");
	ctm_store_watch(state->store, touch, u.t);
	r = ctm_store_update(state->store, update_body, &u, e);
	ctm_store_watch(state->store, NULL, NULL);
	/* What was lowered stays so. */
	if (r < 0) {
		u.t->n = 0;
		ctm_close_fd(&u.t->fd);
	}
	return r;
}

void ctm_trigger_unbind(int state_fd)
{
	struct ctm_trigger_header h;
	CTM_CLEANUP_FD int fd = ctm_trigger_open(state_fd, O_RDWR, &h);

	if (fd < 0 || !h.bound)
		return;
	h.bound = false;
	if (ctm_trigger_write_header(fd, &h) < 0)
		unlinkat(state_fd, CTM_TRIGGER_FILE, 0);
}

static bool is_same(const struct ctm_inbox_identity *a, const struct ctm_inbox_identity *b)
{
	return a->inode == b->inode && a->born_ns == b->born_ns;
}

/* Whether nothing is left of what was there when it was read but the current file. */
static bool is_read_whole(const struct ctm_inbox *inbox)
{
	if (inbox->unreadable || inbox->n_files >= CTM_INBOX_FILES_AT_ONCE)
		return false;
	for (size_t i = 0; i < inbox->n_files; i++)
		if (!inbox->files[i].in_place && inbox->files[i].fd >= 0)
			return false;
	return true;
}

/* The position of the current file's first byte; it never goes back. */
static uint64_t base_of(const struct ctm_trigger_header *h, const struct ctm_inbox *inbox,
	const struct ctm_inbox_identity *current)
{
	if (is_same(&h->inbox, current))
		return h->base;
	for (size_t i = 0; i < inbox->n_files; i++)
		if (h->inbox.born_ns && is_same(&h->inbox, &inbox->files[i].identity))
			return h->base + inbox->files[i].size;
	return h->base + LEAP;
}

/* Which file positions are of from now on, and up to where all is read. */
static void bind(int state_fd, struct ctm_triggers *t, const struct ctm_inbox *inbox)
{
	struct ctm_inbox_place current = {0};

	for (size_t i = 0; i < inbox->n_files; i++)
		if (inbox->files[i].in_place)
			current = (struct ctm_inbox_place){
				inbox->files[i].identity, inbox->files[i].size};
	if (!current.identity.born_ns && ctm_inbox_current(state_fd, &current.identity) < 0)
		return;
	t->wanted.base = base_of(&t->header, inbox, &current.identity);
	t->wanted.inbox = current.identity;
	t->wanted.bound = current.identity.born_ns && is_read_whole(inbox);
	t->position = t->wanted.base + current.end;
	t->is_placed = true;
}

/* No trigger is a position of a file that the header does not know, or it is one of another. */
static int announce(struct ctm_triggers *t)
{
	if (t->header.base == t->wanted.base && is_same(&t->header.inbox, &t->wanted.inbox))
		return 0;
	t->header.base = t->wanted.base;
	t->header.inbox = t->wanted.inbox;
	t->header.bound = false;
	return ctm_trigger_write_header(t->fd, &t->header);
}

static int settle_jobs(struct ctm_triggers *t)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < t->n; i++) {
		const struct pending *p = &t->pending[i];
		struct ctm_trigger trigger = {.at = CTM_TRIGGER_NEVER, .missing = p->missing};

		if (p->missing == 1 || (p->missing && !(t->wanted.bound && t->is_placed)))
			continue;
		if (p->missing)
			trigger.at = t->position + p->missing * p->record;
		r = ctm_trigger_set(t->fd, &t->header, p->job, p->hash, &trigger);
	}
	t->n = 0;
	return r;
}

static bool is_same_header(const struct ctm_trigger_header *a, const struct ctm_trigger_header *b)
{
	return a->boot == b->boot && a->bound == b->bound && is_same(&a->inbox, &b->inbox) &&
	       a->base == b->base && a->sidecars_mtime == b->sidecars_mtime &&
	       a->deadline_ms == b->deadline_ms && a->eager == b->eager;
}

void ctm_trigger_settle(struct ctm_state *state, const struct ctm_inbox *inbox)
{
	struct ctm_triggers *t = state->triggers;
	int r;

	if (!t || t->fd < 0)
		return;
	if (inbox)
		bind(state->dir_fd, t, inbox);
	r = announce(t);
	if (r == 0)
		r = settle_jobs(t);
	t->wanted.capacity = t->header.capacity;
	if (r == 0 && !is_same_header(&t->wanted, &t->header))
		r = ctm_trigger_write_header(t->fd, &t->wanted);
	if (r < 0)
		(void)drop(state, t);
	ctm_close_fd(&t->fd);
}
