/* SPDX-License-Identifier: MIT */
#include "expire_sidecars.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "drain.h"
#include "hresult.h"
#include "log.h"
#include "outbox.h"
#include "scan.h"

/* More are ended by the next flush. */
#define PATHS_MAX 100u

struct finding {
	const struct ctm_config *config;
	struct ctm_stamp now;
	char *paths[PATHS_MAX];
	size_t n;
};

static void finding_done(struct finding *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->paths[i]);
	f->n = 0;
}

static bool names_its_end(const struct ctm_sidecar_record *record)
{
	return record->fate == CTM_FATE_INVALID && !record->job && record->id[0] &&
	       record->endpoint[0];
}

/* 1, 0, or errno. Where a job has the id, its word is the one; an id that is none has no job. */
static int is_owed_a_word(struct ctm_txn *txn, const struct ctm_sidecar_record *record)
{
	uint32_t job;
	int r = names_its_end(record) ? ctm_store_job_find(txn, record->id, &job) : 0;

	return r == -ENOENT ? 1 : r == -EINVAL ? 0 : r;
}

static int add_path(struct finding *f, const char *path)
{
	f->paths[f->n] = strdup(path);
	if (!f->paths[f->n])
		return -ENOMEM;
	f->n++;
	return 0;
}

static int find(struct ctm_txn *txn, const struct ctm_sidecar_record *found, void *context)
{
	struct finding *f = context;
	struct ctm_sidecar_record record = *found;
	int r = is_owed_a_word(txn, found);

	if (r <= 0)
		return r;
	record.age_ms += ctm_clock_elapsed_ms(&record.seen, &f->now);
	record.seen = f->now;
	r = 0;
	if (record.age_ms / 1000 >= f->config->give_up_s && f->n < PATHS_MAX)
		r = add_path(f, record.path);
	return r < 0 ? r : ctm_store_sidecar_put(txn, &record);
}

static int find_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	int r;

	finding_done(context);
	r = ctm_store_sidecar_each_bad(txn, find, context);
	return r < 0 ? ctm_error_set(e, r, "cannot look for invalid sidecars: %s", strerror(-r))
		     : 0;
}

struct ending {
	const char *path;
	char *client_data;
	struct ctm_schedule schedule;
	struct ctm_stamp now;
	char *id; /* out: of the job that was ended; NULL: none was */
};

/* The job that it would have been, ended at once. */
static int end_one(struct ctm_txn *txn, struct ending *x, struct ctm_sidecar_record *record)
{
	char nothing[] = "";
	const struct ctm_job_text text = {
		.id = record->id,
		.endpoint = record->endpoint,
		.client_data = x->client_data,
		.content_id = nothing,
		.content_version = nothing,
		.local_path = nothing,
		.sidecar = record->path,
		.cause = nothing,
	};
	const struct ctm_failure failure = {
		.hresult = CTM_E_INVALID_DATA, .text = record->complaint};
	struct ctm_job job;
	int r = ctm_outbox_new_job(txn, &text, &x->now, &job);

	if (r == 0)
		r = ctm_outbox_fail(txn, &job, &failure, &x->schedule, &x->now);
	if (r < 0)
		return r;
	record->job = job.number;
	x->id = strdup(record->id);
	return x->id ? ctm_store_sidecar_put(txn, record) : -ENOMEM;
}

static int end_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct ending *x = context;
	struct ctm_sidecar_record record;
	int r = ctm_store_sidecar_get(txn, x->path, &record);

	free(x->id);
	x->id = NULL;
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	r = is_owed_a_word(txn, &record);
	if (r > 0)
		r = end_one(txn, x, &record);
	ctm_sidecar_record_done(&record);
	return r < 0 ? ctm_error_set(e, r, "cannot end an invalid sidecar: %s", strerror(-r)) : 0;
}

static void ignore(void *context, const struct ctm_error *complaint)
{
	(void)context;
	(void)complaint;
}

/*
 * What can still be read of it: "" where nothing can. A want of memory is no reason to send another
 * client_data than the sidecar's. 1: it has been mended, and is for the next scan.
 */
static int read_client_data(
	const char *path, const struct ctm_sidecar_trust *trust, char **ret_client_data)
{
	enum ctm_sidecar_state state;
	struct ctm_sidecar *sidecar = NULL;
	struct stat st;
	const char *text = "";
	char *copy = NULL;
	bool mended;
	int r = ctm_sidecar_load(path, trust, ignore, NULL, &state, &sidecar, &st, NULL);

	if (r == 0 && sidecar && sidecar->client_data)
		text = sidecar->client_data;
	if (r != -ENOMEM)
		copy = strdup(text);
	ctm_sidecar_free(sidecar);
	*ret_client_data = copy;
	mended = r == 0 && state == CTM_SIDECAR_GOOD;
	return copy ? mended : -ENOMEM;
}

static int end_path(struct ctm_state *state, const char *path,
	const struct ctm_sidecar_trust *trust, struct ctm_error *e)
{
	struct ending x = {
		.path = path,
		.schedule = ctm_outbox_schedule(state->config),
		.now = ctm_clock_now(),
	};
	int r = read_client_data(path, trust, &x.client_data);

	if (r < 0)
		return ctm_error_set(e, r, "no memory to end \"%s\"", path);
	if (r == 0)
		r = ctm_flow_update(state, end_body, &x, e);
	if (r == 0 && x.id) {
		state->work = true;
		ctm_log(CTM_LOG_WARNING,
			&(struct ctm_log_subject){.job = x.id, .hresult = CTM_E_INVALID_DATA},
			"\"%s\" was never mended: job has failed", path);
	}
	free(x.id);
	free(x.client_data);
	return r < 0 ? r : 0;
}

int ctm_expire_sidecars(struct ctm_state *state, struct ctm_error *e)
{
	struct finding f = {.config = state->config, .now = ctm_clock_now()};
	struct ctm_sidecar_trust trust = {0};
	int r = ctm_flow_update(state, find_body, &f, e);

	if (r == 0 && f.n) {
		r = ctm_scan_trust(state, &trust, e);
		for (size_t i = 0; r == 0 && i < f.n; i++)
			r = end_path(state, f.paths[i], &trust, e);
		ctm_scan_trust_done(&trust);
	}
	finding_done(&f);
	return r;
}
