/* SPDX-License-Identifier: MIT */
/*
 * store.h - the LMDB environment, and what is in it
 *
 * One file, store.mdb, one unnamed database; store_keys.h has the tables. The environment is opened
 * without LMDB's own lock file: a caller holds the state's lock (flow/hold.h) for every call in
 * this header, readers too. So there is no reader table that a stopped process could fill, no mutex
 * that it could hold, and no opening that races with a closing; a process that is killed in the
 * middle of a commit leaves LMDB's previous page tree, which is what the next one sees.
 *
 * Order of calls: ctm_store_open(), then ctm_store_read() and ctm_store_update() with a body each,
 * then ctm_store_close(). An environment may stay open while the lock is not held, but no
 * transaction is ever open then.
 *
 * LMDB wants a file opened once in a process at a time, because closing its lock file anywhere in
 * the process lets go of the fcntl(2) locks on it. There is none here, and LMDB keeps no other
 * state of the process: the environments of two threads are to each other like those of two
 * processes, and the state's lock, which is flock(2)'s, keeps them apart as it does those.
 *
 * A body gets a transaction that lives as long as the body. It returns 0 or a positive fact to
 * commit, negative errno to abort. The body of an update can run more than once (the map had to
 * grow): whatever it writes outside the store it must set, not add to.
 *
 * Strings and records that come out are copies that the caller frees with the _done() of their
 * type.
 *
 * Errors: -ENOENT no such record; -ENOSPC disk full; -EIO; -ENOMEM; -EBADMSG the store is damaged
 * (it is never reset: hooks go on appending to the inbox, and `aria2-ctm check` says what to do);
 * -EPROTO it was written by a newer version. What an older one wrote is migrated by the first
 * update, in its transaction.
 */
#ifndef CTM_STORE_H
#define CTM_STORE_H

#include <sys/types.h>

#include "errors.h"
#include "event.h"
#include "inbox_identity.h"
#include "job.h"
#include "message.h"

#define CTM_STORE_FILE "store.mdb"
#define CTM_STORE_SCHEMA 3u

struct ctm_store;
struct ctm_txn;

typedef int ctm_store_body(struct ctm_txn *txn, void *context, struct ctm_error *e);

int ctm_store_open(const char *path, struct ctm_store **ret_store, struct ctm_error *e);
void ctm_store_close(struct ctm_store *store);
int ctm_store_read(
	struct ctm_store *store, ctm_store_body *body, void *context, struct ctm_error *e);
int ctm_store_update(
	struct ctm_store *store, ctm_store_body *body, void *context, struct ctm_error *e);

/*
 * From now on each job that an update puts is named to the watcher, before the commit, and as often
 * as it is put; negative errno from it is that of the put. NULL: nobody watches.
 */
typedef int ctm_store_job_watcher(uint32_t job, void *context);
void ctm_store_watch(struct ctm_store *store, ctm_store_job_watcher *watcher, void *context);

/* Called for each record of a list; a return other than 0 ends the list and is returned. */
typedef int ctm_store_job_visitor(struct ctm_txn *txn, const struct ctm_job *job, void *context);
typedef int ctm_store_file_visitor(struct ctm_txn *txn, const struct ctm_file *file, void *context);

/* Jobs: a number, the changing part, the text, and the GUID that leads to it. */
int ctm_store_job_add(struct ctm_txn *txn, struct ctm_job *job, const struct ctm_job_text *text);
int ctm_store_job_get(struct ctm_txn *txn, uint32_t number, struct ctm_job *ret_job);
int ctm_store_job_put(struct ctm_txn *txn, const struct ctm_job *job);
int ctm_store_text_get(struct ctm_txn *txn, uint32_t number, struct ctm_job_text *ret_text);
int ctm_store_text_put(struct ctm_txn *txn, uint32_t number, const struct ctm_job_text *text);
/* By the id as it stands in a sidecar, in any form. -EINVAL: not a GUID. */
int ctm_store_job_find(struct ctm_txn *txn, const char *id, uint32_t *ret_number);
int ctm_store_job_each(struct ctm_txn *txn, ctm_store_job_visitor *visit, void *context);
/* The job, its text, files, message and work; its number is not used again. */
int ctm_store_job_delete(struct ctm_txn *txn, uint32_t number);

