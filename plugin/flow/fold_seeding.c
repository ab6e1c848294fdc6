/* SPDX-License-Identifier: MIT */
#include "fold_seeding.h"

static bool is_newer_word(const struct ctm_event *event, const struct ctm_seeding *before)
{
	/* What nobody saw says less than what was seen. */
	return event->wall_ms > before->since_ms && (event->sight.known || !before->sight.known);
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
	if (event->type == CTM_EVENT_BT_COMPLETE)
		return is_newer_word(event, &before) ? ctm_store_seeding_put(txn, event->gid, &now)
						     : 0;
	if (before.since_ms && before.since_ms <= event->wall_ms) {
		event->repeats_ms = before.since_ms;
		event->repeats_ctime_ns = before.sight.ctime_ns;
	}
	return 0;
}
