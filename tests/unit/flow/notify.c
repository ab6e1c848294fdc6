/* SPDX-License-Identifier: MIT */
/* There is no deliverer beside this test program: what is stored waits. */
#include "notify.h"

#include <errno.h>
#include <string.h>

#include <criterion/criterion.h>

#include "deadline.h"
#include "hresult.h"
#include "world.h"

TestSuite(notify, .init = world_init, .fini = world_done, .timeout = 60);

static struct ctm_error e;

static struct ctm_notify call_of(unsigned id)
{
	return (struct ctm_notify){
		.kind = CTM_MESSAGE_SUCCESS,
		.endpoint = "ctm",
		.id = world_id(id),
		.client_data = "data",
		.bytes_total = 12,
		.bytes_transferred = 12,
		.files_total = 2,
		.files_transferred = 2,
	};
}

static struct ctm_notify error_of(unsigned id)
{
	return (struct ctm_notify){
		.kind = CTM_MESSAGE_ERROR,
		.endpoint = "ctm",
		.id = world_id(id),
		.client_data = "data",
		.error_code = CTM_E_DISK_FULL,
		.error_message = "the disk\nis full",
	};
}

static struct ctm_notify progress_of(unsigned id)
{
	return (struct ctm_notify){
		.kind = CTM_MESSAGE_PROGRESS,
		.endpoint = "ctm",
		.id = world_id(id),
		.client_data = "data",
		.progress_type = "DownloadingData",
		.bytes_total = 0,
		.bytes_transferred = 7,
		.files_total = 3,
		.files_transferred = 1,
	};
}

static int notify(const struct ctm_notify *call, uint32_t *hresult)
{
	e = (struct ctm_error)CTM_ERROR_INIT;
	return ctm_notify(world.state, call, hresult, &e);
}

