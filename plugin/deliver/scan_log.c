/* SPDX-License-Identifier: MIT */
#include "scan_log.h"

#include "log.h"

/* One whose endpoint leads nowhere is known too: that can be mended until its end, long after. */
static void log_new(
	const struct ctm_config *config, const char *path, const struct ctm_log_subject *subject)
{
	const struct ctm_endpoint *endpoint;
	struct ctm_error e = CTM_ERROR_INIT;
	const char *url;

	ctm_log(CTM_LOG_INFO, subject, "job registered from \"%s\"", path);
	if (ctm_config_endpoint(config, subject->endpoint, &endpoint, &url, &e) < 0)
		ctm_log(CTM_LOG_WARNING, subject,
			"%s: [job] endpoint: %s; until then the final word waits", path, e.text);
}

void ctm_scan_log(const struct ctm_config *config, const char *path,
	const struct ctm_registration *registration)
{
	const struct ctm_log_subject subject = {
		.job = registration->sidecar->id,
		.endpoint = registration->sidecar->endpoint,
	};

	if (registration->complaint[0])
		ctm_log(CTM_LOG_ERROR, &subject, "%s: %s", path, registration->complaint);
	else if (registration->outcome == CTM_REGISTERED_NEW)
		log_new(config, path, &subject);
	else if (registration->outcome == CTM_REGISTERED_UPDATED)
		ctm_log(CTM_LOG_INFO, &subject, "job changed as \"%s\" did", path);
}
