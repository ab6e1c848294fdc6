/* SPDX-License-Identifier: MIT */
/*
 * missed.h - files that came without a word: their sha256 is evidence too
 *
 * A file without evidence is hashed if the sidecar gives its sha256, it stands there with the right
 * size, aria2 has no control file about, nothing changed for a minute, and this very file, as it
 * is, was not hashed before. Nothing weaker than the hash counts.
 *
 * Order of calls as in ask.h: load, hash (without lock or transaction, for as long as it takes),
 * fold. So many files are loaded at once that memory is bounded; the next time it goes on behind
 * them.
 */
#ifndef CTM_MISSED_H
#define CTM_MISSED_H

#include <stdatomic.h>

#include "fold.h"

#define CTM_MISSED_QUIET_MS 60000

struct ctm_missed {
	int64_t quiet_ms;               /* CTM_MISSED_QUIET_MS, but for tests */
	const struct ctm_numbers *only; /* these jobs; NULL: all, in turn */
	struct ctm_missed_file *files;
	size_t n;
	size_t cap;
	uint64_t next; /* where the next one begins */
};

/* Adds the files that might be hashed. 0 or negative errno. */
int ctm_missed_load(struct ctm_txn *txn, struct ctm_missed *missed);

/* Hashes those that may be, until *stop. */
void ctm_missed_hash(struct ctm_missed *missed, const atomic_bool *stop);

/* What was found becomes facts. 0 or negative errno. */
int ctm_missed_fold(struct ctm_txn *txn, const struct ctm_missed *missed, struct ctm_fold *fold);

void ctm_missed_done(struct ctm_missed *missed);

#endif
