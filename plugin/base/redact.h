/* SPDX-License-Identifier: MIT */
/* redact.h - URLs without what may be a password */
#ifndef CTM_REDACT_H
#define CTM_REDACT_H

#define CTM_REDACTED 256u /* bytes, with the NUL; what is longer is cut */

struct ctm_redacted {
	char text[CTM_REDACTED];
};

/*
 * A text that may be a URL, well-formed or not. Of one with an "@" no more is left than http:// or
 * https://, if it begins so, "..." and what stands from the last "@" on: before that stand user and
 * password. Returns r->text then; any other text is returned as it is. Good for as long as both
 * are.
 */
const char *ctm_redact_url(const char *text, struct ctm_redacted *r);
#define CTM_REDACT_URL(text) ctm_redact_url((text), &(struct ctm_redacted){{0}})

#endif
