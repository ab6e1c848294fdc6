/* SPDX-License-Identifier: MIT */
#include "sides.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "outbox.h"
#include "sidecar_volume.h"
#include "world.h"

static char *copy(const char *text)
{
	return scratch_keep(strdup(text));
}

struct ctm_sidecar *sides_listed(
	unsigned id, const char *name, uint32_t n, const char *const *paths)
{
	struct ctm_sidecar *sidecar = scratch_keep(calloc(1, sizeof *sidecar));
	char file[256];

	cr_assert_not_null(sidecar);
	snprintf(file, sizeof file, "state/jobs/%s.ctm.ini", name);
	*sidecar = (struct ctm_sidecar){
		.file = copy(scratch_write(file, "[job]\n")),
		.id = copy(world_id(id)),
		.kind = CTM_KIND_LISTED,
		.endpoint = copy("ctm"),
		.client_data = copy("opaque \"data\""),
		.content_id = copy("PS100042"),
		.content_version = copy("3"),
		.local_path = copy(world.dl),
		.files_total = n,
		.priority = CTM_PRIORITY_NORMAL,
		.n_files = n,
	};
	sidecar->files = scratch_keep(calloc(n + 1, sizeof *sidecar->files));
	cr_assert_not_null(sidecar->files);
	for (uint32_t i = 0; i < n; i++) {
		sidecar->files[i].path = copy(paths[i]);
		sidecar->files[i].number = i + 1;
		sidecar->files[i].sha256 = scratch_keep(calloc(1, CTM_SHA256_BYTES));
	}
	return sidecar;
}

struct registering {
	struct ctm_registration reg;
	struct ctm_fold fold;
};

static int register_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct registering *r = context;
	int n;

	(void)e;
	r->fold.jobs.n = 0;
	n = ctm_register(txn, &r->reg, &r->fold);
	return n < 0 ? n : ctm_register_claim(txn, &r->fold);
}

struct ctm_registration sides_register(struct ctm_sidecar *sidecar, bool assign_gids)
{
	struct ctm_volume volume;
	struct stat st;
	struct registering r = {
		.reg = {.sidecar = sidecar,
			.st = &st,
			.volume = &volume,
			.assign_gids = assign_gids},
		.fold = CTM_FOLD_INIT(world.config),
	};

	r.fold.now = ctm_clock_now();
	cr_assert_eq(stat(sidecar->file, &st), 0);
	volume = ctm_sidecar_volume(sidecar->file, &st);
	world_update(register_body, &r);
	while (r.reg.outcome == CTM_REGISTERED_NOT_YET) {
		r.reg.looked_for = scratch_keep(r.reg.look_for);
		r.reg.looked_is_there = access(r.reg.looked_for, F_OK) == 0;
		world_update(register_body, &r);
	}
	ctm_fold_done(&r.fold);
	r.reg.st = NULL;
	r.reg.volume = NULL;
	return r.reg;
}

static int reject_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const char *path = context;
	const struct ctm_stamp now = ctm_clock_now();
	struct ctm_volume volume;
	struct stat st;

	(void)e;
	cr_assert_eq(stat(path, &st), 0);
	volume = ctm_sidecar_volume(path, &st);
	return ctm_register_rejected(txn, path, &st, &volume, CTM_FATE_INVALID, NULL, "bad", &now);
}

void sides_reject(const char *path)
{
	world_update(reject_body, (void *)(uintptr_t)path);
}

struct finding {
	const char *path;
	struct ctm_sidecar_record record;
};

static int find_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct finding *f = context;
	int r = ctm_store_sidecar_get(txn, f->path, &f->record);

	(void)e;
	return r == -ENOENT ? 0 : r;
}

struct ctm_sidecar_record sides_record(const char *path)
{
	struct finding f = {.path = path};

	world_update(find_body, &f);
	scratch_keep(f.record.path);
	scratch_keep(f.record.id);
	scratch_keep(f.record.endpoint);
	scratch_keep(f.record.complaint);
	return f.record;
}

