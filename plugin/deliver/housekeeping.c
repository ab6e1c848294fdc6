/* SPDX-License-Identifier: MIT */
#include "housekeeping.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"
#include "drain.h"
#include "files.h"
#include "numbers.h"
#include "path.h"
#include "sidecar_volume.h"

/* A sidecar without which nothing keeps its record, and its job's. */
struct kept {
	char *path;
	uint32_t job; /* that has ended and is told; 0: it never became one */
	bool named;   /* by a job that ended for its sake: that keeps it */
	struct ctm_stamp seen;
	struct ctm_volume volume;
	/* Found while the state's lock is free: */
	char *canonical; /* its one name, where it is known by another; NULL: it is not */
	bool gone;
};

struct keeping {
	const struct ctm_config *config;
	struct ctm_stamp now;
	bool all_read;
	struct kept *kept;
	size_t n;
	size_t cap;
	/* Whose GUID another sidecar has as well: forgotten, they would be told by that anew. */
	struct ctm_numbers named;
};

static void forget_kept(struct keeping *k)
{
	k->named.n = 0;
	for (size_t i = 0; i < k->n; i++) {
		free(k->kept[i].path);
		free(k->kept[i].canonical);
	}
	k->n = 0;
}

/* A torrent that seeds for longer is taken for a new one when that ends. */
#define SEEDING_MS (INT64_C(366) * 24 * 3600 * 1000)

static int purge_unclaimed(
	struct ctm_txn *txn, const struct ctm_unclaimed *unclaimed, void *context)
{
	const struct keeping *k = context;

	if (ctm_clock_elapsed_ms(&unclaimed->since, &k->now) / 1000 < k->config->unclaimed_s)
		return 0;
	return ctm_store_unclaimed_delete(txn, unclaimed);
}

/* When the sidecar was last read; all 0: nothing is known of it. */
static int get_seen(struct ctm_txn *txn, const char *path, struct ctm_stamp *ret_seen)
{
	struct ctm_sidecar_record record;
	int r = ctm_store_sidecar_get(txn, path, &record);

	*ret_seen = (struct ctm_stamp){0};
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	*ret_seen = record.seen;
	ctm_sidecar_record_done(&record);
	return 0;
}

/* Whether it is there is looked at later, without the state's lock. */
static int add_kept(
	struct ctm_txn *txn, struct keeping *k, const char *path, uint32_t job, bool named)
{
	struct kept one = {.job = job, .named = named};
	int r = get_seen(txn, path, &one.seen);

	if (r == 0)
		r = ctm_store_volume_get(txn, path, &one.volume);
	if (r < 0)
		return r;
	if (k->n == k->cap) {
		const size_t cap = k->cap ? k->cap * 2 : 64;
		struct kept *kept = reallocarray(k->kept, cap, sizeof *kept);

		if (!kept)
			return -ENOMEM;
		k->kept = kept;
		k->cap = cap;
	}
	one.path = strdup(path);
	if (!one.path)
		return -ENOMEM;
	k->kept[k->n++] = one;
	return 0;
}

/* Whether the job's own sidecar is this one, whose record goes with the job. 1, 0, or errno. */
static int is_its_own(struct ctm_txn *txn, const struct ctm_sidecar_record *record, uint32_t job)
{
	struct ctm_job_text text;
	int r = job ? ctm_store_text_get(txn, job, &text) : -ENOENT;

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = strcmp(text.sidecar, record->path) == 0;
	ctm_job_text_done(&text);
	return r;
}

static int note_named(struct ctm_txn *txn, const struct ctm_sidecar_record *record, void *context)
{
	struct keeping *k = context;
	uint32_t job;
	int r = ctm_store_job_find(txn, record->id, &job);

	if (r < 0)
		return r == -ENOENT || r == -EINVAL ? 0 : r;
	r = is_its_own(txn, record, job);
	return r < 0 ? r : r ? 0 : ctm_numbers_add(&k->named, job);
}

static int find_named(struct ctm_txn *txn, struct keeping *k)
{
	int r;

	k->named.n = 0;
	r = ctm_store_sidecar_each_bad(txn, note_named, k);
	ctm_numbers_unique(&k->named);
	return r;
}

