/* SPDX-License-Identifier: MIT */
#include "tell.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "hresult.h"
#include "log.h"

/* More than these at once are not told one by one: status shows them. */
#define TOLD_LIMIT 1000u

struct ctm_told {
	char *id;
	char *endpoint;
	char *cause;
	uint32_t hresult;
	uint32_t arrived;
	uint32_t total;
	enum ctm_job_state state;
};

static int gather_one(struct ctm_txn *txn, uint32_t number, struct ctm_told *ret_told)
{
	struct ctm_job_text text;
	struct ctm_job job;
	int r = ctm_store_job_get(txn, number, &job);

	if (r == 0)
		r = ctm_store_text_get(txn, number, &text);
	if (r < 0)
		return r;
	*ret_told = (struct ctm_told){
		.id = text.id,
		.endpoint = text.endpoint,
		.cause = text.cause,
		.hresult = job.cause,
		.arrived = job.files_evident,
		.total = job.files_total ? job.files_total : job.files_evident,
		.state = job.state,
	};
	text.id = text.endpoint = text.cause = NULL;
	ctm_job_text_done(&text);
	return 0;
}

int ctm_tell_gather(struct ctm_txn *txn, const struct ctm_numbers *jobs, struct ctm_tell *tell)
{
	const size_t n = jobs->n < TOLD_LIMIT ? jobs->n : TOLD_LIMIT;
	int r = 0;

	ctm_tell_done(tell);
	if (!n || !ctm_log_wants(CTM_LOG_WARNING))
		return 0;
	tell->items = calloc(n, sizeof *tell->items);
	for (size_t i = 0; tell->items && r == 0 && i < n; i++) {
		r = gather_one(txn, jobs->items[i], &tell->items[tell->n]);
		tell->n += r == 0;
	}
	return r;
}

/* The number stands in a field of its own. */
static void log_failure(const struct ctm_told *told, const struct ctm_log_subject *subject)
{
	char made[32];
	const char *name = ctm_hresult_name(told->hresult, made, sizeof made);

	ctm_log(CTM_LOG_WARNING, subject, "job has failed%s%s: %s", name ? ", " : "",
		name ? name : "", told->cause);
}

void ctm_tell_log(const struct ctm_tell *tell)
{
	for (size_t i = 0; i < tell->n; i++) {
		const struct ctm_told *told = &tell->items[i];
		const bool failed = told->state == CTM_JOB_FAILED;
		const struct ctm_log_subject subject = {
			.job = told->id,
			.endpoint = told->endpoint,
			.hresult = failed ? told->hresult : 0,
		};

		if (failed)
			log_failure(told, &subject);
		else
			ctm_log(CTM_LOG_INFO, &subject,
				"%" PRIu32 " of %" PRIu32 " files have arrived: job is %s",
				told->arrived, told->total, ctm_job_state_name(told->state));
	}
}

void ctm_tell_done(struct ctm_tell *tell)
{
	for (size_t i = 0; i < tell->n; i++) {
		free(tell->items[i].id);
		free(tell->items[i].endpoint);
		free(tell->items[i].cause);
	}
	free(tell->items);
	*tell = (struct ctm_tell){0};
}
