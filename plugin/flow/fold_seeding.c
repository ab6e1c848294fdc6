/* SPDX-License-Identifier: MIT */
#include "fold_seeding.h"

/* Modes and links may have changed. What nobody saw is not the same. */
static bool has_same_content(const struct ctm_sight *a, const struct ctm_sight *b)
{
	return a->known && b->known && a->inode == b->inode && a->size == b->size &&
	       a->mtime_ns == b->mtime_ns;
}

int ctm_fold_seeding(struct ctm_txn *txn, struct ctm_event *event)
{
	const struct ctm_seeding now = {.since_ms = event->wall_ms, .sight = event->sight};
	struct ctm_seeding before;
	int r;

	event->repeats_ms = 0;
	if (!event->gid || !ctm_event_is_evidence(event))
		return 0;
	r = ctm_store_seeding_get(txn, event->gid, &before);
	if (r < 0)
		return r;
	if (before.since_ms && before.since_ms <= event->wall_ms &&
		has_same_content(&before.sight, &event->sight)) {
		event->repeats_ms = before.since_ms;
		event->repeats_ctime_ns = before.sight.ctime_ns;
		return 0;
	}
	return event->type == CTM_EVENT_BT_COMPLETE && event->wall_ms > before.since_ms
		       ? ctm_store_seeding_put(txn, event->gid, &now)
		       : 0;
}