/* Files of jobs. add gives it the job's next number; put replaces a record whose path is the same.
 */
int ctm_store_file_add(struct ctm_txn *txn, struct ctm_job *job, struct ctm_file *file);
/*
 * The n files of a job that has none and never had: as n times add, in a tenth of the room, for
 * long lists. `next` fills in the i-th, from 0, which is zeroed but for its count; its strings are
 * borrowed until the next call, and all that it may set is what a sidecar says. 0 or negative
 * errno.
 */
typedef int ctm_store_file_source(void *context, uint32_t i, struct ctm_file *file);
int ctm_store_file_add_all(struct ctm_txn *txn, struct ctm_job *job, uint32_t n,
	ctm_store_file_source *next, void *context);
int ctm_store_file_get(
	struct ctm_txn *txn, uint32_t job, uint32_t number, struct ctm_file *ret_file);
int ctm_store_file_put(struct ctm_txn *txn, const struct ctm_file *file);
/* A file changes its gid: the index follows. */
int ctm_store_file_set_gid(struct ctm_txn *txn, struct ctm_file *file, uint64_t gid);
int ctm_store_file_delete(struct ctm_txn *txn, const struct ctm_file *file);
int ctm_store_file_each(
	struct ctm_txn *txn, uint32_t job, ctm_store_file_visitor *visit, void *context);
int ctm_store_file_delete_all(struct ctm_txn *txn, uint32_t job);
/* The file of that job with that path. */
int ctm_store_file_find(
	struct ctm_txn *txn, uint32_t job, const char *path, struct ctm_file *ret_file);
/* The files of all jobs with that path, that gid, or that URI (by its hash: the caller looks
 * whether it can be). The visitor may put the file it is given. */
int ctm_store_file_by_path(
	struct ctm_txn *txn, const char *path, ctm_store_file_visitor *visit, void *context);
int ctm_store_file_by_gid(
	struct ctm_txn *txn, uint64_t gid, ctm_store_file_visitor *visit, void *context);

int ctm_store_file_by_uri(
	struct ctm_txn *txn, const char *uri, ctm_store_file_visitor *visit, void *context);
/* A file changes its URIs: the index follows. */
int ctm_store_file_set_uris(
	struct ctm_txn *txn, struct ctm_file *file, const uint64_t *hashes, uint8_t n);
/* What such a hash is of. */
uint64_t ctm_store_uri_hash(const char *uri);

/* Roots: the local_path of jobs (totals, single) that take what lies below it. */
int ctm_store_root_add(struct ctm_txn *txn, uint32_t job, const char *local_path);
int ctm_store_root_delete(struct ctm_txn *txn, uint32_t job, const char *local_path);
/* Calls visit for every job that is a root of an ancestor of the path; hashes can collide. */
int ctm_store_root_each(
	struct ctm_txn *txn, const char *path, ctm_store_job_visitor *visit, void *context);

/*
 * When a job last ended in that local_path (its first len bytes): wall clock in ms, 0: none did.
 * What was seen of its files before that says nothing for a later job in the same place.
 */
int ctm_store_ended_put(struct ctm_txn *txn, const char *local_path, int64_t ended_ms);
int ctm_store_ended_get(
	struct ctm_txn *txn, const char *local_path, size_t len, int64_t *ret_ended_ms);

/*
 * How many bytes of an inbox file have been folded; 0: none. keep forgets all but the n files
 * given.
 */
int ctm_store_folded_put(
	struct ctm_txn *txn, const struct ctm_inbox_identity *file, uint64_t bytes);
int ctm_store_folded_get(
	struct ctm_txn *txn, const struct ctm_inbox_identity *file, uint64_t *ret_bytes);
int ctm_store_folded_keep(struct ctm_txn *txn, const struct ctm_inbox_identity *files, size_t n);

/* Messages: one final word a job, */
int ctm_store_message_put(struct ctm_txn *txn, const struct ctm_message *message);
int ctm_store_message_get(struct ctm_txn *txn, uint32_t job, struct ctm_message *ret_message);
/* The first job from that number on that has one. -ENOENT: there is none. */
int ctm_store_message_from(struct ctm_txn *txn, uint32_t job, uint32_t *ret_job);
/* and its newest progress. */
int ctm_store_progress_put(struct ctm_txn *txn, const struct ctm_message *message);
int ctm_store_progress_get(struct ctm_txn *txn, uint32_t job, struct ctm_message *ret_message);
int ctm_store_progress_delete(struct ctm_txn *txn, uint32_t job);

