/* SPDX-License-Identifier: MIT */
/* There is no deliverer beside this test program: what is stored waits. */
#include "notify.h"

#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include "hresult.h"
#include "world.h"

TestSuite(notify, .init = world_init, .fini = world_done, .timeout = 60);

static struct ctm_error e;

static struct ctm_notify_success call_of(unsigned id)
{
	return (struct ctm_notify_success){
		.endpoint = "ctm",
		.id = world_id(id),
		.client_data = "data",
		.bytes_total = 12,
		.bytes_transferred = 12,
		.files_total = 2,
		.files_transferred = 2,
	};
}

static int notify(const struct ctm_notify_success *call, uint32_t *hresult)
{
	e = (struct ctm_error)CTM_ERROR_INIT;
	return ctm_notify_success(world.state, call, hresult, &e);
}

Test(notify, stored)
{
	struct ctm_notify_success call = call_of(1);
	uint32_t hresult = 5;

	cr_expect_eq(notify(&call, &hresult), 0, "%s", e.text);
	cr_expect_eq(hresult, CTM_E_IO_PENDING, "stored, and not lost");
	cr_expect_eq(world_job(1).state, CTM_JOB_SUCCEEDED);
	cr_expect_eq(world_message(1).bytes_total, 12);
	cr_expect_eq(world_message(1).files_transferred, 2);
	cr_expect_str_eq(world_text(1).client_data, "data");
	cr_expect(world_has_work(CTM_WORK_SEND, 1));
}

Test(notify, arguments)
{
	struct ctm_notify_success calls[] = {call_of(1), call_of(1), call_of(1), call_of(1),
		call_of(1), call_of(1), call_of(1), call_of(1)};
	static const int answers[] = {
		-EINVAL, -EINVAL, -EINVAL, -EINVAL, -EINVAL, -ENOENT, -EINVAL, -EINVAL};
	uint32_t hresult = 5;

	calls[0].id = "no guid";
	calls[1].id = "";
	calls[2].bytes_transferred = 11;
	calls[3].files_transferred = 3;
	calls[4].client_data = "\xff";
	calls[5].endpoint = "none";
	calls[6].endpoint = "other";
	calls[7].endpoint = "\xc3";
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		cr_expect_eq(notify(&calls[i], &hresult), answers[i], "call %zu: %s", i, e.text);
		cr_expect_str_neq(e.text, "", "call %zu", i);
	}
	cr_expect_eq(hresult, 5, "untouched");
	cr_expect_not(world_has_work(CTM_WORK_SEND, 1), "nothing was stored");
}

/* A repeated call sends nothing new. */
Test(notify, repeated)
{
	struct ctm_notify_success call = call_of(1);
	struct ctm_message before;
	uint32_t hresult;

	notify(&call, &hresult);
	before = world_message(1);
	call.bytes_total = call.bytes_transferred = 99;
	cr_expect_eq(notify(&call, &hresult), 0, "%s", e.text);
	cr_expect_eq(hresult, CTM_E_IO_PENDING);
	cr_expect_eq(world_message(1).bytes_total, 12);
	cr_expect_eq(world_message(1).time_s, before.time_s);
	cr_expect_eq(world_message(2).source, NULL);
}

/* The GUID of a job that is followed from a sidecar. */
Test(notify, job_that_is_followed)
{
	static const struct world_file files[] = {{"a", 5, 0}};
	uint32_t job = world_add_listed(1, files, 1);
	struct ctm_notify_success call = call_of(1);
	uint32_t hresult;

	cr_expect_eq(notify(&call, &hresult), -EEXIST);
	cr_expect_not_null(strstr(e.text, world_id(1)), "%s", e.text);
	cr_expect_not_null(strstr(e.text, "open"), "%s", e.text);
	cr_expect_eq(world_job(job).state, CTM_JOB_OPEN);
	call.force = true;
	cr_expect_eq(notify(&call, &hresult), 0, "%s", e.text);
	cr_expect_eq(world_job(job).state, CTM_JOB_SUCCEEDED);
	cr_expect_eq(world_message(job).bytes_total, 12);
	cr_expect_eq(world_fold_one(CTM_EVENT_COMPLETE, 1, 1, "a"), 0, "it claims no more");
}

static int end_body(struct ctm_txn *txn, void *context, struct ctm_error *error)
{
	const struct ctm_stamp now = ctm_clock_now();
	struct ctm_job job;

	(void)error;
	cr_assert_eq(ctm_store_job_get(txn, *(const uint32_t *)context, &job), 0);
	cr_assert_eq(ctm_job_end(&job, CTM_JOB_FAILED, &now), 0);
	return ctm_store_job_put(txn, &job);
}

/* The first end stands, also against force. */
Test(notify, job_that_has_ended_otherwise)
{
	uint32_t job = world_add_counted(1, CTM_KIND_SINGLE, "", 0);
	struct ctm_notify_success call = call_of(1);
	uint32_t hresult;

	world_update(end_body, &job);
	cr_expect_eq(notify(&call, &hresult), -EEXIST);
	call.force = true;
	cr_expect_eq(notify(&call, &hresult), -EEXIST);
	cr_expect_not_null(strstr(e.text, "failed"), "%s", e.text);
	cr_expect_null(world_message(job).source);
}

Test(notify, hresults)
{
	static const struct {
		int error;
		uint32_t hresult;
	} table[] = {
		{-EINVAL, 0x80070057},
		{-ENOENT, 0x80070490},
		{-EEXIST, 0x800700B7},
		{-EPERM, 0x80070005},
		{-EACCES, 0x80070005},
		{-ENOMEM, 0x8007000E},
		{-ENOSPC, 0x80070070},
		{-EDQUOT, 0x80070070},
		{-EIO, 0x8007045D},
		{-EAGAIN, 0x800700AA},
		{-EBADMSG, 0x80004005},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		cr_expect_eq(
			ctm_notify_hresult(table[i].error), table[i].hresult, "%d", table[i].error);
}
