/* SPDX-License-Identifier: MIT */
#include "redact.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

const char *ctm_redact_url(const char *text, struct ctm_redacted *r)
{
	static const char *const schemes[] = {"https://", "http://"};
	const char *at = strrchr(text, '@');
	const char *scheme = "";

	if (!at)
		return text;
	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
		if (strncasecmp(text, schemes[i], strlen(schemes[i])) == 0)
			scheme = schemes[i];
	snprintf(r->text, sizeof r->text, "%s...%s", scheme, at);
	return r->text;
}
