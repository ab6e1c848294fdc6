/* SPDX-License-Identifier: MIT */
#include "trigger_write.h"
#include "world.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "hold.h"
#include "log.h"
#include "sidecars_seen.h"
#include "sight.h"

struct world world;

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

static void load_config(const char *more)
{
	struct ctm_error e = CTM_ERROR_INIT;
	char text[4096];

	snprintf(text, sizeof text,
		"[state]\ndir = %s/state\n[endpoint.ctm]\nurl = http://127.0.0.1:9/notify\n"
		"timeout = 1s\nallow = http://127.0.0.1:9/\n[endpoint.other]\n"
		"allow = https://ctm.example.net/\n[retry]\nschedule = 0, 5s, 5m\nlinger = 0\n%s",
		scratch_dir(), more);
	cr_assert_eq(ctm_config_load_file(
			     scratch_write("conf", text), &world.config, complain, NULL, &e),
		0, "%s", e.text);
}

void world_init(void)
{
	scratch_init();
	world.dl = scratch_make_dir("dl");
	load_config("");
	/* What the product logs is not what a test says. */
	ctm_log_setup("test", scratch_path("log"), CTM_LOG_TEXT, CTM_LOG_DEBUG, NULL);
	open_state();
}

void world_done(void)
{
	ctm_state_close(world.state);
	ctm_config_free(world.config);
	ctm_log_done();
	world = (struct world){0};
	scratch_done();
}

void world_reopen(void)
{
	ctm_state_close(world.state);
	open_state();
}

void world_configure(const char *more)
{
	ctm_state_close(world.state);
	ctm_config_free(world.config);
	world.config = NULL;
	load_config(more);
	open_state();
}

struct ctm_stamp world_now(void)
{
	struct ctm_stamp now = ctm_clock_now();

	now.boot_ms += world.ahead_ms;
	now.wall_ms += (int64_t)world.ahead_ms;
	return now;
}

int world_update(ctm_store_body *body, void *context)
{
	struct ctm_error e = CTM_ERROR_INIT;
	int r;

	cr_assert_eq(ctm_hold_wait(world.state, 10000, &e), 0, "%s", e.text);
	r = ctm_trigger_update(world.state, body, context, &e);
	ctm_trigger_settle(world.state, NULL);
	ctm_hold_release(world.state);
	cr_assert_geq(r, 0, "%d: %s", r, e.text);
	return r;
}

const char *world_id(unsigned n)
{
	char *id = NULL;

	cr_assert_geq(asprintf(&id, "{00000000-0000-0000-0000-%012u}", n), 0);
	return scratch_keep(id);
}

const char *world_path(const char *name)
{
	char *path = NULL;

	cr_assert_geq(asprintf(&path, "%s/%s", world.dl, name), 0);
	return scratch_keep(path);
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
	const struct ctm_stamp now = world_now();

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
		.wall_ms = world_now().wall_ms,
	};
}

static struct ctm_fold fold_now(void)
{
	return (struct ctm_fold){
		.config = world.config, .now = world_now(), .in_hook = world.in_hook};
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
	ctm_fold_again(&f->fold);
	for (size_t i = 0; r >= 0 && i < f->n; i++) {
		r = ctm_fold_event(txn, &f->events[i], &f->fold);
		f->claimed += r > 0;
	}
	return r < 0 ? r : ctm_fold_decide(txn, &f->fold);
}

int world_fold(const struct ctm_event *events, size_t n)
{
	struct folding f = {.events = events, .n = n, .fold = fold_now()};

	world_update(fold_body, &f);
	world.work = f.fold.work;
	world.changed = f.fold.jobs.n;
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
	struct ctm_message progress;
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
		r = ctm_store_progress_get(txn, s->job, &s->progress);
	if (r == 0 || r == -ENOENT)
		r = ctm_store_work_each(txn, find_work, s);
	return r == -ENOENT ? 0 : r;
}

static void keep_message(const struct ctm_message *message)
{
	scratch_keep(message->source);
	scratch_keep(message->text);
	scratch_keep(message->error_message);
}

static struct seeing see(struct seeing s)
{
	world_update(see_body, &s);
	scratch_keep(s.text.id);
	scratch_keep(s.text.endpoint);
	scratch_keep(s.text.client_data);
	scratch_keep(s.text.content_id);
	scratch_keep(s.text.content_version);
	scratch_keep(s.text.local_path);
	scratch_keep(s.text.sidecar);
	scratch_keep(s.text.cause);
	scratch_keep(s.file.path);
	scratch_keep(s.file.why);
	keep_message(&s.message);
	keep_message(&s.progress);
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

struct ctm_message world_progress(uint32_t job)
{
	return see((struct seeing){.job = job}).progress;
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
	const struct ctm_cause *cause;
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
	cr_assert_eq(ctm_job_withdraw(&job, &file, w->cause), 1);
	cr_assert_eq(ctm_store_job_put(txn, &job), 0);
	r = ctm_store_file_put(txn, &file);
	ctm_file_done(&file);
	if (r == 0)
		r = ctm_numbers_add(&w->fold.jobs, w->job);
	return r < 0 ? r : ctm_fold_decide(txn, &w->fold);
}

void world_withdraw(uint32_t job, uint32_t number)
{
	const struct ctm_cause cause = {
		.hresult = 0x80004005, .since_ms = world_now().wall_ms, .text = "it is wrong"};
	struct withdrawing w = {.job = job, .number = number, .cause = &cause, .fold = fold_now()};

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

struct changing {
	uint32_t job;
	world_change_job *change;
};

static int change_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct changing *c = context;
	struct ctm_job job;

	(void)e;
	cr_assert_eq(ctm_store_job_get(txn, c->job, &job), 0);
	c->change(&job);
	return ctm_store_job_put(txn, &job);
}

void world_change(uint32_t job, world_change_job *change)
{
	struct changing c = {.job = job, .change = change};

	world_update(change_body, &c);
}

char *world_text_of(const char *text)
{
	return scratch_keep(strdup(text));
}

struct ctm_report world_report(enum ctm_report_status status, uint64_t gid, const char *name)
{
	struct ctm_report report = {
		.gid = gid,
		.status = status,
		.error_message = world_text_of(""),
		.dir = world_text_of(world.dl),
		.asked_ms = world_now().wall_ms,
		.n_files = 1,
		.files = scratch_keep(calloc(1, sizeof *report.files)),
	};

