/* SPDX-License-Identifier: MIT */
#include "expire_sidecars.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "hresult.h"
#include "scan.h"
#include "sides.h"
#include "world.h"

TestSuite(expire_sidecars, .init = world_init, .fini = world_done);

#define PATH "state/jobs/one.ctm.ini"

static void scan(void)
{
	struct ctm_scan scan = {.again = true};
	struct ctm_error e = CTM_ERROR_INIT;

	cr_assert_eq(ctm_scan(world.state, &scan, &e), 0, "%s", e.text);
}

/* A sidecar of that job is there, and has been read. `rest` follows id and endpoint. */
static const char *put(unsigned id, const char *name, const char *rest)
{
	char text[1024];
	const char *path;

	snprintf(text, sizeof text, "[job]\nid = %s\nendpoint = ctm\nlocal_path = %s\n%s",
		world_id(id), world.dl, rest);
	path = scratch_write(name, text);
	scan();
	return path;
}

static const char bad[] = "client_data = opaque \"data\"\nkind = listed\nfiles_total = many\n";

struct ageing {
	const char *path;
	uint64_t age_s;
};

static int age_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct ageing *a = context;
	struct ctm_sidecar_record record;
	int r = ctm_store_sidecar_get(txn, a->path, &record);

	(void)e;
	cr_assert_eq(r, 0);
	record.age_ms = a->age_s * 1000;
	r = ctm_store_sidecar_put(txn, &record);
	ctm_sidecar_record_done(&record);
	return r;
}

static void grow_old(uint64_t age_s)
{
	struct ageing a = {.path = scratch_path(PATH), .age_s = age_s};

	world_update(age_body, &a);
}

static void expire(void)
{
	struct ctm_error e = CTM_ERROR_INIT;

	world.state->work = false;
	cr_assert_eq(ctm_expire_sidecars(world.state, &e), 0, "%s", e.text);
}

static int count(struct ctm_txn *txn, const struct ctm_job *job, void *context)
{
	(void)txn;
	(void)job;
	++*(unsigned *)context;
	return 0;
}

static int count_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	(void)e;
	*(unsigned *)context = 0;
	return ctm_store_job_each(txn, count, context);
}

static unsigned jobs(void)
{
	unsigned n;

	world_update(count_body, &n);
	return n;
}

Test(expire_sidecars, never_mended)
{
	const uint64_t limit_s = world.config->give_up_s;
	struct ctm_message message;
	uint32_t job;

	put(1, PATH, bad);
	cr_assert_eq(sides_record(scratch_path(PATH)).fate, CTM_FATE_INVALID);
	expire();
	cr_expect_eq(jobs(), 0);
	grow_old(limit_s - 60);
	expire();
	cr_expect_eq(jobs(), 0);
	cr_expect_not(world.state->work);
	grow_old(limit_s);
	expire();
	cr_assert_eq(jobs(), 1);
	cr_expect(world.state->work);
	job = sides_record(scratch_path(PATH)).job;
	cr_expect_eq(world_job(job).state, CTM_JOB_FAILED);
	cr_expect_str_eq(world_text(job).id, world_id(1));
	cr_expect_str_eq(world_text(job).endpoint, "ctm");
	cr_expect_str_eq(world_text(job).client_data, "opaque \"data\"", "sent back verbatim");
	cr_expect_str_eq(world_text(job).sidecar, scratch_path(PATH));
	message = world_message(job);
	cr_assert_not_null(message.source);
	cr_expect_eq(message.kind, CTM_MESSAGE_ERROR);
	cr_expect_eq(message.error_code, CTM_E_INVALID_DATA);
	cr_expect_not_null(
		strstr(message.error_message, "files_total"), "%s", message.error_message);
	cr_expect(world_has_work(CTM_WORK_SEND, job));

	expire();
	scan();
	expire();
	cr_expect_eq(jobs(), 1, "once");
	cr_expect_eq(world_message(job).time_s, message.time_s);
}

/* It ages while nobody changes it, and by what passes. */
Test(expire_sidecars, ages)
{
	put(1, PATH, bad);
	grow_old(100);
	expire();
	scan();
	cr_expect_geq(sides_record(scratch_path(PATH)).age_ms, 100000);
	cr_expect_lt(sides_record(scratch_path(PATH)).age_ms, 110000);
}

