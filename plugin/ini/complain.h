/* SPDX-License-Identifier: MIT */
/*
 * complain.h - complaints about a text, as configuration and sidecar both make them
 *
 * A complaint names the place, the section and key, what was found and what would be right:
 *
 *	jobs/a.ctm.ini:7: [file.1] size: "12k" is not a number from 0 to 18446744073709551615
 */
#ifndef CTM_COMPLAIN_H
#define CTM_COMPLAIN_H

#include "ini_text.h"

#define CTM_SHOWN 100u /* bytes of a value that a complaint quotes */

/* Where complaints go, and how many errors there were. */
struct ctm_complaints {
	ctm_ini_complain *complain; /* NULL: nowhere */
	void *context;
	const char *file;
	unsigned errors;
	bool state_damaged; /* of a configuration: an error was, or may have been, about [state] */
};

/* A value as it is quoted: cut, control characters visible. */
struct ctm_shown {
	char text[5 * CTM_SHOWN];
};

/* Fills *shown and returns its text; good within one expression. */
const char *ctm_shown(const char *value, struct ctm_shown *shown);
#define CTM_SHOW(value) ctm_shown((value), &(struct ctm_shown){{0}})

/* The same of a URL, without what may be a password (redact.h). */
const char *ctm_shown_url(const char *url, struct ctm_shown *shown);
#define CTM_SHOW_URL(url) ctm_shown_url((url), &(struct ctm_shown){{0}})

/* The same of an unknown key, cut where it is longer than a key is: it may be a pasted secret. */
const char *ctm_shown_key(const char *key, struct ctm_shown *shown);
#define CTM_SHOW_KEY(key) ctm_shown_key((key), &(struct ctm_shown){{0}})

/* About a line as such. Line 0: the file as a whole. */
void ctm_complain_error(struct ctm_complaints *c, unsigned line, const char *format, ...)
	CTM_PRINTF(3, 4);
void ctm_complain_warning(struct ctm_complaints *c, unsigned line, const char *format, ...)
	CTM_PRINTF(3, 4);

/* About the value of a key: "[section] key: " goes in front. */
void ctm_complain_key(struct ctm_complaints *c, const struct ctm_ini_entry *entry,
	const char *format, ...) CTM_PRINTF(3, 4);
void ctm_complain_key_warning(struct ctm_complaints *c, const struct ctm_ini_entry *entry,
	const char *format, ...) CTM_PRINTF(3, 4);

/* `unknown key "endpiont" in [job], did you mean "endpoint"?`, a warning. */
void ctm_complain_unknown_key(struct ctm_complaints *c, const struct ctm_ini_entry *entry,
	const char *const *known, size_t n);
void ctm_complain_unknown_section(struct ctm_complaints *c, const struct ctm_ini_entry *entry,
	const char *const *known, size_t n);

/* A warning where the value begins and ends with a quote, which is part of it. */
void ctm_complain_quotes(struct ctm_complaints *c, const struct ctm_ini_entry *entry);

/* The same for one that may be a secret, and is not shown. */
void ctm_complain_quotes_unseen(struct ctm_complaints *c, const struct ctm_ini_entry *entry);

#endif
