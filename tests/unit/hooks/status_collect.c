/* SPDX-License-Identifier: MIT */
#include "status_collect.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "drain.h"
#include "scratch.h"

TestSuite(status_collect, .init = test_enter, .fini = test_leave);

static char *text(const char *s)
{
	return (char *)(uintptr_t)s;
}

#define ID(n) "3f2504e0-4f89-11d3-9a0c-0305e82c330" n

/* Three jobs, one with a message; two sidecars, one of them a job's. */
static int fill(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	static const char *const ids[] = {ID("1"), ID("2"), "aaaaaaaa-0000-0000-0000-000000000000"};
	struct ctm_message message = {
		.job = 2, .kind = CTM_MESSAGE_SUCCESS, .state = CTM_MESSAGE_SENT};
	struct ctm_sidecar_record good = {.path = text("/j/good"), .fate = CTM_FATE_REGISTERED};
	struct ctm_sidecar_record bad = {
		.path = text("/j/bad"), .fate = CTM_FATE_INVALID, .job = 2};
	int r = 0;

	(void)context;
	(void)e;
	for (size_t i = 0; r == 0 && i < 3; i++) {
		struct ctm_job job = {.state = i == 1 ? CTM_JOB_SUCCEEDED : CTM_JOB_OPEN,
			.kind = CTM_KIND_SINGLE,
			.seen = ctm_clock_now()};
		const struct ctm_job_text words = {.id = text(ids[i]),
			.client_data = text("opaque"),
			.content_id = text("PS")};

		r = ctm_store_job_add(txn, &job, &words);
	}
	good.id = good.endpoint = good.complaint = text("");
	bad.id = bad.endpoint = text("");
	bad.complaint = text("/j/bad:1: no");
	message.source = message.text = text("");
	if (r == 0)
		r = ctm_store_message_put(txn, &message);
	if (r == 0)
		r = ctm_store_sidecar_put(txn, &good);
	if (r == 0)
		r = ctm_store_sidecar_put(txn, &bad);
	return r < 0 ? r : ctm_store_setting_put(txn, CTM_SETTING_FLUSHED, 77);
}

static struct ctm_state *open_filled(void)
{
	struct ctm_state *state = NULL;
	struct ctm_error e = CTM_ERROR_INIT;
	char conf[256];

	snprintf(conf, sizeof conf, "[state]\ndir = %s\n", test_path("state"));
	test_configure(conf);
	cr_assert_eq(
		ctm_state_open(test_check.config, CTM_STATE_CREATE, &state, &e), 0, "%s", e.text);
	cr_assert_eq(ctm_flow_update(state, fill, NULL, &e), 0, "%s", e.text);
	return state;
}

Test(status_collect, all)
{
	struct ctm_state *state = open_filled();
	struct ctm_error e = CTM_ERROR_INIT;
	struct ctm_status status;

	cr_assert_eq(ctm_status_collect(state, NULL, 0, NULL, &status, &e), 0, "%s", e.text);
	cr_assert_eq(status.n_jobs, 3);
	for (uint32_t i = 0; i < 3; i++)
		cr_expect_eq(status.jobs[i].job.number, i + 1);
	cr_expect_not(status.jobs[0].message);
	cr_expect(status.jobs[1].message);
	cr_expect_not(status.jobs[2].message);
	cr_expect(status.jobs[0].has_deadline);
	cr_expect_gt(status.jobs[0].left_ms, 0);
	cr_expect_leq(status.jobs[0].left_ms, 604800000, "[state] give_up");
	cr_expect_not(status.jobs[1].has_deadline);
	cr_expect_eq(status.n_sidecars, 1);
	cr_expect_str_eq(status.sidecars[0].path, "/j/bad");
	cr_expect_eq(status.flushed_s, 77);
	cr_expect(ctm_status_is_neglected(&status));
	ctm_status_done(&status);
	ctm_state_close(state);
}

Test(status_collect, named)
{
	char *names[] = {text("aaaa"), text("{" ID("2") "}"), text(ID("2"))};
	struct ctm_state *state = open_filled();
	struct ctm_error e = CTM_ERROR_INIT;
	struct ctm_status status;

	cr_assert_eq(ctm_status_collect(state, names, 3, NULL, &status, &e), 0, "%s", e.text);
	cr_assert_eq(status.n_jobs, 2);
	cr_expect_eq(status.jobs[0].job.number, 2);
	cr_expect_eq(status.jobs[1].job.number, 3);
	cr_expect_eq(status.n_sidecars, 1, "that of job 2");
	ctm_status_done(&status);
	cr_assert_eq(ctm_status_collect(state, names, 1, NULL, &status, &e), 0);
	cr_expect_eq(status.n_sidecars, 0);
	ctm_status_done(&status);
	ctm_state_close(state);
}

Test(status_collect, unknown)
{
	char *names[] = {text(ID("1")), text("none")};
	struct ctm_state *state = open_filled();
	struct ctm_error e = CTM_ERROR_INIT;
	struct ctm_status status;

	cr_expect_eq(ctm_status_collect(state, names, 2, NULL, &status, &e), -ENOENT);
	cr_expect(strstr(e.text, "none"));
	ctm_status_done(&status);
	ctm_state_close(state);
}

Test(status_collect, counts)
{
	struct ctm_status_job job = {.job = {.files_evident = 1, .bytes_evident = 5}};
	uint64_t total = 99;

	cr_expect_eq(ctm_status_files(&job), 1);
	cr_expect_eq(ctm_status_files_total(&job), 0);
	cr_expect_eq(ctm_status_bytes(&job), 5);
	cr_expect_not(ctm_status_bytes_total(&job, &total));
	cr_expect_eq(total, 99);
	job.message = &(struct ctm_message){.kind = CTM_MESSAGE_SUCCESS,
		.files_total = 3,
		.files_transferred = 3,
		.bytes_total = 8,
		.bytes_transferred = 8};
	cr_expect_eq(ctm_status_files(&job), 3);
	cr_expect_eq(ctm_status_files_total(&job), 3);
	cr_expect_eq(ctm_status_bytes(&job), 8);
	cr_expect(ctm_status_bytes_total(&job, &total));
	cr_expect_eq(total, 8);
}

Test(status_collect, cause)
{
	struct ctm_status_job job = {.text = {.cause = text("")}};
	const char *words = NULL;
	uint32_t hresult = 1;

	cr_expect_not(ctm_status_cause(&job, &hresult, &words));
	job.job.cause = 0x80070570;
	job.text.cause = text("before");
	cr_expect(ctm_status_cause(&job, &hresult, &words));
	cr_expect_eq(hresult, 0x80070570);
	cr_expect_str_eq(words, "before");
	job.message = &(struct ctm_message){
		.kind = CTM_MESSAGE_ERROR, .error_code = 0x800705B4, .error_message = text("over")};
	cr_expect(ctm_status_cause(&job, &hresult, &words));
	cr_expect_eq(hresult, 0x800705B4);
	cr_expect_str_eq(words, "over");
}