/* Whether its time is over and its end is told: only its sidecar keeps it then. 1, 0, or errno. */
static int is_over(struct ctm_txn *txn, const struct ctm_job *job, const struct keeping *k)
{
	struct ctm_message message;
	bool told;
	int r;

	if (!k->all_read || !ctm_job_has_ended(job) || job->age_ms / 1000 < k->config->keep_s ||
		ctm_numbers_has(&k->named, job->number))
		return 0;
	r = ctm_store_message_get(txn, job->number, &message);
	if (r < 0)
		return r == -ENOENT ? 1 : r;
	told = message.state == CTM_MESSAGE_SENT;
	ctm_message_done(&message);
	return told;
}

/* An ended job's age counts from its end. */
static int keep_job(struct ctm_txn *txn, const struct ctm_job *found, void *context)
{
	struct keeping *k = context;
	struct ctm_job job = *found;
	struct ctm_job_text text;
	int r;

	ctm_job_grow_older(&job, &k->now);
	r = is_over(txn, &job, k);
	if (r <= 0)
		return r < 0 ? r : ctm_store_job_put(txn, &job);
	r = ctm_store_text_get(txn, job.number, &text);
	if (r < 0)
		return r;
	if (!text.sidecar[0])
		r = ctm_store_job_delete(txn, job.number);
	else
		r = add_kept(txn, k, text.sidecar, job.number, true);
	if (r == 0 && text.sidecar[0])
		r = ctm_store_job_put(txn, &job);
	ctm_job_text_done(&text);
	return r;
}

/* The job that ended for the sidecar's sake names it as well. */
static int rename_in_job(struct ctm_txn *txn, const struct ctm_sidecar_record *record, char *path)
{
	struct ctm_job_text text;
	char *name;
	int r = ctm_store_text_get(txn, record->job, &text);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	if (strcmp(text.sidecar, record->path) == 0) {
		name = text.sidecar;
		text.sidecar = path;
		r = ctm_store_text_put(txn, record->job, &text);
		text.sidecar = name;
	}
	ctm_job_text_done(&text);
	return r;
}

/* The older of both, since whoever waits for its mending has waited as long. */
static int merge_record(struct ctm_txn *txn, const struct ctm_sidecar_record *record, char *path)
{
	struct ctm_sidecar_record merged = *record;
	struct ctm_sidecar_record known;
	int r = ctm_store_sidecar_get(txn, path, &known);

	merged.path = path;
	if (r < 0)
		return r == -ENOENT ? ctm_store_sidecar_put(txn, &merged) : r;
	if (record->first_s < known.first_s)
		known.first_s = record->first_s;
	if (record->age_ms > known.age_ms)
		known.age_ms = record->age_ms;
	if (!known.job)
		known.job = record->job;
	r = ctm_store_sidecar_put(txn, &known);
	ctm_sidecar_record_done(&known);
	return r;
}

/*
 * Before sidecars had one name only, a rejected one was kept by that which [sidecar] dir gave it,
 * through links and all. Where it was is not known of its other name.
 */
static int rename_record(struct ctm_txn *txn, const struct kept *one)
{
	struct ctm_sidecar_record record;
	int r = ctm_store_sidecar_get(txn, one->path, &record);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = merge_record(txn, &record, one->canonical);
	if (r == 0 && record.job)
		r = rename_in_job(txn, &record, one->canonical);
	ctm_sidecar_record_done(&record);
	return r < 0 ? r : ctm_store_sidecar_delete(txn, one->path);
}

/* A rejected sidecar that is gone is forgotten. */
static int keep_sidecar(struct ctm_txn *txn, const struct ctm_sidecar_record *record, void *context)
{
	int r = note_named(txn, record, context);
	int own = r < 0 ? r : is_its_own(txn, record, record->job);

	return own < 0 ? own : add_kept(txn, context, record->path, 0, own);
}

static int keep_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct keeping *k = context;
	int r;

	forget_kept(k);
	r = ctm_store_unclaimed_each(txn, purge_unclaimed, k);
	if (r == 0)
		r = ctm_store_seeding_forget(txn, k->now.wall_ms - SEEDING_MS);
	if (r == 0)
		r = ctm_store_sidecar_each_bad(txn, keep_sidecar, k);
	ctm_numbers_unique(&k->named);
	if (r == 0)
		r = ctm_store_job_each(txn, keep_job, k);
	if (r == 0)
		r = ctm_store_setting_put(
			txn, CTM_SETTING_FLUSHED, (uint64_t)(k->now.wall_ms / 1000));
	return r < 0 ? ctm_error_set(e, r, "cannot tidy the store up: %s", strerror(-r)) : 0;
}

