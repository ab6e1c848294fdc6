/* SPDX-License-Identifier: MIT */
#include "status_filter.h"

#include <errno.h>
#include <stdint.h>

#include <criterion/criterion.h>

#include "leaks.h"

TestSuite(status_filter, .fini = ctm_test_check_leaks);

static char endpoint[] = "ctm";

static struct ctm_status_job job_of(enum ctm_job_state state, uint64_t age_s)
{
	return (struct ctm_status_job){
		.job = {.state = state, .age_ms = age_s * 1000}, .text = {.endpoint = endpoint}};
}

static bool admits(const struct ctm_status_filter *filter, struct ctm_status_job job)
{
	return ctm_status_filter_admits(filter, &job);
}

static struct ctm_status_filter by_states(const char *names)
{
	struct ctm_status_filter filter = {0};
	char wrong[CTM_STATUS_FILTER_WORD];

	cr_assert_eq(ctm_status_filter_states(names, &filter.states, wrong), 0, "%s", names);
	return filter;
}

Test(status_filter, none_admits_all)
{
	const struct ctm_status_filter none = {0};

	cr_expect_not(ctm_status_filter_is_set(&none));
	for (unsigned state = CTM_JOB_OPEN; state <= CTM_JOB_CANCELLED; state++)
		cr_expect(admits(&none, job_of((enum ctm_job_state)state, 0)));
}

Test(status_filter, each_state_is_itself)
{
	for (unsigned wanted = CTM_JOB_OPEN; wanted <= CTM_JOB_CANCELLED; wanted++) {
		const struct ctm_status_filter filter =
			by_states(ctm_job_state_name((enum ctm_job_state)wanted));

		cr_expect(ctm_status_filter_is_set(&filter));
		for (unsigned state = CTM_JOB_OPEN; state <= CTM_JOB_CANCELLED; state++)
			cr_expect_eq(admits(&filter, job_of((enum ctm_job_state)state, 0)),
				state == wanted, "%u of %u", state, wanted);
	}
}

Test(status_filter, list_is_any_of_them)
{
	const struct ctm_status_filter filter = by_states("failed, open,cancelled");

	cr_expect(admits(&filter, job_of(CTM_JOB_OPEN, 0)));
	cr_expect(admits(&filter, job_of(CTM_JOB_FAILED, 0)));
	cr_expect(admits(&filter, job_of(CTM_JOB_CANCELLED, 0)));
	cr_expect_not(admits(&filter, job_of(CTM_JOB_SUCCEEDED, 0)));
	cr_expect_not(admits(&filter, job_of(CTM_JOB_VERIFYING, 0)));
}

Test(status_filter, final_word)
{
	const struct ctm_status_filter waiting = by_states("waiting");
	const struct ctm_status_filter dead = by_states("dead");
	struct ctm_status_job job = job_of(CTM_JOB_FAILED, 0);

	cr_expect_not(admits(&waiting, job), "it has none");
	job.message = &(struct ctm_message){.state = CTM_MESSAGE_WAITING};
	cr_expect(admits(&waiting, job));
	cr_expect_not(admits(&dead, job));
	job.message->state = CTM_MESSAGE_DEAD;
	cr_expect(admits(&dead, job));
	cr_expect_not(admits(&waiting, job));
	job.message->state = CTM_MESSAGE_SENT;
	cr_expect_not(admits(&dead, job));
	cr_expect_not(admits(&waiting, job));
}

Test(status_filter, suspended)
{
	const struct ctm_status_filter filter = by_states("suspended");
	struct ctm_status_job job = job_of(CTM_JOB_OPEN, 0);

	cr_expect_not(admits(&filter, job));
	job.job.suspended = true;
	cr_expect(admits(&filter, job));
	job.job.state = CTM_JOB_CANCELLED;
	cr_expect_not(admits(&filter, job), "it has ended");
}

Test(status_filter, age)
{
	const struct ctm_status_filter newer = {.newer_s = 60};
	const struct ctm_status_filter older = {.older_s = 60};

	cr_expect(ctm_status_filter_is_set(&newer));
	cr_expect(ctm_status_filter_is_set(&older));
	cr_expect(admits(&newer, job_of(CTM_JOB_OPEN, 59)));
	cr_expect_not(admits(&newer, job_of(CTM_JOB_OPEN, 60)));
	cr_expect_not(admits(&older, job_of(CTM_JOB_OPEN, 59)));
	cr_expect(admits(&older, job_of(CTM_JOB_OPEN, 60)));
}

Test(status_filter, endpoint_is_verbatim_and_all_must_fit)
{
	const struct ctm_status_filter same = {.endpoint = "ctm"};
	const struct ctm_status_filter other = {.endpoint = "CTM"};
	struct ctm_status_filter both = by_states("open");

	cr_expect(admits(&same, job_of(CTM_JOB_OPEN, 0)));
	cr_expect_not(admits(&other, job_of(CTM_JOB_OPEN, 0)));
	both.endpoint = "other";
	cr_expect_not(admits(&both, job_of(CTM_JOB_OPEN, 0)));
	both.endpoint = "ctm";
	cr_expect(admits(&both, job_of(CTM_JOB_OPEN, 0)));
	cr_expect_not(admits(&both, job_of(CTM_JOB_FAILED, 0)));
}

Test(status_filter, wrong_names)
{
	static const struct {
		const char *names, *wrong;
	} cases[] = {
		{"", ""},
		{" , ", ""},
		{"opened", "opened"},
		{"open,ope", "ope"},
		{"open Failed", "Failed"},
		{"a-word-of-more-than-thirty-one-bytes", "a-word-of-more-than-thirty-one-"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char wrong[CTM_STATUS_FILTER_WORD] = "untouched";
		unsigned states = 7;

		cr_expect_eq(ctm_status_filter_states(cases[i].names, &states, wrong), -EINVAL,
			"%s", cases[i].names);
		cr_expect_str_eq(wrong, cases[i].wrong);
		cr_expect_eq(states, 7, "untouched on failure");
	}
}
