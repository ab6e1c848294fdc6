/* SPDX-License-Identifier: MIT */
#include "send_log.h"

#include <inttypes.h>

#include "hresult.h"
#include "log.h"

/* Progress that was not taken is no reason to worry: the final word comes all the same. */
static void log_progress(
	const struct ctm_send_outcome *outcome, const struct ctm_log_subject *subject)
{
	if (outcome->state == CTM_MESSAGE_SENT)
		ctm_log(CTM_LOG_DEBUG, subject, "CTM took progress %" PRIu32, outcome->sequence);
	else
		ctm_log(CTM_LOG_INFO, subject, "progress %" PRIu32 " was not taken: %s",
			outcome->sequence, outcome->transport.text);
}

static void log_final(const struct ctm_send_outcome *outcome, const struct ctm_log_subject *subject)
{
	const struct ctm_transport_outcome *t = &outcome->transport;
	const char *kind = ctm_message_kind_name(outcome->kind);
	char hresult[64];

	ctm_hresult_print(t->hresult, hresult, sizeof hresult);
	if (outcome->state == CTM_MESSAGE_SENT)
		ctm_log(CTM_LOG_INFO, subject, "CTM took the final word, %s, at attempt %" PRIu32,
			kind, outcome->attempts);
	else if (outcome->state == CTM_MESSAGE_DEAD)
		ctm_log(CTM_LOG_ERROR, subject,
			"the final word, %s, failed for good after %" PRIu32
			" attempts, %s: %s; it is kept: \"aria2-ctm retry\" tries again",
			kind, outcome->attempts, hresult, t->text);
	else
		ctm_log(CTM_LOG_WARNING, subject,
			"attempt %" PRIu32 " failed, %s: %s; next in %" PRIu64 " s",
			outcome->attempts, hresult, t->text, (outcome->due_ms + 999) / 1000);
}

void ctm_send_log(const struct ctm_send_outcome *outcome)
{
	const struct ctm_log_subject subject = {
		.job = outcome->id,
		.endpoint = outcome->endpoint,
		.hresult = outcome->transport.hresult,
	};

	if (outcome->kind == CTM_MESSAGE_PROGRESS)
		log_progress(outcome, &subject);
	else
		log_final(outcome, &subject);
}
