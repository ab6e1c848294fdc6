/* SPDX-License-Identifier: MIT */
#include "housekeeping.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "drain.h"
#include "files.h"
#include "numbers.h"
#include "path.h"

struct keeping {
	const struct ctm_config *config;
	struct ctm_stamp now;
	char *gone; /* the last sidecar that was found gone, its directory not synced yet; NULL:
		       none */
};

static size_t directory_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (size_t)(slash - path) : 0;
}

/*
 * A sidecar that came back after a loss of power, when its job is no longer known, would be a new
 * job. Directories are synced after their last sidecar was looked for, and once for all of those in
 * a row.
 */
static int sync_gone(struct keeping *k)
{
	int r = k->gone ? ctm_files_sync_parent(k->gone) : 0;

	free(k->gone);
	k->gone = NULL;
	return r;
}

static int note_gone(struct keeping *k, const char *path)
{
	const size_t len = directory_len(path);
	int r = 0;

	if (k->gone && directory_len(k->gone) == len && memcmp(k->gone, path, len) == 0)
		return 0;
	r = sync_gone(k);
	k->gone = r == 0 ? strdup(path) : NULL;
	return r == 0 && !k->gone ? -ENOMEM : r;
}

static int purge_unclaimed(
	struct ctm_txn *txn, const struct ctm_unclaimed *unclaimed, void *context)
{
	const struct keeping *k = context;

	if (ctm_clock_elapsed_ms(&unclaimed->since, &k->now) / 1000 < k->config->unclaimed_s)
		return 0;
	return ctm_store_unclaimed_delete(txn, unclaimed);
}

/* Whether its end is told, its time is over, and no sidecar could bring it back. */
static int may_go(struct ctm_txn *txn, const struct ctm_job *job, struct keeping *k)
{
	struct ctm_message message;
	struct ctm_job_text text;
	bool told;
	bool gone;
	int r;

	if (job->age_ms / 1000 < k->config->keep_s)
		return 0;
	r = ctm_store_message_get(txn, job->number, &message);
	if (r < 0 && r != -ENOENT)
		return r;
	told = r == -ENOENT || message.state == CTM_MESSAGE_SENT;
	if (r == 0)
		ctm_message_done(&message);
	if (!told)
		return 0;
	r = ctm_store_text_get(txn, job->number, &text);
	if (r < 0)
		return r;
	gone = !text.sidecar[0] || (access(text.sidecar, F_OK) < 0 && errno == ENOENT);
	if (gone && text.sidecar[0])
		r = note_gone(k, text.sidecar);
	if (r == 0 && gone && text.sidecar[0])
		r = ctm_store_sidecar_delete(txn, text.sidecar);
	ctm_job_text_done(&text);
	return r < 0 ? r : gone;
}

/* An ended job's age counts from its end. */
static int keep_job(struct ctm_txn *txn, const struct ctm_job *found, void *context)
{
	struct keeping *k = context;
	struct ctm_job job = *found;
	int r;

	ctm_job_grow_older(&job, &k->now);
	if (ctm_job_has_ended(&job)) {
		r = may_go(txn, &job, k);
		if (r != 0)
			return r < 0 ? r : ctm_store_job_delete(txn, job.number);
	}
	return ctm_store_job_put(txn, &job);
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
 * through links and all. 1: it was, and is known by its canonical name alone now.
 */
static int rename_record(struct ctm_txn *txn, const struct ctm_sidecar_record *record)
{
	CTM_CLEANUP_FREE char *path = NULL;
	int r = ctm_path_canonical(record->path, &path, NULL);

	if (r < 0 || strcmp(path, record->path) == 0)
		return r == -ENOMEM ? r : 0;
	r = merge_record(txn, record, path);
	if (r == 0 && record->job)
		r = rename_in_job(txn, record, path);
	if (r == 0)
		r = ctm_store_sidecar_delete(txn, record->path);
	return r < 0 ? r : 1;
}

/* A rejected sidecar that is gone is forgotten. */
static int keep_sidecar(struct ctm_txn *txn, const struct ctm_sidecar_record *record, void *context)
{
	int r;

	(void)context;
	if (record->fate == CTM_FATE_REGISTERED)
		return 0;
	r = rename_record(txn, record);
	if (r != 0)
		return r < 0 ? r : 0;
	if (record->job || access(record->path, F_OK) == 0 || errno != ENOENT)
		return 0;
	return ctm_store_sidecar_delete(txn, record->path);
}

static int keep_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct keeping *k = context;
	int r = ctm_store_unclaimed_each(txn, purge_unclaimed, k);

	if (r == 0)
		r = ctm_store_job_each(txn, keep_job, k);
	if (r == 0)
		r = sync_gone(k);
	if (r == 0)
		r = ctm_store_sidecar_each(txn, keep_sidecar, k);
	if (r == 0)
		r = ctm_store_setting_put(
			txn, CTM_SETTING_FLUSHED, (uint64_t)(k->now.wall_ms / 1000));
	return r < 0 ? ctm_error_set(e, r, "cannot tidy the store up: %s", strerror(-r)) : 0;
}

int ctm_housekeeping(struct ctm_state *state, struct ctm_error *e)
{
	struct keeping k = {.config = state->config, .now = ctm_clock_now()};
	int r = ctm_flow_update(state, keep_body, &k, e);

	free(k.gone);
	return r;
}
