/* SPDX-License-Identifier: MIT */
#include "world.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "hold.h"
#include "log.h"
#include "sidecars_seen.h"

struct world world;

/* What lives until world_done(). */
static void **kept;
static size_t n_kept;

void *world_keep(void *memory)
{
	if (!memory)
		return NULL;
	kept = reallocarray(kept, n_kept + 1, sizeof *kept);
	cr_assert_not_null(kept);
	return kept[n_kept++] = memory;
}

static void complain(void *context, const struct ctm_error *complaint)
{
	(void)context;
	cr_expect_eq(complaint->code, 0, "%s", complaint->text);
}

static void open_state(void)
{
	struct ctm_error e = CTM_ERROR_INIT;

	cr_assert_eq(
		ctm_state_open(world.config, CTM_STATE_CREATE, &world.state, &e), 0, "%s", e.text);
}

void world_init(void)
{
	struct ctm_error e = CTM_ERROR_INIT;
	char text[4096];

	scratch_init();
	world.dl = scratch_make_dir("dl");
	snprintf(text, sizeof text,
		"[state]\ndir = %s/state\n[endpoint.ctm]\nurl = http://127.0.0.1:9/notify\n"
		"timeout = 1s\nallow = http://127.0.0.1:9/\n[endpoint.other]\n"
		"allow = https://ctm.example.net/\n[retry]\nschedule = 0, 5s, 5m\nlinger = 0\n",
		scratch_dir());
	cr_assert_eq(ctm_config_load_file(
			     scratch_write("conf", text), &world.config, complain, NULL, &e),
		0, "%s", e.text);
	/* What the product logs is not what a test says. */
	ctm_log_setup("test", scratch_path("log"), CTM_LOG_TEXT, CTM_LOG_DEBUG);
	open_state();
}

void world_done(void)
{
	ctm_state_close(world.state);
	ctm_config_free(world.config);
	ctm_log_done();
	while (n_kept)
		free(kept[--n_kept]);
	free(kept);
	kept = NULL;
	world = (struct world){0};
	scratch_done();
}

void world_reopen(void)
{
	ctm_state_close(world.state);
	open_state();
}

int world_update(ctm_store_body *body, void *context)
{
	struct ctm_error e = CTM_ERROR_INIT;
	int r;

	cr_assert_eq(ctm_hold_wait(world.state, 10000, &e), 0, "%s", e.text);
	r = ctm_store_update(world.state->store, body, context, &e);
	ctm_hold_release(world.state);
	cr_assert_geq(r, 0, "%d: %s", r, e.text);
	return r;
}

const char *world_id(unsigned n)
{
	char *id = NULL;

	cr_assert_geq(asprintf(&id, "{00000000-0000-0000-0000-%012u}", n), 0);
	return world_keep(id);
}

const char *world_path(const char *name)
{
	char *path = NULL;

	cr_assert_geq(asprintf(&path, "%s/%s", world.dl, name), 0);
	return world_keep(path);
}

struct adding {
	struct ctm_job job;
	struct ctm_job_text text;
	const struct world_file *files;
	uint32_t n;
};

static int add_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct adding *a = context;
	struct ctm_job job = a->job;
	int r = ctm_store_job_add(txn, &job, &a->text);

	(void)e;
	if (r == 0 && job.kind != CTM_KIND_LISTED)
		r = ctm_store_root_add(txn, job.number, a->text.local_path);
	for (uint32_t i = 0; r == 0 && i < a->n; i++) {
		struct ctm_file file = {
			.path = (char *)(uintptr_t)world_path(a->files[i].name),
			.has_size = a->files[i].size > 0,
			.size = a->files[i].size,
			.gid = a->files[i].gid,
			.count = 1,
		};

		r = ctm_store_file_add(txn, &job, &file);
	}
	if (r == 0)
		r = ctm_store_job_put(txn, &job);
	a->job.number = job.number;
	return r;
}

static uint32_t add_job(struct adding *a, unsigned id, const char *local_path)
{
	static char endpoint[] = "ctm";
	static char client_data[] = "opaque";
	const struct ctm_stamp now = ctm_clock_now();

	a->job.state = CTM_JOB_OPEN;
	a->job.priority = CTM_PRIORITY_NORMAL;
	a->job.next_file = 1;
	a->job.seen = a->job.look_from = now;
	a->job.created_ms = now.wall_ms;
	a->job.local_len = (uint32_t)strlen(local_path);
	a->text.id = (char *)(uintptr_t)world_id(id);
	a->text.endpoint = endpoint;
	a->text.client_data = client_data;
	a->text.local_path = (char *)(uintptr_t)local_path;
	a->text.sidecar = (char *)(uintptr_t)scratch_path("state/jobs/made.ctm.ini");
	world_update(add_body, a);
	return a->job.number;
}

uint32_t world_add_listed(unsigned id, const struct world_file *files, uint32_t n)
{
	struct adding a = {
		.job = {.kind = CTM_KIND_LISTED, .files_total = n}, .files = files, .n = n};

	return add_job(&a, id, world.dl);
}

uint32_t world_add_counted(
	unsigned id, enum ctm_kind kind, const char *local_name, uint32_t files_total)
{
	struct adding a = {.job = {.kind = kind, .files_total = files_total}};

	return add_job(&a, id, local_name[0] ? world_path(local_name) : world.dl);
}

