/* SPDX-License-Identifier: MIT */
#include "trigger.h"

#include <string.h>

#include "clock.h"
#include "files.h"
#include "hash.h"
#include "sidecars_mtime.h"
#include "trigger_file.h"

/*
 * So large the inbox is drained in any case: what a full disk leaves of its reserve is for more
 * events, and a drain reads it whole.
 */
#define LARGE_BYTES 32768u

struct triggers {
	int fd;
	struct ctm_trigger_header header;
	struct ctm_trigger_start start;
};

/* Errors and stops are causes or questions; a torrent can complete many files at once. */
static bool is_evidence_at_most(const struct ctm_event *event)
{
	return event->type != CTM_EVENT_ERROR && event->type != CTM_EVENT_STOP &&
	       event->n_files <= 1;
}

/* Whether the header is of this inbox, in this boot, and nothing else waits. */
static bool is_quiet(const struct ctm_state *state, const struct ctm_trigger_header *h,
	const struct ctm_inbox_place *place)
{
	const struct ctm_stamp now = ctm_clock_now();

	return h->bound && h->boot == now.boot && h->inbox.inode == place->identity.inode &&
	       h->inbox.born_ns == place->identity.born_ns && now.boot_ms < h->deadline_ms &&
	       ctm_sidecars_mtime(state->config) == h->sidecars_mtime;
}

/* Whether a local_path that hashes to that has its trigger at or before `end`. */
static bool is_reached(const struct triggers *t, uint64_t hash, uint64_t end)
{
	uint64_t trigger;

	return ctm_trigger_get(t->fd, &t->start, &t->header, hash, &trigger) < 0 || trigger <= end;
}

/* The same for every directory above a path. */
static bool is_any_reached(const struct triggers *t, const char *path, uint64_t end)
{
	const size_t longest = ctm_trigger_longest(&t->start);
	uint64_t hash = CTM_HASH_INIT;

	if (ctm_trigger_has_length(&t->start, 1) && is_reached(t, ctm_hash("/", 1), end))
		return true;
	for (const char *p = path; *p;) {
		size_t len = 1 + strcspn(p + 1, "/");

		if (!p[len] || (size_t)(p - path) + len > longest)
			return false;
		hash = ctm_hash_add(hash, p, len);
		p += len;
		if (ctm_trigger_has_length(&t->start, (size_t)(p - path)) &&
			is_reached(t, hash, end))
			return true;
	}
	return false;
}

bool ctm_trigger_is_pulled(const struct ctm_state *state, const struct ctm_event *event,
	const struct ctm_inbox_place *place)
{
	struct triggers t;
	bool pulled;

	if (!is_evidence_at_most(event) || state->config->sidecar_beside ||
		!place->identity.born_ns || place->end >= LARGE_BYTES)
		return true;
	t.fd = ctm_trigger_open_to_read(state->dir_fd, &t.header, &t.start);
	if (t.fd < 0)
		return true;
	pulled = !is_quiet(state, &t.header, place);
	if (!pulled)
		pulled = event->path[0]
				 ? is_any_reached(&t, event->path, t.header.base + place->end)
				 : t.header.eager;
	ctm_close_fd(&t.fd);
	return pulled;
}
