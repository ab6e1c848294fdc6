/* SPDX-License-Identifier: MIT */
#include "status_prometheus.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(status_prometheus, .fini = ctm_test_check_leaks);

static char *print(const struct ctm_status *status)
{
	char *data = NULL;
	size_t size;
	FILE *to = open_memstream(&data, &size);

	cr_assert_not_null(to);
	cr_assert_eq(ctm_status_print_prometheus(status, to), 0);
	fclose(to);
	return data;
}

/* Whole lines. */
static void expect_line(const char *text, const char *line)
{
	char *wanted;

	cr_assert_gt(asprintf(&wanted, "\n%s\n", line), 0);
	cr_expect_not_null(strstr(text, wanted), "no %s in\n%s", line, text);
	free(wanted);
}

Test(status_prometheus, empty_says_zero)
{
	char *text = print(&(struct ctm_status){.all = true});

	expect_line(text, "aria2_ctm_jobs{state=\"open\"} 0");
	expect_line(text, "aria2_ctm_jobs{state=\"cancelled\"} 0");
	expect_line(text, "aria2_ctm_messages{kind=\"error\",state=\"dead\"} 0");
	expect_line(text, "aria2_ctm_sidecars{state=\"invalid\"} 0");
	expect_line(text, "aria2_ctm_oldest_job_age_seconds 0");
	expect_line(text, "aria2_ctm_oldest_message_age_seconds 0");
	expect_line(text, "aria2_ctm_last_flush_timestamp_seconds 0");
	free(text);
}

Test(status_prometheus, figures)
{
	struct ctm_status_job jobs[] = {
		{.job = {.state = CTM_JOB_OPEN, .age_ms = 5999}},
		{.job = {.state = CTM_JOB_VERIFYING, .age_ms = 7000, .suspended = true}},
		{.job = {.state = CTM_JOB_SUCCEEDED, .age_ms = 99000, .suspended = true},
			.message = &(struct ctm_message){.kind = CTM_MESSAGE_SUCCESS,
				.state = CTM_MESSAGE_SENT,
				.attempts = 1}},
		{.job = {.state = CTM_JOB_FAILED},
			.message = &(struct ctm_message){.kind = CTM_MESSAGE_ERROR,
				.state = CTM_MESSAGE_WAITING,
				.attempts = 3,
				.error_code = 0x80190194,
				.hresult = 0x80072EFD,
				.time_s = 900}},
		{.job = {.state = CTM_JOB_FAILED},
			.message = &(struct ctm_message){.kind = CTM_MESSAGE_ERROR,
				.state = CTM_MESSAGE_DEAD,
				.attempts = 2,
				.under_way = true,
				.error_code = 0x80190194,
				.time_s = 5}},
	};
	struct ctm_sidecar_record sidecars[] = {{.fate = CTM_FATE_DUPLICATE}};
	const struct ctm_status status = {
		.jobs = jobs,
		.n_jobs = 5,
		.sidecars = sidecars,
		.n_sidecars = 1,
		.unclaimed = 4,
		.flushed_s = 950,
		.now = {.wall_ms = 1000000},
	};
	char *text = print(&status);

	expect_line(text, "aria2_ctm_jobs{state=\"failed\"} 2");
	expect_line(text, "aria2_ctm_jobs_suspended 1");
	expect_line(text, "aria2_ctm_oldest_job_age_seconds 7");
	expect_line(text, "aria2_ctm_messages{kind=\"success\",state=\"sent\"} 1");
	expect_line(text, "aria2_ctm_messages{kind=\"error\",state=\"waiting\"} 1");
	expect_line(text, "aria2_ctm_messages{kind=\"error\",state=\"dead\"} 1");
	expect_line(text, "aria2_ctm_message_attempts 6");
	expect_line(text, "aria2_ctm_oldest_message_age_seconds 100");
	expect_line(text, "aria2_ctm_outcomes{hresult=\"0x00000000\",name=\"S_OK\"} 1");
	expect_line(
		text, "aria2_ctm_outcomes{hresult=\"0x80190194\",name=\"BG_E_HTTP_ERROR_404\"} 2");
	expect_line(text, "aria2_ctm_last_attempts{hresult=\"0x80072EFD\","
			  "name=\"ERROR_WINHTTP_CANNOT_CONNECT\"} 1");
	expect_line(text, "aria2_ctm_sidecars{state=\"duplicate\"} 1");
	expect_line(text, "aria2_ctm_unclaimed_events 4");
	expect_line(text, "aria2_ctm_last_flush_timestamp_seconds 950");
	free(text);
}

/* A clock that was set back makes no age that is a huge number. */
Test(status_prometheus, clock_set_back)
{
	struct ctm_status_job job = {.job = {.state = CTM_JOB_FAILED},
		.message = &(struct ctm_message){
			.kind = CTM_MESSAGE_ERROR, .state = CTM_MESSAGE_WAITING, .time_s = 5000}};
	char *text =
		print(&(struct ctm_status){.jobs = &job, .n_jobs = 1, .now = {.wall_ms = 1000000}});

	expect_line(text, "aria2_ctm_oldest_message_age_seconds 0");
	free(text);
}