Test(notify, stored)
{
	struct ctm_notify call = call_of(1);
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
	struct ctm_notify calls[] = {call_of(1), call_of(1), call_of(1), call_of(1), call_of(1),
		call_of(1), call_of(1), call_of(1)};
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

/* The same call sends nothing new, and is answered by what became of the first. */
static void expect_same(const struct ctm_notify *call, uint32_t job)
{
	const int64_t time_s = world_message(job).time_s;
	uint32_t hresult = 5;

	cr_expect_eq(notify(call, &hresult), 0, "%s", e.text);
	cr_expect_eq(hresult, CTM_E_IO_PENDING);
	cr_expect_eq(world_message(job).time_s, time_s);
	cr_expect_null(world_message(job + 1).source);
}

/* Another word of a job that has ended: it is not sent, and nobody is told that it was. */
static void expect_other(const struct ctm_notify *call, const char *what, const char *standing)
{
	uint32_t hresult = 5;

	cr_expect_eq(notify(call, &hresult), -EEXIST, "%s: %d", what, notify(call, &hresult));
	cr_expect_eq(hresult, 5, "untouched");
	cr_expect_not_null(strstr(e.text, call->id), "%s", e.text);
	cr_expect_not_null(strstr(e.text, what), "\"%s\" in: %s", what, e.text);
	cr_expect_not_null(strstr(e.text, standing), "\"%s\" in: %s", standing, e.text);
}

Test(notify, success_repeated)
{
	const struct ctm_notify call = call_of(1);
	struct ctm_notify others[] = {call, call, call, call};
	static const char *const what[] = {"szEndpoint", "szClientData", "totals", "totals"};
	uint32_t hresult;

	notify(&call, &hresult);
	others[0].endpoint = "http://127.0.0.1:9/x";
	others[1].client_data = "";
	others[2].bytes_total = others[2].bytes_transferred = 99;
	others[3].files_total = others[3].files_transferred = 3;
	for (int i = 0; i < 4; i++) {
		expect_other(&others[i], what[i], "to \"ctm\", success with 12 bytes, 2 files");
		others[i].force = true;
		expect_other(&others[i], what[i], "succeeded");
	}
	expect_same(&call, 1);
	cr_expect_eq(world_message(1).bytes_total, 12);
}

/* The GUID of a job that is followed from a sidecar. */
Test(notify, job_that_is_followed)
{
	static const struct world_file files[] = {{"a", 5, 0}};
	uint32_t job = world_add_listed(1, files, 1);
	struct ctm_notify call = call_of(1);
	uint32_t hresult;

	cr_expect_eq(notify(&call, &hresult), -EEXIST);
	cr_expect_not_null(strstr(e.text, world_id(1)), "%s", e.text);
	cr_expect_not_null(strstr(e.text, "open"), "%s", e.text);
	cr_expect_eq(world_job(job).state, CTM_JOB_OPEN);
	call.force = true;
	call.client_data = "opaque";
	cr_expect_eq(notify(&call, &hresult), 0, "%s", e.text);
	cr_expect_eq(world_job(job).state, CTM_JOB_SUCCEEDED);
	cr_expect_eq(world_message(job).bytes_total, 12);
	cr_expect_eq(world_fold_one(CTM_EVENT_COMPLETE, 1, 1, "a"), 0, "it claims no more");
}

static void end(struct ctm_job *job)
{
	const struct ctm_stamp now = ctm_clock_now();

	cr_assert_eq(ctm_job_end(job, CTM_JOB_FAILED, &now), 0);
}

/* The first end stands, also against force. */
Test(notify, job_that_has_ended_otherwise)
{
	uint32_t job = world_add_counted(1, CTM_KIND_SINGLE, "", 0);
	struct ctm_notify call = call_of(1);
	uint32_t hresult;

	world_change(job, end);
	cr_expect_eq(notify(&call, &hresult), -EEXIST);
	call.force = true;
	cr_expect_eq(notify(&call, &hresult), -EEXIST);
	cr_expect_not_null(strstr(e.text, "failed"), "%s", e.text);
	cr_expect_null(world_message(job).source);
}

Test(notify, error)
{
	struct ctm_notify call = error_of(1);
	uint32_t hresult = 5;

	cr_expect_eq(notify(&call, &hresult), 0, "%s", e.text);
	cr_expect_eq(hresult, CTM_E_IO_PENDING);
	cr_expect_eq(world_job(1).state, CTM_JOB_FAILED);
	cr_expect_eq(world_message(1).kind, CTM_MESSAGE_ERROR);
	cr_expect_eq(world_message(1).error_code, CTM_E_DISK_FULL);
	cr_expect_str_eq(world_message(1).error_message, "the disk\\nis full");
	cr_expect_str_eq(world_text(1).sidecar, "");
	cr_expect(world_has_work(CTM_WORK_SEND, 1));
}

Test(notify, error_repeated)
{
	const struct ctm_notify call = error_of(1);
	struct ctm_notify others[] = {call, call, call, call};
	static const char *const what[] = {
		"szEndpoint", "szClientData", "hrErrorCode", "szErrorMessage"};
	uint32_t hresult;

	notify(&call, &hresult);
	others[0].endpoint = "http://127.0.0.1:9/x";
	others[1].client_data = "other";
	others[2].error_code = CTM_E_FAIL;
	others[3].error_message = "the disk is full";
	for (int i = 0; i < 4; i++)
		expect_other(&others[i], what[i],
			"to \"ctm\", error 0x80070070 (ERROR_DISK_FULL), \"the disk\\nis full\"");
	expect_same(&call, 1);
	cr_expect_eq(world_message(1).error_code, CTM_E_DISK_FULL);
}

/* The end of a job that was followed, whose data are not the caller's to know. */
Test(notify, word_of_a_job_that_was_followed)
{
	static const struct world_file files[] = {{"a", 5, 0}};
	const uint32_t job = world_add_listed(1, files, 1);
	struct ctm_notify call = error_of(1);
	uint32_t hresult;

	call.client_data = NULL;
	call.force = true;
	cr_expect_eq(notify(&call, &hresult), 0, "%s", e.text);
	expect_same(&call, job);
	call.force = false;
	call.client_data = "opaque";
	expect_same(&call, job);
	call.client_data = "";
	expect_other(&call, "szClientData", "ERROR_DISK_FULL");
}

/* Force ends a job by another's hand, but speaks for the job: where it goes, and with its data. */
Test(notify, forced_elsewhere)
{
	const uint32_t job = world_add_counted(1, CTM_KIND_SINGLE, "", 0);
	struct ctm_notify calls[] = {call_of(1), error_of(1), progress_of(1)};
	uint32_t hresult = 5;

	for (int i = 0; i < 3; i++) {
		calls[i].force = true;
		calls[i].client_data = NULL;
		calls[i].endpoint = "http://127.0.0.1:9/x";
		cr_expect_eq(notify(&calls[i], &hresult), -EEXIST, "%d: %s", i, e.text);
		cr_expect_not_null(strstr(e.text, "another szEndpoint"), "%s", e.text);
		cr_expect_not_null(strstr(e.text, "\"ctm\""), "%s", e.text);
		calls[i].endpoint = "ctm";
		calls[i].client_data = "data";
		cr_expect_eq(notify(&calls[i], &hresult), -EEXIST, "%d: %s", i, e.text);
		cr_expect_not_null(strstr(e.text, "another szClientData"), "%s", e.text);
	}
	cr_expect_eq(hresult, 5, "untouched");
	cr_expect_eq(world_job(job).state, CTM_JOB_OPEN);
	cr_expect_null(world_progress(job).source);
}

Test(notify, error_arguments)
{
	struct ctm_notify calls[] = {
		error_of(1), error_of(1), error_of(1), error_of(1), error_of(1), error_of(1)};
	uint32_t hresult = 5;

	calls[0].error_code = 0;
	calls[1].error_code = 0x7fffffff;
	calls[2].error_message = "";
	calls[3].error_message = NULL;
	calls[4].id = "{1}";
	calls[5].client_data = "\xff";
	for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
		cr_expect_eq(notify(&calls[i], &hresult), -EINVAL, "call %zu: %s", i, e.text);
		cr_expect_str_neq(e.text, "", "call %zu", i);
	}
	cr_expect_eq(hresult, 5, "untouched");
	cr_expect_not(world_has_work(CTM_WORK_SEND, 1), "nothing was stored");
}