	cr_assert_not_null(report.files);
	report.files[0] = world_report_file(name);
	return report;
}

struct ctm_report_file world_report_file(const char *name)
{
	const char *path = name[0] ? world_path(name) : "";
	const struct ctm_sight sight = ctm_sight_see(path);

	return (struct ctm_report_file){
		.path = world_text_of(path),
		.uri = world_text_of(""),
		.bytes = sight.size,
		.selected = true,
		.sight = sight,
	};
}

struct reporting {
	const struct ctm_report *reports;
	size_t n;
	bool poll;
	bool all;
	struct ctm_fold fold;
};

static int report_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct reporting *p = context;
	int r = 0;

	(void)e;
	ctm_fold_again(&p->fold);
	if (p->poll)
		r = ctm_fold_poll(txn, p->reports, p->n, p->all, &p->fold);
	for (size_t i = 0; !p->poll && r == 0 && i < p->n; i++)
		r = ctm_fold_report(txn, &p->reports[i], &p->fold);
	return r < 0 ? r : ctm_fold_decide(txn, &p->fold);
}

static void fold_reports(const struct ctm_report *reports, size_t n, bool poll, bool all)
{
	struct reporting p = {
		.reports = reports, .n = n, .poll = poll, .all = all, .fold = fold_now()};

	world_update(report_body, &p);
	world.work = p.fold.work;
	ctm_fold_done(&p.fold);
}

void world_answer(const struct ctm_report *report)
{
	static char none[] = "";
	const bool failed = report->status == CTM_REPORT_ERROR;
	const struct ctm_event event = {
		.type = failed ? CTM_EVENT_ERROR : CTM_EVENT_STOP,
		.gid = report->gid,
		.n_files = (uint32_t)report->n_files,
		.path = report->n_files ? report->files[0].path : none,
		.wall_ms = report->asked_ms,
	};
	struct ctm_report answer = *report;

	if (!answer.event)
		answer.event = &event;
	fold_reports(&answer, 1, false, false);
}

void world_poll(const struct ctm_report *reports, size_t n, bool all)
{
	fold_reports(reports, n, true, all);
}

struct asking {
	uint64_t gid;
	enum ctm_event_type type;
	uint32_t n;
	struct ctm_known known;
};

static int count_question(struct ctm_txn *txn, const struct ctm_question *question, void *context)
{
	struct asking *a = context;

	(void)txn;
	a->n += (!a->gid || question->event.gid == a->gid) &&
		(!a->type || question->event.type == a->type);
	return 0;
}

static int ask_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct asking *a = context;
	int r = ctm_store_known_get(txn, a->gid, &a->known);

	(void)e;
	return r < 0 ? r : ctm_store_question_each(txn, count_question, a);
}

uint32_t world_questions(uint64_t gid, enum ctm_event_type type)
{
	struct asking a = {.gid = gid, .type = type};

	world_update(ask_body, &a);
	return a.n;
}

struct ctm_known world_known(uint64_t gid)
{
	struct asking a = {.gid = gid};

	world_update(ask_body, &a);
	return a.known;
}

struct knowing {
	uint64_t gid;
	const struct ctm_known *known;
};

static int know_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct knowing *k = context;

	(void)e;
	return k->known ? ctm_store_known_put(txn, k->gid, k->known)
			: ctm_store_known_delete(txn, k->gid);
}

void world_know(uint64_t gid, const struct ctm_known *known)
{
	struct knowing k = {.gid = gid, .known = known};

	world_update(know_body, &k);
}

static int ended_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	(void)e;
	return ctm_store_ended_put(txn, world.dl, *(const int64_t *)context);
}

void world_ended(int64_t ended_ms)
{
	world_update(ended_body, &ended_ms);
}

struct giving {
	uint32_t job;
	uint32_t number;
	const char *uri;
};

static int give_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct giving *g = context;
	const uint64_t hash = ctm_store_uri_hash(g->uri);
	struct ctm_file file;
	int r = ctm_store_file_get(txn, g->job, g->number, &file);

	(void)e;
	if (r < 0)
		return r;
	r = ctm_store_file_set_uris(txn, &file, &hash, 1);
	ctm_file_done(&file);
	return r;
}

void world_give_uri(uint32_t job, uint32_t number, const char *uri)
{
	struct giving g = {.job = job, .number = number, .uri = uri};

	world_update(give_body, &g);
}
