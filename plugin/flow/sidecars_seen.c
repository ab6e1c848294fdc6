/* SPDX-License-Identifier: MIT */
#include "sidecars_seen.h"

#define SETTLED_MS 2000

int ctm_sidecars_changed(struct ctm_txn *txn, uint64_t mtime_ns, bool *ret_changed)
{
	uint64_t known;
	int r = ctm_store_setting_get(txn, CTM_SETTING_SCANNED_MTIME, &known);

	if (r == 0)
		*ret_changed = mtime_ns != known;
	return r;
}

int ctm_sidecars_to_be_read(
	struct ctm_txn *txn, const struct ctm_state *state, uint64_t mtime_ns, bool *ret_changed)
{
	int r = ctm_sidecars_changed(txn, mtime_ns, ret_changed);

	if (r == 0 && state->sidecars_unread && mtime_ns == state->sidecars_unread_ns)
		*ret_changed = false;
	return r;
}

bool ctm_sidecars_settled(uint64_t mtime_ns, int64_t now_ms)
{
	int64_t mtime_ms = (int64_t)(mtime_ns / 1000000);

	return now_ms - mtime_ms >= SETTLED_MS;
}
