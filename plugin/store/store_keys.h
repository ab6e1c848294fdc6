/* SPDX-License-Identifier: MIT */
/*
 * store_keys.h - the tables of the store, and how their keys are made
 *
 * A key is a letter and numbers in big endian, so that a table is a range and its order is that of
 * the numbers:
 *
 *	S setting                 -> u64
 *	J job                     -> struct ctm_job
 *	T job                     -> struct ctm_job_text
 *	G guid (36 characters)    -> job
 *	F job file                -> struct ctm_file
 *	B job file                -> files from that one on, as listed (store_list.h)
 *	P hash(path) job file     -> ""
 *	H hash(path)'s top 16 job -> its rest, file; as many as there are (store_paths.h)
 *	I gid job file            -> ""
 *	L hash(uri) job file      -> ""
 *	R hash(local_path) job    -> ""
 *	E hash(local_path)        -> u64: when a job ended there
 *	O inode born              -> u64: bytes of that inbox file that are folded
 *	M job                     -> struct ctm_message
 *	N job                     -> struct ctm_message: the newest progress
 *	W work job                -> ""
 *	Q gid type                -> struct ctm_stamp, struct ctm_event
 *	K gid                     -> u64, u8, u64: struct ctm_known
 *	C gid                     -> u64, struct ctm_sight: struct ctm_seeding
 *	U time hash(event)        -> struct ctm_stamp, struct ctm_event
 *	X hash(path) path's tail  -> struct ctm_sidecar_record
 *	V hash(path) path's tail  -> struct ctm_volume: where that sidecar was
 *
 * A path is found by its hash and compared whole: LMDB's keys end at 511 bytes.
 */
#ifndef CTM_STORE_KEYS_H
#define CTM_STORE_KEYS_H

#include <lmdb.h>
#include <stdbool.h>

#include "buf.h"
#include "store.h"

enum ctm_table {
	CTM_TABLE_SETTING = 'S',
	CTM_TABLE_JOB = 'J',
	CTM_TABLE_TEXT = 'T',
	CTM_TABLE_GUID = 'G',
	CTM_TABLE_FILE = 'F',
	CTM_TABLE_LIST = 'B',
	CTM_TABLE_PATH = 'P',
	CTM_TABLE_PATHS = 'H',
	CTM_TABLE_GID = 'I',
	CTM_TABLE_URI = 'L',
	CTM_TABLE_ROOT = 'R',
	CTM_TABLE_ENDED = 'E',
	CTM_TABLE_FOLDED = 'O',
	CTM_TABLE_MESSAGE = 'M',
	CTM_TABLE_PROGRESS = 'N',
	CTM_TABLE_WORK = 'W',
	CTM_TABLE_QUESTION = 'Q',
	CTM_TABLE_KNOWN = 'K',
	CTM_TABLE_SEEDING = 'C',
	CTM_TABLE_UNCLAIMED = 'U',
	CTM_TABLE_SIDECAR = 'X',
	CTM_TABLE_VOLUME = 'V',
};

struct ctm_key {
	unsigned char data[64];
	size_t len;
};

struct ctm_key ctm_key(enum ctm_table table);
void ctm_key_u16(struct ctm_key *key, uint16_t v);
void ctm_key_u32(struct ctm_key *key, uint32_t v);
void ctm_key_u64(struct ctm_key *key, uint64_t v);
/* At most what fits; longer text would be cut. */
void ctm_key_text(struct ctm_key *key, const char *text);

#define CTM_TABLES 26u /* letters */

struct ctm_txn {
	MDB_txn *txn;
	MDB_dbi dbi;
	bool map_full; /* the map must grow before the body can succeed */
	ctm_store_job_watcher *watcher;
	void *watching;
	/*
	 * While it only reads: a cursor for each table, opened when it is first used. What is asked
	 * for in the order of its keys is then found where the last one was.
	 */
	MDB_cursor **cursors;
};

/* Closes those cursors. */
void ctm_txn_close_cursors(struct ctm_txn *txn);

/* LMDB's return as ours. */
int ctm_txn_error(struct ctm_txn *txn, int rc);

/* The record is LMDB's memory: it dies with the next write. */
int ctm_txn_get(struct ctm_txn *txn, const struct ctm_key *key, MDB_val *ret_value);
/* A record that is one number; 0 where there is none. */
int ctm_txn_get_u64(struct ctm_txn *txn, const struct ctm_key *key, uint64_t *ret_value);
int ctm_txn_put_u64(struct ctm_txn *txn, const struct ctm_key *key, uint64_t value);
int ctm_txn_put(struct ctm_txn *txn, const struct ctm_key *key, const void *data, size_t len);
/* Puts what was packed, and frees the buffer's bytes; the buffer's error is returned. */
int ctm_txn_put_buf(struct ctm_txn *txn, const struct ctm_key *key, struct ctm_buf *packed);
/* 0 also where it was not there. */
int ctm_txn_delete(struct ctm_txn *txn, const struct ctm_key *key);

/*
 * The first record behind *key (at it, with `at`) that begins with the first `prefix` bytes of
 * *key; *key becomes its key. -ENOENT at the end. Good for lists that change while they are walked.
 */
int ctm_txn_next(
	struct ctm_txn *txn, struct ctm_key *key, size_t prefix, bool at, MDB_val *ret_value);

/*
 * The last record before *key or at it that begins with the first `prefix` bytes of *key; *key
 * becomes its key. -ENOENT where there is none.
 */
int ctm_txn_floor(struct ctm_txn *txn, struct ctm_key *key, size_t prefix, MDB_val *ret_value);

/* Every record that begins with *prefix, fast; nothing may be written meanwhile. */
typedef int ctm_txn_visitor(const MDB_val *key, const MDB_val *value, void *context);
int ctm_txn_each(
	struct ctm_txn *txn, const struct ctm_key *prefix, ctm_txn_visitor *visit, void *context);

#endif