struct ctm_event world_event(
	enum ctm_event_type type, uint64_t gid, uint32_t n_files, const char *name)
{
	return (struct ctm_event){
		.type = type,
		.gid = gid,
		.n_files = n_files,
		.path = (char *)(uintptr_t)(name[0] ? world_path(name) : ""),
		.wall_ms = ctm_clock_wall_ms(),
	};
}

struct folding {
	const struct ctm_event *events;
	size_t n;
	struct ctm_fold fold;
	int claimed;
};

static int fold_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct folding *f = context;
	int r = 0;

	(void)e;
	f->claimed = 0;
	f->fold.jobs.n = 0;
	for (size_t i = 0; r >= 0 && i < f->n; i++) {
		r = ctm_fold_event(txn, &f->events[i], &f->fold);
		f->claimed += r > 0;
	}
	return r < 0 ? r : ctm_fold_decide(txn, &f->fold);
}

int world_fold(const struct ctm_event *events, size_t n)
{
	struct folding f = {.events = events, .n = n, .fold = {.now = ctm_clock_now()}};

	world_update(fold_body, &f);
	ctm_fold_done(&f.fold);
	return f.claimed;
}

int world_fold_one(enum ctm_event_type type, uint64_t gid, uint32_t n_files, const char *name)
{
	const struct ctm_event event = world_event(type, gid, n_files, name);

	return world_fold(&event, 1);
}

struct seeing {
	uint32_t job;
	uint32_t number;
	struct ctm_job found_job;
	struct ctm_job_text text;
	struct ctm_file file;
	struct ctm_message message;
	enum ctm_work work;
	bool has_work;
	uint32_t unclaimed;
};

static int find_work(struct ctm_txn *txn, enum ctm_work work, uint32_t job, void *context)
{
	struct seeing *s = context;

	(void)txn;
	s->has_work |= work == s->work && job == s->job;
	return 0;
}

static int see_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct seeing *s = context;
	int r = ctm_store_unclaimed_count(txn, &s->unclaimed);

	(void)e;
	if (r == 0 && s->job) {
		r = ctm_store_job_get(txn, s->job, &s->found_job);
		if (r == 0)
			r = ctm_store_text_get(txn, s->job, &s->text);
	}
	if (r == 0 && s->number)
		r = ctm_store_file_get(txn, s->job, s->number, &s->file);
	if (r == 0 || r == -ENOENT)
		r = ctm_store_message_get(txn, s->job, &s->message);
	if (r == 0 || r == -ENOENT)
		r = ctm_store_work_each(txn, find_work, s);
	return r == -ENOENT ? 0 : r;
}

static struct seeing see(struct seeing s)
{
	world_update(see_body, &s);
	world_keep(s.text.id);
	world_keep(s.text.endpoint);
	world_keep(s.text.client_data);
	world_keep(s.text.content_id);
	world_keep(s.text.content_version);
	world_keep(s.text.local_path);
	world_keep(s.text.sidecar);
	world_keep(s.text.cause);
	world_keep(s.file.path);
	world_keep(s.message.source);
	world_keep(s.message.text);
	return s;
}

struct ctm_job world_job(uint32_t number)
{
	return see((struct seeing){.job = number}).found_job;
}

struct ctm_job_text world_text(uint32_t number)
{
	return see((struct seeing){.job = number}).text;
}

struct ctm_file world_file(uint32_t job, uint32_t number)
{
	return see((struct seeing){.job = job, .number = number}).file;
}

struct ctm_message world_message(uint32_t job)
{
	return see((struct seeing){.job = job}).message;
}

bool world_has_work(enum ctm_work work, uint32_t job)
{
	return see((struct seeing){.job = job, .work = work}).has_work;
}

uint32_t world_unclaimed(void)
{
	return see((struct seeing){0}).unclaimed;
}

struct withdrawing {
	uint32_t job;
	uint32_t number;
	struct ctm_fold fold;
};

static int withdraw_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct withdrawing *w = context;
	struct ctm_file file;
	struct ctm_job job;
	int r;

	(void)e;
	cr_assert_eq(ctm_store_job_get(txn, w->job, &job), 0);
	cr_assert_eq(ctm_store_file_get(txn, w->job, w->number, &file), 0);
	cr_assert(ctm_job_withdraw(&job, &file, 0x80004005));
	cr_assert_eq(ctm_store_job_put(txn, &job), 0);
	r = ctm_store_file_put(txn, &file);
	ctm_file_done(&file);
	if (r == 0)
		r = ctm_numbers_add(&w->fold.jobs, w->job);
	return r < 0 ? r : ctm_fold_decide(txn, &w->fold);
}

void world_withdraw(uint32_t job, uint32_t number)
{
	struct withdrawing w = {.job = job, .number = number, .fold = {.now = ctm_clock_now()}};

	world_update(withdraw_body, &w);
	ctm_fold_done(&w.fold);
}

static int forget_one(struct ctm_txn *txn, const struct ctm_unclaimed *unclaimed, void *context)
{
	(void)context;
	return ctm_store_unclaimed_delete(txn, unclaimed);
}

static int forget_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	(void)e;
	return ctm_store_unclaimed_each(txn, forget_one, context);
}

void world_forget(void)
{
	world_update(forget_body, NULL);
}

static int scanned_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	(void)context;
	(void)e;
	return ctm_store_setting_put(
		txn, CTM_SETTING_SCANNED_MTIME, ctm_sidecars_mtime(world.config));
}

void world_scanned(void)
{
	world_update(scanned_body, NULL);
}