/* Work for the deliverer: jobs to verify, jobs whose final word waits, or whose progress does. */
enum ctm_work {
	CTM_WORK_VERIFY = 1,
	CTM_WORK_SEND = 2,
	CTM_WORK_PROGRESS = 3,
};
typedef int ctm_store_work_visitor(
	struct ctm_txn *txn, enum ctm_work work, uint32_t job, void *context);
int ctm_store_work_add(struct ctm_txn *txn, enum ctm_work work, uint32_t job);
int ctm_store_work_delete(struct ctm_txn *txn, enum ctm_work work, uint32_t job);
int ctm_store_work_each(struct ctm_txn *txn, ctm_store_work_visitor *visit, void *context);

/*
 * Events of no job, oldest first; at most CTM_UNCLAIMED_LIMIT, the oldest gives way (to add is 1
 * then). The same event is kept once, however often it is read again.
 */
#define CTM_UNCLAIMED_LIMIT 10000u
struct ctm_unclaimed {
	struct ctm_event event;
	struct ctm_stamp since;
	uint64_t hash; /* of the event; with its time the key */
};
typedef int ctm_store_unclaimed_visitor(
	struct ctm_txn *txn, const struct ctm_unclaimed *unclaimed, void *context);
int ctm_store_unclaimed_add(
	struct ctm_txn *txn, const struct ctm_event *event, const struct ctm_stamp *now);
int ctm_store_unclaimed_delete(struct ctm_txn *txn, const struct ctm_unclaimed *unclaimed);
int ctm_store_unclaimed_each(
	struct ctm_txn *txn, ctm_store_unclaimed_visitor *visit, void *context);
int ctm_store_unclaimed_count(struct ctm_txn *txn, uint32_t *ret_count);

/*
 * Events that only aria2 can explain: it is to be asked what became of the download. One for each
 * gid and type, the newest. Deleting leaves one that is newer than the event.
 */
struct ctm_question {
	struct ctm_event event;
	struct ctm_stamp since;
};
typedef int ctm_store_question_visitor(
	struct ctm_txn *txn, const struct ctm_question *question, void *context);
int ctm_store_question_put(
	struct ctm_txn *txn, const struct ctm_event *event, const struct ctm_stamp *now);
int ctm_store_question_delete(struct ctm_txn *txn, const struct ctm_event *event);
int ctm_store_question_any(struct ctm_txn *txn, bool *ret_any);
/* The visitor may delete the question that it is given. */
int ctm_store_question_each(struct ctm_txn *txn, ctm_store_question_visitor *visit, void *context);

/*
 * Downloads that aria2 was seen to have: that one is gone, or at its end, happened after it was
 * seen under way; that one was at its end is no news for what came later.
 */
struct ctm_known {
	int64_t since_ms;  /* wall clock: when it was last seen under way, or first at its end; 0:
			      never */
	bool at_end;       /* complete, failed or removed */
	int64_t before_ms; /* at its end: when it was last seen under way before that; 0: never */
};
typedef int ctm_store_known_visitor(
	struct ctm_txn *txn, uint64_t gid, const struct ctm_known *known, void *context);
int ctm_store_known_put(struct ctm_txn *txn, uint64_t gid, const struct ctm_known *known);
int ctm_store_known_get(struct ctm_txn *txn, uint64_t gid, struct ctm_known *ret_known);
int ctm_store_known_delete(struct ctm_txn *txn, uint64_t gid);
int ctm_store_known_each(struct ctm_txn *txn, ctm_store_known_visitor *visit, void *context);

/*
 * Torrents of which aria2 said bt-complete, by gid: when it said so last, and how the file that it
 * named was then.
 */
