/* SPDX-License-Identifier: MIT */
#include "fold_question.h"

#include <inttypes.h>
#include <stdio.h>

#include "fold_error.h"
#include "hresult.h"

bool ctm_question_may_be_asked(const struct ctm_config *config)
{
	for (size_t i = 0; i < config->n_aria2s; i++)
		if (config->aria2s[i].rpc)
			return true;
	return false;
}

int ctm_fold_unexplained(struct ctm_txn *txn, const struct ctm_event *event, const char *because,
	struct ctm_fold *fold)
{
	char text[CTM_ERROR_TEXT];
	const struct ctm_cause cause = {
		.hresult = CTM_E_FAIL,
		.since_ms = event->wall_ms,
		.text = text,
	};

	if (event->type != CTM_EVENT_ERROR)
		return ctm_fold_event_alone(txn, event, fold);
	snprintf(text, sizeof text,
		"aria2 gave up on it (gid %016" PRIx64
		"), why is not known because %s: aria2's own log tells",
		event->gid, because);
	return ctm_fold_error(txn, event, &cause, fold);
}
