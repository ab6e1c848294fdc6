/* SPDX-License-Identifier: MIT */
/* scan_log.h - what the log says of a sidecar that was read and decided about */
#ifndef CTM_SCAN_LOG_H
#define CTM_SCAN_LOG_H

#include "config.h"
#include "register.h"

/* One line for the decision, and one more for a new job whose endpoint leads nowhere. */
void ctm_scan_log(const struct ctm_config *config, const char *path,
	const struct ctm_registration *registration);

#endif
