/* SPDX-License-Identifier: MIT */
/*
 * scan_find.h - which sidecars are there that are not known as they are now
 */
#ifndef CTM_SCAN_FIND_H
#define CTM_SCAN_FIND_H

#include "state.h"

struct ctm_found {
	char *path;  /* canonical, as the store knows sidecars */
	bool beside; /* it stands next to content */
	/* As it was when it was found; all 0: it went away again. */
	uint64_t mtime_ns;
	uint64_t size;
	uint64_t inode;
};

struct ctm_found_list {
	struct ctm_found *items;
	size_t n;
	size_t cap;
};

/*
 * Those in [sidecar] dir, and with [sidecar] beside those next to the content of unclaimed events,
 * outermost first. Ones that are known with the same mtime, size and inode are left out; with
 * `again` only if they are jobs. Files are looked at while the state's lock is free: content, and
 * what stands beside it, can be on a volume that hangs. 0 or negative errno in *e.
 */
int ctm_scan_find(
	struct ctm_state *state, bool again, struct ctm_found_list *ret_list, struct ctm_error *e);

void ctm_found_list_done(struct ctm_found_list *list);

#endif
