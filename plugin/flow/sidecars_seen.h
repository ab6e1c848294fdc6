/* SPDX-License-Identifier: MIT */
/*
 * sidecars_seen.h - whether [sidecar] dir has changed since it was last read
 *
 * A directory's mtime changes when a file is renamed into it, but in steps of the kernel's tick:
 * one that had just changed when it was read may have changed again within the same step. So a
 * reading is only settled when the mtime was two seconds old.
 */
#ifndef CTM_SIDECARS_SEEN_H
#define CTM_SIDECARS_SEEN_H

#include <stdbool.h>

#include "sidecars_mtime.h"
#include "state.h"
#include "store.h"

/* Whether that is not the mtime that the store knows. 0 or negative errno. */
int ctm_sidecars_changed(struct ctm_txn *txn, uint64_t mtime_ns, bool *ret_changed);

/*
 * The same for whoever reads them: a directory that this process could not read is no news to it
 * until it changes again, or it would be read, in vain, for ever.
 */
int ctm_sidecars_to_be_read(
	struct ctm_txn *txn, const struct ctm_state *state, uint64_t mtime_ns, bool *ret_changed);

/* Whether a reading at now_ms (wall clock) is settled. */
bool ctm_sidecars_settled(uint64_t mtime_ns, int64_t now_ms);

#endif