/* A job by hand: told as it goes, then its end. */
Test(notify, progress)
{
	struct ctm_notify call = progress_of(1);
	struct ctm_notify word = error_of(1);
	uint32_t hresult = 5;

	cr_expect_eq(notify(&call, &hresult), 0, "%s", e.text);
	cr_expect_eq(hresult, CTM_E_IO_PENDING, "nobody has sent it");
	cr_expect_eq(world_job(1).state, CTM_JOB_OPEN);
	cr_expect_eq(world_progress(1).sequence, 1);
	cr_expect_eq(world_progress(1).progress_type, CTM_PROGRESS_DOWNLOADING_DATA);
	cr_expect_eq(world_progress(1).bytes_total, 0);
	cr_expect_eq(world_progress(1).bytes_transferred, 7);
	cr_expect_eq(world_progress(1).files_total, 3);
	cr_expect(world_has_work(CTM_WORK_PROGRESS, 1));
	call.progress_type = "";
	cr_expect_eq(notify(&call, &hresult), 0, "%s", e.text);
	cr_expect_eq(world_progress(1).sequence, 2);
	cr_expect_eq(world_progress(1).progress_type, CTM_PROGRESS_BYTES);
	cr_expect_eq(notify(&word, &hresult), 0, "%s", e.text);
	cr_expect_eq(world_job(1).state, CTM_JOB_FAILED);
	cr_expect_null(world_progress(1).source);
	hresult = 5;
	cr_expect_eq(notify(&call, &hresult), 0, "%s", e.text);
	cr_expect_eq(hresult, CTM_S_OK, "after the end it is not sent");
	cr_expect_null(world_progress(1).source);
	cr_expect_not(world_has_work(CTM_WORK_PROGRESS, 1));
}

Test(notify, progress_arguments)
{
	static const char *const types[] = {
		"downloadingdata", "Downloading", " ", "DownloadingData,", "\xff"};
	uint32_t hresult = 5;

	for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
		struct ctm_notify call = progress_of(1);

		call.progress_type = types[i];
		cr_expect_eq(notify(&call, &hresult), -EINVAL, "\"%s\"", types[i]);
		cr_expect_not_null(strstr(e.text, "PreparingDownload"), "%s", e.text);
	}
	cr_expect_eq(hresult, 5);
}

static int deadline_body(struct ctm_txn *txn, void *context, struct ctm_error *error)
{
	const struct ctm_stamp now = ctm_clock_now();
	uint64_t boot_ms = 0;
	int r = ctm_deadline_get(txn, &now, &boot_ms);

	(void)error;
	*(bool *)context = boot_ms != UINT64_MAX;
	return r;
}

