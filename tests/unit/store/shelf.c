/* SPDX-License-Identifier: MIT */
#include "shelf.h"

#include <stdio.h>

struct ctm_store *shelf;

static void open_shelf(void)
{
	struct ctm_error e = CTM_ERROR_INIT;

	cr_assert_eq(ctm_store_open(scratch_path(CTM_STORE_FILE), &shelf, &e), 0, "%s", e.text);
}

void shelf_init(void)
{
	scratch_init();
	open_shelf();
}

void shelf_done(void)
{
	ctm_store_close(shelf);
	shelf = NULL;
	scratch_done();
}

void shelf_reopen(void)
{
	ctm_store_close(shelf);
	open_shelf();
}

struct running {
	void (*body)(struct ctm_txn *txn);
};

static int run_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct running *running = context;

	(void)e;
	running->body(txn);
	return 0;
}

void shelf_run(void (*body)(struct ctm_txn *txn))
{
	struct running running = {.body = body};
	struct ctm_error e = CTM_ERROR_INIT;

	cr_assert_eq(ctm_store_update(shelf, run_body, &running, &e), 0, "%s", e.text);
}

char *shelf_id(unsigned n)
{
	static char id[64];

	snprintf(id, sizeof id, "{00000000-0000-0000-0000-%012u}", n);
	return id;
}

struct ctm_job shelf_job(struct ctm_txn *txn, unsigned id)
{
	char local_path[32];
	char sidecar[] = "/jobs/x.ctm.ini";
	struct ctm_job job = {
		.state = CTM_JOB_OPEN, .kind = CTM_KIND_LISTED, .files_total = 2, .next_file = 1};
	const struct ctm_job_text text = {
		.id = shelf_id(id), .local_path = local_path, .sidecar = sidecar};

	snprintf(local_path, sizeof local_path, "/srv/%u", id);
	cr_assert_eq(ctm_store_job_add(txn, &job, &text), 0);
	return job;
}

struct ctm_file shelf_file(struct ctm_txn *txn, struct ctm_job *job, const char *path, uint64_t gid)
{
	struct ctm_file file = {.path = (char *)(uintptr_t)path, .gid = gid, .count = 1};

	cr_assert_eq(ctm_store_file_add(txn, job, &file), 0);
	return file;
}
