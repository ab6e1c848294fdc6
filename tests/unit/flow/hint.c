/* SPDX-License-Identifier: MIT */
#include "hint.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "outbox.h"
#include "world.h"

TestSuite(hint, .init = world_init, .fini = world_done);

struct asking {
	struct ctm_event event;
	char *id;
	int r;
};

static int ask_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct asking *a = context;

	(void)e;
	a->r = ctm_hint_renamed(txn, &a->event, &a->id);
	return 0;
}

/* The id of the job that the renamed file would be of, or NULL. */
static const char *hint(const char *name)
{
	struct asking a = {.event = world_event(CTM_EVENT_COMPLETE, 1, 1, name)};

	world_update(ask_body, &a);
	cr_expect_eq(a.r, a.id != NULL, "%d", a.r);
	return scratch_keep(a.id);
}

Test(hint, renamed)
{
	static const struct world_file files[] = {{"sub/setup.exe", 5, 0}, {"data", 5, 0x11}};

	world_add_listed(1, files, 2);
	cr_assert_not_null(hint("sub/setup.1.exe"));
	cr_expect_str_eq(hint("sub/setup.1.exe"), world_id(1));
	cr_assert_not_null(hint("data.12"));
	cr_expect_null(hint("setup.1.exe"), "in another directory");
	cr_expect_null(hint("sub/setup.exe"));
	cr_expect_null(hint("sub/setup.x.exe"));
	cr_expect_null(hint("sub/other.1.exe"));
	cr_expect_null(hint(""));
}

static int end_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const struct ctm_stamp now = ctm_clock_now();
	struct ctm_job job;

	(void)e;
	cr_assert_eq(ctm_store_job_get(txn, *(const uint32_t *)context, &job), 0);
	cr_assert_eq(ctm_job_end(&job, CTM_JOB_FAILED, &now), 0);
	return ctm_store_job_put(txn, &job);
}

Test(hint, ended_job)
{
	static const struct world_file files[] = {{"a.exe", 5, 0}};
	uint32_t job = world_add_listed(1, files, 1);

	world_update(end_body, &job);
	cr_expect_null(hint("a.1.exe"));
}