struct ctm_seeding {
	int64_t since_ms; /* wall clock; 0: never */
	struct ctm_sight sight;
};
int ctm_store_seeding_put(struct ctm_txn *txn, uint64_t gid, const struct ctm_seeding *seeding);
int ctm_store_seeding_get(struct ctm_txn *txn, uint64_t gid, struct ctm_seeding *ret_seeding);
/* Forgets those that are older. */
int ctm_store_seeding_forget(struct ctm_txn *txn, int64_t before_ms);

/* Sidecars that were looked at, by path: what they were, so that each is parsed once. */
enum ctm_sidecar_fate {
	CTM_FATE_REGISTERED = 1,
	CTM_FATE_INVALID = 2,
	CTM_FATE_REFUSED = 3,
	CTM_FATE_NOT_WHOLE = 4,
	CTM_FATE_DUPLICATE = 5,
};
struct ctm_sidecar_record {
	char *path;
	enum ctm_sidecar_fate fate;
	uint64_t mtime_ns;
	uint64_t size;
	uint64_t inode;
	uint32_t job;          /* if registered; 0: none */
	int64_t first_s;       /* wall clock when it was first seen */
	struct ctm_stamp seen; /* the last time that age_ms was summed up to */
	uint64_t age_ms;       /* since it was first seen */
	char *id;              /* "" where it names none */
	char *endpoint;
	char *complaint; /* why it is not registered; "" */
};
typedef int ctm_store_sidecar_visitor(
	struct ctm_txn *txn, const struct ctm_sidecar_record *record, void *context);
void ctm_sidecar_record_done(struct ctm_sidecar_record *record);
int ctm_store_sidecar_get(
	struct ctm_txn *txn, const char *path, struct ctm_sidecar_record *ret_record);
int ctm_store_sidecar_put(struct ctm_txn *txn, const struct ctm_sidecar_record *record);
/* With its volume. */
int ctm_store_sidecar_delete(struct ctm_txn *txn, const char *path);
int ctm_store_sidecar_each(struct ctm_txn *txn, ctm_store_sidecar_visitor *visit, void *context);
/* Those that are no job, without a look at the others. */
int ctm_store_sidecar_each_bad(
	struct ctm_txn *txn, ctm_store_sidecar_visitor *visit, void *context);

/*
 * Where a sidecar was when it was read. What is found there later, without it, is the same place or
 * one that waits for a volume to be mounted. A mount point and a kind of file system outlast a
 * boot, a device's number does not.
 */
struct ctm_volume {
	uint64_t boot;      /* the boot that the device's number is of; 0: unknown */
	uint64_t device;    /* st_dev of its directory */
	uint64_t type;      /* f_type of that */
	uint64_t directory; /* st_ino of that */
	uint32_t mount_len; /* so many bytes of its path lead to where it is mounted; 0: unknown */
};
int ctm_store_volume_put(struct ctm_txn *txn, const char *sidecar, const struct ctm_volume *volume);
/* What an older version registered has none: all is unknown then. */
int ctm_store_volume_get(struct ctm_txn *txn, const char *sidecar, struct ctm_volume *ret_volume);

/*
 * A number that changes with every commit, whoever made it: what was read before is still true
 * while it is the same.
 */
uint64_t ctm_store_version(struct ctm_store *store);

/* Small numbers that belong to the store as a whole; 0 where never set. */
enum ctm_setting {
	CTM_SETTING_SCHEMA = 1,
	CTM_SETTING_NEXT_JOB = 2,
	CTM_SETTING_UNCLAIMED_COUNT = 3,
	CTM_SETTING_SCANNED_MTIME = 4,   /* of [sidecar] dir, ns, when it was last scanned */
	CTM_SETTING_FLUSHED = 5,         /* wall clock s of the last flush */
	CTM_SETTING_UNCLAIMED_ADDED = 6, /* how many events were ever kept as unclaimed */
	CTM_SETTING_DEADLINE_BOOT = 7,   /* the boot in which the next is meaningful */
	CTM_SETTING_MISSED_FROM = 9,     /* job << 32 | file: where files are next hashed */
	CTM_SETTING_DEADLINE_MS = 8,     /* CLOCK_BOOTTIME: no job's deadline is before that */
};
int ctm_store_setting_get(struct ctm_txn *txn, enum ctm_setting setting, uint64_t *ret_value);
int ctm_store_setting_put(struct ctm_txn *txn, enum ctm_setting setting, uint64_t value);

#endif
