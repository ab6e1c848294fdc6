/* SPDX-License-Identifier: MIT */
#include "status_filter.h"

#include <errno.h>
#include <string.h>

#include "values.h"

static bool is_open(const struct ctm_status_job *job)
{
	return job->job.state == CTM_JOB_OPEN;
}

static bool is_verifying(const struct ctm_status_job *job)
{
	return job->job.state == CTM_JOB_VERIFYING;
}

static bool has_succeeded(const struct ctm_status_job *job)
{
	return job->job.state == CTM_JOB_SUCCEEDED;
}

static bool has_failed(const struct ctm_status_job *job)
{
	return job->job.state == CTM_JOB_FAILED;
}

static bool is_cancelled(const struct ctm_status_job *job)
{
	return job->job.state == CTM_JOB_CANCELLED;
}

static bool is_suspended(const struct ctm_status_job *job)
{
	return job->job.suspended && !ctm_job_has_ended(&job->job);
}

static bool is_waiting(const struct ctm_status_job *job)
{
	return job->message && job->message->state == CTM_MESSAGE_WAITING;
}

static bool is_dead(const struct ctm_status_job *job)
{
	return job->message && job->message->state == CTM_MESSAGE_DEAD;
}

static const struct {
	const char *name;
	bool (*fits)(const struct ctm_status_job *job);
} states[] = {
	{"open", is_open},
	{"verifying", is_verifying},
	{"succeeded", has_succeeded},
	{"failed", has_failed},
	{"cancelled", is_cancelled},
	{"suspended", is_suspended},
	{"waiting", is_waiting},
	{"dead", is_dead},
};

#define N_STATES (sizeof states / sizeof *states)

/* The place of a name in the table; N_STATES: it is not there. */
static size_t find(const char *word, size_t len)
{
	size_t i = 0;

	while (i < N_STATES &&
		(strlen(states[i].name) != len || strncmp(states[i].name, word, len) != 0))
		i++;
	return i;
}

int ctm_status_filter_states(
	const char *names, unsigned *ret_states, char ret_wrong[CTM_STATUS_FILTER_WORD])
{
	unsigned found = 0;
	const char *word;
	size_t len;

	while (word = ctm_value_word(&names, &len), len) {
		const size_t i = find(word, len);

		if (i == N_STATES) {
			const size_t kept = len < CTM_STATUS_FILTER_WORD
						    ? len
						    : (size_t)CTM_STATUS_FILTER_WORD - 1;

			memcpy(ret_wrong, word, kept);
			ret_wrong[kept] = '\0';
			return -EINVAL;
		}
		found |= 1u << i;
	}
	if (!found) {
		ret_wrong[0] = '\0';
		return -EINVAL;
	}
	*ret_states = found;
	return 0;
}

bool ctm_status_filter_is_set(const struct ctm_status_filter *filter)
{
	return filter->states || filter->endpoint || filter->newer_s || filter->older_s;
}

static bool fits_state(unsigned wanted, const struct ctm_status_job *job)
{
	for (size_t i = 0; i < N_STATES; i++)
		if ((wanted & 1u << i) && states[i].fits(job))
			return true;
	return !wanted;
}

bool ctm_status_filter_admits(
	const struct ctm_status_filter *filter, const struct ctm_status_job *job)
{
	const uint64_t age_s = job->job.age_ms / 1000;

	return fits_state(filter->states, job) &&
	       (!filter->endpoint || strcmp(filter->endpoint, job->text.endpoint) == 0) &&
	       (!filter->newer_s || age_s < filter->newer_s) && age_s >= filter->older_s;
}
