/* SPDX-License-Identifier: MIT */
#include "remark.h"

#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "world.h"

TestSuite(remark, .init = world_init, .fini = world_done);

static const struct world_file one[] = {{"a", 0, 0}};

static void log_to(enum ctm_log_level level)
{
	cr_assert_eq(ctm_log_setup("test", scratch_path("log"), CTM_LOG_TEXT, level, NULL), 0);
}

/* What the log has; lives until the next call. */
static const char *log_text(void)
{
	static char text[1 << 18];
	FILE *f;
	size_t n = 0;

	ctm_log_done();
	f = fopen(scratch_path("log"), "r");
	if (f) {
		n = fread(text, 1, sizeof text - 1, f);
		fclose(f);
	}
	text[n] = '\0';
	return text;
}

static int resolve_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	(void)e;
	/* A body can run again. */
	cr_assert_eq(ctm_remarks_resolve(txn, context), 0);
	cr_assert_eq(ctm_remarks_resolve(txn, context), 0);
	return 0;
}

static int delete_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	const uint32_t *job = context;

	(void)e;
	return ctm_store_job_delete(txn, *job);
}

Test(remark, job_and_gid)
{
	struct ctm_remarks remarks = {0};
	const uint32_t job = world_add_listed(1, one, 1);
	const char *text;

	log_to(CTM_LOG_INFO);
	ctm_remarks_add(&remarks, CTM_LOG_INFO, job, 0x2089b05ecca3d829, 0x80190194, "%s", "why");
	world_update(resolve_body, &remarks);
	ctm_remarks_log(&remarks);
	text = log_text();
	cr_expect_not_null(strstr(text, world_id(1)), "%s", text);
	cr_expect_not_null(strstr(text, "2089b05ecca3d829"), "%s", text);
	cr_expect_not_null(strstr(text, "0x80190194"), "%s", text);
	cr_expect_not_null(strstr(text, "why"), "%s", text);
	ctm_remarks_done(&remarks);
	ctm_remarks_done(&remarks);
}

Test(remark, what_is_not_wanted_is_not_kept)
{
	struct ctm_remarks remarks = {0};

	log_to(CTM_LOG_WARNING);
	ctm_remarks_add(&remarks, CTM_LOG_INFO, 1, 0, 0, "x");
	cr_expect_eq(remarks.n, 0);
	cr_expect_null(remarks.items, "a hook pays nothing for it");
	ctm_remarks_add(&remarks, CTM_LOG_WARNING, 1, 0, 0, "x");
	cr_expect_eq(remarks.n, 1);
	ctm_remarks_clear(&remarks);
	cr_expect_eq(remarks.n, 0);
	ctm_remarks_done(&remarks);
}

/* What is done to it last may be that it goes: its name was found before. */
Test(remark, job_that_is_gone)
{
	struct ctm_remarks remarks = {0};
	uint32_t job = world_add_listed(1, one, 1);
	const char *text;

	log_to(CTM_LOG_INFO);
	ctm_remarks_add(&remarks, CTM_LOG_INFO, job, 0, 0, "forgotten by hand");
	ctm_remarks_add(&remarks, CTM_LOG_INFO, job + 1, 0, 0, "never there");
	world_update(resolve_body, &remarks);
	world_update(delete_body, &job);
	world_update(resolve_body, &remarks);
	ctm_remarks_log(&remarks);
	text = log_text();
	cr_expect_not_null(strstr(text, world_id(1)), "%s", text);
	cr_expect_not_null(strstr(text, "never there"), "%s", text);
	ctm_remarks_done(&remarks);
}

Test(remark, limit)
{
	struct ctm_remarks remarks = {0};

	log_to(CTM_LOG_DEBUG);
	for (unsigned i = 0; i < 1100; i++)
		ctm_remarks_add(&remarks, CTM_LOG_DEBUG, 1, 0, 0, "%u", i);
	cr_expect_eq(remarks.n, 1000);
	ctm_remarks_done(&remarks);
}
