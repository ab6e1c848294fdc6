/* SPDX-License-Identifier: MIT */
#include "status_prometheus.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "hresult.h"
#include "lines.h"

#define LIMIT ((size_t)1 << 24)

static void add_head(struct ctm_buf *out, const char *name, const char *help)
{
	ctm_buf_printf(
		out, "# HELP aria2_ctm_%s %s\n# TYPE aria2_ctm_%s gauge\n", name, help, name);
}

static void add_one(struct ctm_buf *out, const char *name, const char *help, uint64_t value)
{
	add_head(out, name, help);
	ctm_buf_printf(out, "aria2_ctm_%s %" PRIu64 "\n", name, value);
}

static void add_info(struct ctm_buf *out)
{
	add_head(out, "build_info", "The version of aria2-ctm; always 1.");
	ctm_buf_add_str(out, "aria2_ctm_build_info{version=\"" CTM_VERSION "\"} 1\n");
}

static void add_jobs(struct ctm_buf *out, const struct ctm_status *status)
{
	uint64_t counts[CTM_JOB_CANCELLED + 1] = {0};
	uint64_t suspended = 0;
	uint64_t oldest_ms = 0;

	for (size_t i = 0; i < status->n_jobs; i++) {
		const struct ctm_job *job = &status->jobs[i].job;

		counts[job->state]++;
		if (ctm_job_has_ended(job))
			continue;
		suspended += job->suspended;
		if (job->age_ms > oldest_ms)
			oldest_ms = job->age_ms;
	}
	add_head(out, "jobs", "Jobs that are listed, by state.");
	for (unsigned state = CTM_JOB_OPEN; state <= CTM_JOB_CANCELLED; state++)
		ctm_buf_printf(out, "aria2_ctm_jobs{state=\"%s\"} %" PRIu64 "\n",
			ctm_job_state_name((enum ctm_job_state)state), counts[state]);
	add_one(out, "jobs_suspended", "Jobs that have not ended and are suspended.", suspended);
	add_one(out, "oldest_job_age_seconds",
		"Age of the oldest job that has not ended, without suspended time; 0: there is none.",
		oldest_ms / 1000);
}

static void add_messages(struct ctm_buf *out, const struct ctm_status *status)
{
	uint64_t counts[CTM_MESSAGE_ERROR + 1][CTM_MESSAGE_DEAD + 1] = {0};
	uint64_t attempts = 0;
	int64_t oldest_s = 0;

	for (size_t i = 0; i < status->n_jobs; i++) {
		const struct ctm_message *m = status->jobs[i].message;

		if (!m)
			continue;
		counts[m->kind][m->state]++;
		attempts += m->attempts;
		if (m->state == CTM_MESSAGE_WAITING && (!oldest_s || m->time_s < oldest_s))
			oldest_s = m->time_s;
	}
	add_head(out, "messages", "Final words of the jobs that are listed, by kind and state.");
	for (unsigned kind = CTM_MESSAGE_SUCCESS; kind <= CTM_MESSAGE_ERROR; kind++)
		for (unsigned state = CTM_MESSAGE_WAITING; state <= CTM_MESSAGE_DEAD; state++)
			ctm_buf_printf(out,
				"aria2_ctm_messages{kind=\"%s\",state=\"%s\"} %" PRIu64 "\n",
				ctm_message_kind_name((enum ctm_message_kind)kind),
				ctm_message_state_name((enum ctm_message_state)state),
				counts[kind][state]);
	add_one(out, "message_attempts", "Attempts that were made for these.", attempts);
	oldest_s = oldest_s ? status->now.wall_ms / 1000 - oldest_s : 0;
	add_one(out, "oldest_message_age_seconds",
		"Time since the oldest final word that waits was made; 0: none waits.",
		oldest_s > 0 ? (uint64_t)oldest_s : 0);
}

static int by_value(const void *a, const void *b)
{
	const uint32_t left = *(const uint32_t *)a;
	const uint32_t right = *(const uint32_t *)b;

	return (left > right) - (left < right);
}

/* One line for each HRESULT among n, which are sorted for it. */
static void add_hresults(struct ctm_buf *out, const char *name, uint32_t *hresults, size_t n)
{
	qsort(hresults, n, sizeof *hresults, by_value);
	for (size_t i = 0, same; i < n; i += same) {
		char symbol[32];
		const char *known = ctm_hresult_name(hresults[i], symbol, sizeof symbol);

		for (same = 1; i + same < n && hresults[i + same] == hresults[i];)
			same++;
		ctm_buf_printf(out, "aria2_ctm_%s{hresult=\"0x%08" PRIX32 "\",name=\"%s\"} %zu\n",
			name, hresults[i], known ? known : "", same);
	}
}

static int add_outcomes(struct ctm_buf *out, const struct ctm_status *status)
{
	uint32_t *told = calloc(status->n_jobs + 1, sizeof *told);
	uint32_t *answered = calloc(status->n_jobs + 1, sizeof *answered);
	size_t n_told = 0;
	size_t n_answered = 0;

	for (size_t i = 0; told && answered && i < status->n_jobs; i++) {
		const struct ctm_message *m = status->jobs[i].message;

		if (!m)
			continue;
		told[n_told++] = m->kind == CTM_MESSAGE_ERROR ? m->error_code : 0;
		if (m->attempts && !m->under_way)
			answered[n_answered++] = m->hresult;
	}
	if (told && answered) {
		add_head(out, "outcomes",
			"Jobs that have ended, by what CTM is told; 0 is success.");
		add_hresults(out, "outcomes", told, n_told);
		add_head(out, "last_attempts",
			"Final words by how their last attempt ended; 0: CTM took it.");
		add_hresults(out, "last_attempts", answered, n_answered);
	}
	free(answered);
	free(told);
	return told && answered ? 0 : -ENOMEM;
}

static void add_sidecars(struct ctm_buf *out, const struct ctm_status *status)
{
	uint64_t counts[CTM_FATE_DUPLICATE + 1] = {0};

	for (size_t i = 0; i < status->n_sidecars; i++)
		counts[status->sidecars[i].fate]++;
	add_head(out, "sidecars", "Sidecars that are no job, by what is wrong with them.");
	for (unsigned fate = CTM_FATE_REGISTERED + 1; fate <= CTM_FATE_DUPLICATE; fate++)
		ctm_buf_printf(out, "aria2_ctm_sidecars{state=\"%s\"} %" PRIu64 "\n",
			ctm_status_fate_name((enum ctm_sidecar_fate)fate), counts[fate]);
}

int ctm_status_print_prometheus(const struct ctm_status *status, FILE *to)
{
	CTM_CLEANUP_BUF struct ctm_buf out = CTM_BUF_INIT(LIMIT);
	int r;

	add_info(&out);
	add_jobs(&out, status);
	add_messages(&out, status);
	r = add_outcomes(&out, status);
	add_sidecars(&out, status);
	add_one(&out, "unclaimed_events", "Events that no job claimed yet.", status->unclaimed);
	add_one(&out, "last_flush_timestamp_seconds",
		"When flush ran last, in seconds since 1970; 0: never.",
		status->flushed_s > 0 ? (uint64_t)status->flushed_s : 0);
	return r < 0 ? r : ctm_lines_flush(&out, to);
}