/* Nobody can be told. */
Test(expire_sidecars, without_id)
{
	scratch_write(PATH, "[job]\nendpoint = ctm\nkind = listed\n");
	scan();
	cr_assert_eq(sides_record(scratch_path(PATH)).fate, CTM_FATE_INVALID);
	grow_old(world.config->give_up_s * 10);
	expire();
	cr_expect_eq(jobs(), 0);
}

Test(expire_sidecars, without_endpoint)
{
	char text[256];

	snprintf(text, sizeof text, "[job]\nid = %s\nkind = listed\n", world_id(1));
	scratch_write(PATH, text);
	scan();
	grow_old(world.config->give_up_s * 10);
	expire();
	cr_expect_eq(jobs(), 0);
}

Test(expire_sidecars, id_is_no_guid)
{
	scratch_write(PATH, "[job]\nid = seven\nendpoint = ctm\nkind = listed\n");
	scan();
	grow_old(world.config->give_up_s * 10);
	expire();
	cr_expect_eq(jobs(), 0);
	cr_expect_not(world.state->work);
}

Test(expire_sidecars, mended_in_time)
{
	const char good[] = "kind = listed\nfiles_total = 1\n[file.1]\npath = a\n";

	put(1, PATH, bad);
	grow_old(world.config->give_up_s);
	put(1, PATH, good);
	expire();
	cr_assert_eq(jobs(), 1);
	cr_expect_eq(world_job(1).state, CTM_JOB_OPEN);
	cr_expect_null(world_message(1).source);
}

/* The first end stands. */
Test(expire_sidecars, mended_too_late)
{
	const char good[] = "kind = listed\nfiles_total = 1\n[file.1]\npath = a\n";

	put(1, PATH, bad);
	grow_old(world.config->give_up_s);
	expire();
	cr_assert_eq(jobs(), 1);
	put(1, PATH, good);
	expire();
	cr_expect_eq(jobs(), 1);
	cr_expect_eq(world_job(1).state, CTM_JOB_FAILED);
	world_fold_one(CTM_EVENT_COMPLETE, 1, 1, "a");
	cr_expect_eq(world_job(1).state, CTM_JOB_FAILED);
}

/* Another sidecar's job has that id: its word is the one. */
Test(expire_sidecars, id_of_another)
{
	put(1, "state/jobs/first.ctm.ini", "kind = listed\nfiles_total = 1\n[file.1]\npath = a\n");
	put(1, PATH, bad);
	grow_old(world.config->give_up_s);
	expire();
	expire();
	cr_expect_eq(jobs(), 1);
	cr_expect_eq(world_job(1).state, CTM_JOB_OPEN);
	cr_expect_null(world_message(1).source);
}

/* Hundreds to whom no word is owed do not stand before the one to whom it is. */
Test(expire_sidecars, behind_many_of_another)
{
	enum {
		MANY = 250
	};
	char text[256];

	put(1, "state/jobs/first.ctm.ini", "kind = listed\nfiles_total = 1\n[file.1]\npath = a\n");
	snprintf(text, sizeof text, "[job]\nid = %s\nendpoint = ctm\nkind = nonsense\n",
		world_id(1));
	for (unsigned i = 0; i < MANY; i++) {
		char name[64];

		snprintf(name, sizeof name, "state/jobs/a%03u.ctm.ini", i);
		scratch_write(name, text);
	}
	put(2, PATH, bad);
	for (unsigned i = 0; i < MANY; i++) {
		char name[64];
		struct ageing a = {.age_s = world.config->give_up_s};

		snprintf(name, sizeof name, "state/jobs/a%03u.ctm.ini", i);
		a.path = scratch_path(name);
		world_update(age_body, &a);
	}
	grow_old(world.config->give_up_s);
	expire();
	cr_assert_eq(jobs(), 2);
	cr_expect_eq(world_job(2).state, CTM_JOB_FAILED);
	cr_expect_str_eq(world_text(2).id, world_id(2));
}

/* It can't even be read any more: its client_data is lost, its word is not. */
Test(expire_sidecars, gone)
{
	put(1, PATH, bad);
	grow_old(world.config->give_up_s);
	cr_assert_eq(unlink(scratch_path(PATH)), 0);
	expire();
	cr_assert_eq(jobs(), 1);
	cr_expect_str_eq(world_text(1).client_data, "");
	cr_expect_eq(world_message(1).error_code, CTM_E_INVALID_DATA);
}
