/* SPDX-License-Identifier: MIT */
/*
 * store_paths.h - which files have a path
 *
 * A file that comes alone has a key of its own, with the path's hash. Those of a long list are
 * indexed together: all whose hashes begin with the same 16 bits share a record a job, which holds
 * the rest of each hash and the file's number, in no order. A million files are sixteen a record,
 * and looking one up reads the record of each long list.
 *
 * What is found has the same hash: the caller compares paths.
 */
#ifndef CTM_STORE_PATHS_H
#define CTM_STORE_PATHS_H

#include "store_keys.h"

/* Of a file that comes alone. */
int ctm_paths_put(struct ctm_txn *txn, uint64_t hash, uint32_t job, uint32_t file);
/* Of any file. 0 also where it was not there. */
int ctm_paths_delete(struct ctm_txn *txn, uint64_t hash, uint32_t job, uint32_t file);

/* What is indexed together. */
struct ctm_paths_item {
	uint32_t top; /* the hash: its upper half, */
	uint32_t low; /* and its lower one */
	uint32_t file;
};
/* All files of a job that had none; puts the items into another order. */
int ctm_paths_put_all(struct ctm_txn *txn, uint32_t job, struct ctm_paths_item *items, uint32_t n);

/* A set of hashes by their first bits: the records that a long list has. */
struct ctm_paths_set {
	unsigned char bits[65536 / 8];
};
void ctm_paths_note(struct ctm_paths_set *set, uint64_t hash);
/* What was indexed together of that job, whole records of it. */
int ctm_paths_delete_all(struct ctm_txn *txn, uint32_t job, const struct ctm_paths_set *set);

/*
 * The next file with that hash behind *job and *file, which become its numbers; 0 and 0 begin.
 * The store may be written meanwhile. `only`: of that job alone; 0: of all. -ENOENT at the end.
 */
struct ctm_paths_walk {
	uint64_t hash;
	uint32_t only;
	uint32_t job, file; /* what was found */
	bool together;      /* those that came alone are through */
};
int ctm_paths_next(struct ctm_txn *txn, struct ctm_paths_walk *walk);

#endif
