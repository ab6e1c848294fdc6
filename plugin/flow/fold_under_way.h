/* SPDX-License-Identifier: MIT */
/*
 * fold_under_way.h - the bytes of downloads that are not complete, for progress
 *
 * Order of calls: ctm_under_way_note() for each report of a poll, ctm_under_way_apply() once.
 */
#ifndef CTM_FOLD_UNDER_WAY_H
#define CTM_FOLD_UNDER_WAY_H

#include "fold.h"
#include "report.h"

struct ctm_under_way {
	struct ctm_under_way_bytes {
		uint32_t job;
		uint64_t bytes;
	} * items;
	size_t n;
	size_t cap;
};

/* Adds what the download has brought, for jobs that want progress and have no evidence for it. */
int ctm_under_way_note(
	struct ctm_txn *txn, const struct ctm_report *report, struct ctm_under_way *under_way);

/* The sums become facts of the jobs, which are then to be decided. */
int ctm_under_way_apply(
	struct ctm_txn *txn, struct ctm_under_way *under_way, struct ctm_fold *fold);

void ctm_under_way_done(struct ctm_under_way *under_way);

#endif