static bool in_one_directory(const char *a, const char *b)
{
	const size_t len = (size_t)(ctm_path_name(a) - a);

	return len == (size_t)(ctm_path_name(b) - b) && memcmp(a, b, len) == 0;
}

static int find_name(struct kept *one)
{
	int r = ctm_path_canonical(one->path, &one->canonical, NULL);

	if (r == 0 && strcmp(one->canonical, one->path) == 0) {
		free(one->canonical);
		one->canonical = NULL;
	}
	return r == -ENOMEM ? r : 0;
}

/*
 * A sidecar that came back after a loss of power, when its job is no longer known, would be a new
 * job. Directories are synced after their last sidecar was looked for, and once for all of those in
 * a row.
 */
static int look_for(struct kept *one, const char **unsynced)
{
	int r = one->job ? 0 : find_name(one);

	if (r == 0 && (one->job || (!one->named && !one->canonical)))
		one->gone = ctm_sidecar_is_gone(one->path, &one->volume);
	if (r < 0 || !one->gone || !one->job)
		return r;
	if (*unsynced && !in_one_directory(*unsynced, one->path))
		r = ctm_files_sync_parent(*unsynced);
	*unsynced = one->path;
	return r;
}

static int look(struct keeping *k, bool *ret_any, struct ctm_error *e)
{
	const char *unsynced = NULL;
	int r = 0;

	for (size_t i = 0; r == 0 && i < k->n; i++) {
		r = look_for(&k->kept[i], &unsynced);
		*ret_any |= k->kept[i].gone || k->kept[i].canonical;
	}
	if (r == 0 && unsynced)
		r = ctm_files_sync_parent(unsynced);
	return r < 0 ? ctm_error_set(e, r, "cannot tidy sidecars up: %s", strerror(-r)) : 0;
}

/* One that came back and was read meanwhile stays, as does a job that is another's now. */
static int purge(struct ctm_txn *txn, const struct keeping *k, const struct kept *one)
{
	struct ctm_stamp seen;
	struct ctm_job_text text;
	struct ctm_job job;
	bool over;
	int r = get_seen(txn, one->path, &seen);

	if (r < 0 || !ctm_stamp_is_same(&seen, &one->seen))
		return r;
	if (one->canonical)
		return rename_record(txn, one);
	if (!one->job)
		return ctm_store_sidecar_delete(txn, one->path);
	r = ctm_store_job_get(txn, one->job, &job);
	if (r == 0)
		r = is_over(txn, &job, k);
	if (r <= 0)
		return r == -ENOENT ? 0 : r;
	r = ctm_store_text_get(txn, one->job, &text);
	if (r < 0)
		return r;
	over = strcmp(text.sidecar, one->path) == 0;
	ctm_job_text_done(&text);
	if (over)
		r = ctm_store_sidecar_delete(txn, one->path);
	return r == 0 && over ? ctm_store_job_delete(txn, one->job) : r;
}

static int purge_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct keeping *k = context;
	int r = find_named(txn, k);

	for (size_t i = 0; r == 0 && i < k->n; i++)
		if (k->kept[i].gone || k->kept[i].canonical)
			r = purge(txn, k, &k->kept[i]);
	return r < 0 ? ctm_error_set(e, r, "cannot tidy the store up: %s", strerror(-r)) : 0;
}

int ctm_housekeeping(struct ctm_state *state, bool all_read, struct ctm_error *e)
{
	struct keeping k = {.config = state->config, .now = ctm_clock_now(), .all_read = all_read};
	bool any = false;
	int r = ctm_flow_update(state, keep_body, &k, e);

	if (r == 0)
		r = look(&k, &any, e);
	if (r == 0 && any)
		r = ctm_flow_update(state, purge_body, &k, e);
	forget_kept(&k);
	ctm_numbers_done(&k.named);
	free(k.kept);
	return r;
}
