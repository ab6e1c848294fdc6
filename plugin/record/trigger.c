/* SPDX-License-Identifier: MIT */
#include "trigger.h"

#include <fcntl.h>
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
static bool is_reached(int fd, const struct ctm_trigger_header *h, uint64_t hash, uint64_t end)
{
	uint64_t trigger;

	return ctm_trigger_get(fd, h, hash, &trigger) < 0 || trigger <= end;
}

/* The same for every directory above a path. */
static bool is_any_reached(int fd, const struct ctm_trigger_header *h,
	const struct ctm_trigger_lengths *lengths, const char *path, uint64_t end)
{
	uint64_t hash = CTM_HASH_INIT;

	if (ctm_trigger_has_length(lengths, 1) && is_reached(fd, h, ctm_hash("/", 1), end))
		return true;
	for (const char *p = path; *p;) {
		size_t len = 1 + strcspn(p + 1, "/");

		if (!p[len])
			return false;
		hash = ctm_hash_add(hash, p, len);
		p += len;
		if (ctm_trigger_has_length(lengths, (size_t)(p - path)) &&
			is_reached(fd, h, hash, end))
			return true;
	}
	return false;
}

bool ctm_trigger_is_pulled(const struct ctm_state *state, const struct ctm_event *event,
	const struct ctm_inbox_place *place)
{
	CTM_CLEANUP_FD int fd = -1;
	struct ctm_trigger_lengths lengths;
	struct ctm_trigger_header h;

	if (!is_evidence_at_most(event) || state->config->sidecar_beside ||
		!place->identity.born_ns || place->end >= LARGE_BYTES)
		return true;
	fd = ctm_trigger_open(state->dir_fd, O_RDONLY, &h, &lengths);
	if (fd < 0 || !is_quiet(state, &h, place))
		return true;
	return event->path[0] ? is_any_reached(fd, &h, &lengths, event->path, h.base + place->end)
			      : h.eager;
}
