/* SPDX-License-Identifier: MIT */
#include "status_table.h"

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(status_table, .fini = ctm_test_check_leaks);

#define ID "{3F2504E0-4F89-11D3-9A0C-0305E82C3301}"

/* Literals are only read. */
static char *text(const char *s)
{
	return (char *)(uintptr_t)s;
}

static struct ctm_status_job sample(void)
{
	return (struct ctm_status_job){
		.job = {.number = 1,
			.state = CTM_JOB_OPEN,
			.kind = CTM_KIND_LISTED,
			.priority = CTM_PRIORITY_HIGH,
			.files_total = 4,
			.files_evident = 3,
			.has_bytes_total = true,
			.bytes_total = 4096,
			.bytes_evident = 2048,
			.age_ms = 240000},
		.text = {.id = text(ID),
			.endpoint = text("ctm"),
			.content_id = text("PS1"),
			.content_version = text("3"),
			.local_path = text("/d"),
			.sidecar = text("/s.ctm.ini"),
			.cause = text("")},
	};
}

static void expect_rest(const struct ctm_status *status, const char *wanted)
{
	CTM_CLEANUP_BUF struct ctm_buf out = CTM_BUF_INIT(65536);
	struct ctm_lines lines = {.out = &out, .width = CTM_LINES_NO_LIMIT};
	const struct ctm_config config = {.unclaimed_s = 3600};

	ctm_status_add_rest(&lines, status, &config);
	cr_expect_str_eq(out.data ? out.data : "", wanted);
}

Test(status_table, last_flush)
{
	struct ctm_status_job job = sample();
	struct ctm_status status = {
		.jobs = &job, .n_jobs = 1, .all = true, .now.wall_ms = 1000000000};

	expect_rest(
		&status, "last flush: never; nothing runs flush: \"aria2-ctm check\" says how\n");
	status.flushed_s = 1000000 - 299;
	expect_rest(&status, "last flush: 4 min ago\n");
	status.flushed_s = 1000000 - 300;
	expect_rest(&status,
		"last flush: 5 min ago; nothing runs flush: \"aria2-ctm check\" says how\n");
	job.job.state = CTM_JOB_FAILED;
	expect_rest(&status, "last flush: 5 min ago\n");
	status.flushed_s = 0;
	expect_rest(&status, "");
	status.flushed_s = 2000000;
	expect_rest(&status, "last flush: 0 s ago\n");
}

Test(status_table, sidecars_and_events)
{
	struct ctm_sidecar_record records[] = {
		{.path = text("/j/a"), .fate = CTM_FATE_INVALID, .complaint = text("/j/a:3: bad")},
		{.path = text("/j/b"), .fate = CTM_FATE_DUPLICATE, .complaint = text("the id")},
		{.path = text("/j/c"),
			.fate = CTM_FATE_INVALID,
			.job = 1,
			.complaint = text("/j/c:3: bad")},
	};
	const struct ctm_status status = {
		.sidecars = records, .n_sidecars = 3, .all = true, .unclaimed = 1, .flushed_s = 1};

	expect_rest(&status, "no jobs\n"
			     "invalid sidecar: /j/a:3: bad\n"
			     "duplicate sidecar: /j/b: the id\n"
			     "invalid sidecar: /j/c:3: bad; for its job the last good text counts\n"
			     "1 event of no job; each waits 1 h for a sidecar that names its file\n"
			     "last flush: 0 s ago\n");
}