struct naming {
	uint32_t job;
	uint32_t number;
	char *path;
};

static int name_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct naming *n = context;
	struct ctm_file file;
	int r = ctm_store_file_get(txn, n->job, n->number, &file);

	(void)e;
	if (r == 0)
		free(file.why);
	n->path = r == 0 ? file.path : NULL;
	return r == -ENOENT ? 0 : r;
}

const char *sides_path(uint32_t job, uint32_t number)
{
	struct naming n = {.job = job, .number = number};

	world_update(name_body, &n);
	return scratch_keep(n.path);
}

struct ending {
	const char *id;
	const char *endpoint;
	uint32_t job;
};

static int end_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct ending *x = context;
	const struct ctm_totals totals = {.bytes = 12, .files = 2};
	const struct ctm_schedule schedule = ctm_outbox_schedule(world.config);
	const struct ctm_stamp now = ctm_clock_now();
	const struct ctm_job_text text = {
		.id = (char *)(uintptr_t)x->id,
		.endpoint = (char *)(uintptr_t)x->endpoint,
		.client_data = (char *)(uintptr_t) "data",
	};
	struct ctm_job job;

	(void)e;
	cr_assert_eq(ctm_outbox_new_job(txn, &text, &now, &job), 0);
	x->job = job.number;
	return ctm_outbox_succeed(txn, &job, &totals, &schedule, &now);
}

uint32_t sides_succeeded(unsigned id, const char *endpoint)
{
	struct ending x = {.id = world_id(id), .endpoint = endpoint};

	world_update(end_body, &x);
	return x.job;
}

static int put_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	(void)e;
	return ctm_store_job_put(txn, context);
}

void sides_put_job(const struct ctm_job *job)
{
	struct ctm_job copy = *job;

	world_update(put_body, &copy);
}

void sides_set_timeout(uint32_t job, uint64_t timeout_s)
{
	struct ctm_job changed = world_job(job);

	changed.timeout_s = timeout_s;
	sides_put_job(&changed);
}

struct progressing {
	uint32_t job;
	uint64_t bytes;
	struct ctm_message message;
};

static int tell_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct progressing *p = context;
	const struct ctm_progress_totals totals = {
		.bytes_total = 100, .bytes_transferred = p->bytes, .files_total = 2};
	const struct ctm_stamp now = ctm_clock_now();
	struct ctm_job job;

	(void)e;
	cr_assert_eq(ctm_store_job_get(txn, p->job, &job), 0);
	cr_assert_eq(
		ctm_outbox_progress(txn, &job, CTM_PROGRESS_DOWNLOADING_DATA, &totals, &now), 0);
	return ctm_store_job_put(txn, &job);
}

void sides_tell_progress(uint32_t job, uint64_t bytes)
{
	struct progressing p = {.job = job, .bytes = bytes};

	world_update(tell_body, &p);
}

static int progress_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct progressing *p = context;
	int r = ctm_store_progress_get(txn, p->job, &p->message);

	(void)e;
	return r == -ENOENT ? 0 : r;
}

struct ctm_message sides_progress(uint32_t job)
{
	struct progressing p = {.job = job};

	world_update(progress_body, &p);
	scratch_keep(p.message.source);
	scratch_keep(p.message.text);
	scratch_keep(p.message.error_message);
	return p.message;
}

static int succeed_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct ctm_totals totals = {.bytes = 100, .files = 2};
	const struct ctm_schedule schedule = ctm_outbox_schedule(world.config);
	const struct ctm_stamp now = ctm_clock_now();
	struct ctm_job job;

	(void)e;
	cr_assert_eq(ctm_store_job_get(txn, *(const uint32_t *)context, &job), 0);
	return ctm_outbox_succeed(txn, &job, &totals, &schedule, &now);
}

void sides_end(uint32_t job)
{
	world_update(succeed_body, &job);
}