/* A job that was begun by hand, and that nobody ends, ends at its deadline too. */
Test(notify, progress_begins_a_deadline)
{
	struct ctm_notify call = progress_of(1);
	bool has_deadline = true;
	uint32_t hresult;

	world_update(deadline_body, &has_deadline);
	cr_expect_not(has_deadline);
	cr_expect_eq(notify(&call, &hresult), 0, "%s", e.text);
	world_update(deadline_body, &has_deadline);
	cr_expect(has_deadline);
}

/* The GUID of a job that is followed: neither its error nor its progress is said by hand. */
Test(notify, other_words_of_a_job_that_is_followed)
{
	uint32_t job = world_add_counted(1, CTM_KIND_SINGLE, "", 0);
	struct ctm_notify calls[] = {error_of(1), progress_of(1)};
	uint32_t hresult;

	for (int i = 0; i < 2; i++) {
		cr_expect_eq(notify(&calls[i], &hresult), -EEXIST, "%d", i);
		cr_expect_not_null(strstr(e.text, "open"), "%s", e.text);
	}
	cr_expect_eq(world_job(job).state, CTM_JOB_OPEN);
	cr_expect_null(world_progress(job).source);
	calls[1].force = calls[0].force = true;
	calls[1].client_data = calls[0].client_data = NULL;
	cr_expect_eq(notify(&calls[1], &hresult), 0, "%s", e.text);
	cr_expect_eq(world_progress(job).sequence, 1);
	cr_expect_eq(world_job(job).state, CTM_JOB_OPEN);
	cr_expect_eq(notify(&calls[0], &hresult), 0, "%s", e.text);
	cr_expect_eq(world_job(job).state, CTM_JOB_FAILED);
	cr_expect_eq(world_fold_one(CTM_EVENT_COMPLETE, 1, 1, "a"), 0, "it claims no more");
}

/* The other word of a job that has ended. */
Test(notify, two_words)
{
	struct ctm_notify success = call_of(1);
	struct ctm_notify error = error_of(1);
	uint32_t hresult;

	cr_expect_eq(notify(&success, &hresult), 0, "%s", e.text);
	error.force = true;
	cr_expect_eq(notify(&error, &hresult), -EEXIST);
	cr_expect_not_null(strstr(e.text, "succeeded"), "%s", e.text);
	cr_expect_eq(world_message(1).kind, CTM_MESSAGE_SUCCESS);
}

/* A text that is spelt out to four times its length is told all the same. */
Test(notify, two_words_that_people_cannot_read)
{
	struct ctm_notify error = error_of(1);
	char text[1500];
	uint32_t hresult;

	memset(text, 1, sizeof text - 1);
	text[sizeof text - 1] = '\0';
	error.error_message = text;
	cr_expect_eq(notify(&error, &hresult), 0, "%s", e.text);
	cr_expect_eq(notify(&error, &hresult), 0, "the same again: %s", e.text);
	text[0] = 'x';
	cr_expect_eq(notify(&error, &hresult), -EEXIST);
	cr_expect_not_null(strstr(e.text, "szErrorMessage"), "%s", e.text);
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

/* A job by hand is continued by who began it: the same endpoint, the same data. */
Test(notify, job_by_hand_of_another)
{
	struct ctm_notify call = progress_of(1);
	struct ctm_notify others[] = {error_of(1), error_of(1), progress_of(1)};
	uint32_t hresult;

	cr_expect_eq(notify(&call, &hresult), 0, "%s", e.text);
	others[0].client_data = "another";
	others[1].endpoint = "http://127.0.0.1:9/x";
	others[2].client_data = "";
	for (int i = 0; i < 3; i++) {
		cr_expect_eq(notify(&others[i], &hresult), -EEXIST, "%d: %s", i, e.text);
		cr_expect_not_null(strstr(e.text, "open"), "%s", e.text);
	}
	cr_expect_eq(world_job(1).state, CTM_JOB_OPEN);
	cr_expect_eq(world_progress(1).sequence, 1);
	others[0].client_data = "data";
	cr_expect_eq(notify(&others[0], &hresult), 0, "%s", e.text);
	cr_expect_eq(world_job(1).state, CTM_JOB_FAILED);
}
