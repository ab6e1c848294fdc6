/* SPDX-License-Identifier: MIT */
#include "trigger.h"

#include <string.h>

#include "clock.h"
#include "files.h"
#include "hash.h"
#include "inbox_count.h"
#include "inbox_record.h"
#include "sidecars_mtime.h"
#include "trigger_file.h"

/*
 * So large the inbox is drained in any case: what a full disk leaves of its reserve is for more
 * events, and a drain reads it whole.
 */
#define LARGE_BYTES CTM_INBOX_COUNT_LIMIT

struct triggers {
	int fd;
	int state_fd;
	const struct ctm_inbox_place *place;
	struct ctm_trigger_header header;
	struct ctm_trigger_start start;
};

/* Whether the header is of this inbox, in this boot, and nothing else waits. */
static bool is_quiet(const struct ctm_state *state, const struct ctm_trigger_header *h,
	const struct ctm_inbox_place *place)
{
	const struct ctm_stamp now = ctm_clock_now();

	return h->bound && h->boot == now.boot && h->inbox.inode == place->identity.inode &&
	       h->inbox.born_ns == place->identity.born_ns && now.boot_ms < h->deadline_ms &&
	       ctm_sidecars_mtime(state->config) == h->sidecars_mtime;
}

/*
 * The inbox has grown by as much as the job can need, but not by its events alone: whether those
 * are too few all the same.
 */
static bool has_too_few(
	const struct triggers *t, const struct ctm_trigger *trigger, const char *dir, size_t len)
{
	const uint64_t needs = trigger->missing * (CTM_INBOX_RECORD_LEAST + len);
	uint64_t from;
	uint64_t n;

	if (trigger->missing < 2 || trigger->at < needs)
		return false;
	from = trigger->at - needs;
	/* What was in the file before this one is read, and of another job. */
	from = from > t->header.base ? from - t->header.base : 0;
	return ctm_inbox_count(t->state_fd, t->place, from, dir, len, &n) == 0 &&
	       n < trigger->missing;
}

/* Whether a job's events can be all that it needs, whose local_path is the first `len` bytes. */
static bool is_reached(const struct triggers *t, uint64_t hash, const char *path, size_t len)
{
	struct ctm_trigger trigger;

	if (ctm_trigger_get(t->fd, &t->start, &t->header, hash, &trigger) < 0)
		return true;
	return trigger.at <= t->header.base + t->place->end && !has_too_few(t, &trigger, path, len);
}

/* The same for every directory above a path. */
static bool is_any_reached(const struct triggers *t, const char *path)
{
	const size_t longest = ctm_trigger_longest(&t->start);
	uint64_t hash = CTM_HASH_INIT;

	if (ctm_trigger_has_length(&t->start, 1) && is_reached(t, ctm_hash("/", 1), path, 1))
		return true;
	for (const char *p = path; *p;) {
		size_t len = 1 + strcspn(p + 1, "/");

		if (!p[len] || (size_t)(p - path) + len > longest)
			return false;
		hash = ctm_hash_add(hash, p, len);
		p += len;
		if (ctm_trigger_has_length(&t->start, (size_t)(p - path)) &&
			is_reached(t, hash, path, (size_t)(p - path)))
			return true;
	}
	return false;
}

bool ctm_trigger_is_pulled(const struct ctm_state *state, const struct ctm_event *event,
	const struct ctm_inbox_place *place)
{
	struct triggers t = {.state_fd = state->dir_fd, .place = place};
	bool pulled;

	if (!ctm_event_is_evidence_at_most(event) || state->config->sidecar_beside ||
		!place->identity.born_ns || place->end >= LARGE_BYTES)
		return true;
	t.fd = ctm_trigger_open_to_read(state->dir_fd, &t.header, &t.start);
	if (t.fd < 0)
		return true;
	pulled = !is_quiet(state, &t.header, place);
	if (!pulled)
		pulled = event->path[0] ? is_any_reached(&t, event->path) : t.header.eager;
	ctm_close_fd(&t.fd);
	return pulled;
}
