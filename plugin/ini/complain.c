/* SPDX-License-Identifier: MIT */
#include "complain.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "near.h"
#include "redact.h"
#include "utf.h"

#define KEY_SHOWN 24u /* bytes: the longest that is known has 18 */
#define KEY_CUT 8u    /* what is shown of a longer one */

const char *ctm_shown(const char *value, struct ctm_shown *shown)
{
	/* In place: what is wrong with a text must not look other for want of memory. */
	struct ctm_buf b = {
		.data = shown->text, .cap = sizeof shown->text, .limit = sizeof shown->text - 1};

	shown->text[0] = '\0';
	ctm_utf8_add_visible(&b, value, CTM_SHOWN);
	return shown->text;
}

const char *ctm_shown_url(const char *url, struct ctm_shown *shown)
{
	return ctm_shown(CTM_REDACT_URL(url), shown);
}

const char *ctm_shown_key(const char *key, struct ctm_shown *shown)
{
	struct ctm_buf b = {
		.data = shown->text, .cap = sizeof shown->text, .limit = sizeof shown->text - 1};
	const size_t word = strcspn(key, " \t");

	if (!key[word] && word <= KEY_SHOWN)
		return ctm_shown(key, shown);
	shown->text[0] = '\0';
	ctm_utf8_add_visible(&b, key, word < KEY_CUT ? word : KEY_CUT);
	return shown->text;
}

CTM_PRINTF(5, 0)
static void complain(struct ctm_complaints *c, int code, unsigned line,
	const struct ctm_ini_entry *entry, const char *format, va_list ap)
{
	struct ctm_error e;
	size_t used = 0;

	if (code < 0)
		c->errors++;
	if (!c->complain)
		return;
	ctm_error_at(&e, code, c->file, line, "%s", "");
	if (entry)
		used = (size_t)snprintf(
			e.text, sizeof e.text, "[%s] %s: ", entry->section, CTM_SHOW(entry->key));
	vsnprintf(e.text + used, sizeof e.text - used, format, ap);
	c->complain(c->context, &e);
}

void ctm_complain_error(struct ctm_complaints *c, unsigned line, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	complain(c, -EINVAL, line, NULL, format, ap);
	va_end(ap);
}

void ctm_complain_warning(struct ctm_complaints *c, unsigned line, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	complain(c, 0, line, NULL, format, ap);
	va_end(ap);
}

void ctm_complain_key(
	struct ctm_complaints *c, const struct ctm_ini_entry *entry, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	complain(c, -EINVAL, entry->line, entry, format, ap);
	va_end(ap);
}

void ctm_complain_key_warning(
	struct ctm_complaints *c, const struct ctm_ini_entry *entry, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	complain(c, 0, entry->line, entry, format, ap);
	va_end(ap);
}

/* Behind the unknown word: what was meant, or at least what is least far from it. */
static void suggest(char *to, size_t size, const char *word, const char *const *known, size_t n)
{
	bool close;
	const char *nearest = ctm_near_find(word, known, n, &close);

	if (!nearest)
		to[0] = '\0';
	else if (close)
		snprintf(to, size, ", did you mean \"%s\"?", nearest);
	else
		snprintf(to, size, "; the nearest known one is \"%s\"", nearest);
}

void ctm_complain_unknown_key(struct ctm_complaints *c, const struct ctm_ini_entry *entry,
	const char *const *known, size_t n)
{
	char hint[160];

	suggest(hint, sizeof hint, entry->key, known, n);
	ctm_complain_warning(c, entry->line, "unknown key \"%s\" in [%s]%s",
		CTM_SHOW_KEY(entry->key), entry->section, hint);
}

void ctm_complain_unknown_section(struct ctm_complaints *c, const struct ctm_ini_entry *entry,
	const char *const *known, size_t n)
{
	char hint[160];

	suggest(hint, sizeof hint, entry->section, known, n);
	ctm_complain_warning(
		c, entry->line, "unknown section \"%s\"%s", CTM_SHOW(entry->section), hint);
}

static bool is_quoted(const char *value)
{
	const size_t len = strlen(value);

	return len >= 2 && (value[0] == '"' || value[0] == '\'') && value[len - 1] == value[0];
}

void ctm_complain_quotes(struct ctm_complaints *c, const struct ctm_ini_entry *entry)
{
	if (is_quoted(entry->value))
		ctm_complain_key_warning(c, entry,
			"the quotes around %s are part of the value; remove them if they are not "
			"meant",
			strstr(entry->value, "://") ? CTM_SHOW_URL(entry->value)
						    : CTM_SHOW(entry->value));
}

void ctm_complain_quotes_unseen(struct ctm_complaints *c, const struct ctm_ini_entry *entry)
{
	if (is_quoted(entry->value))
		ctm_complain_key_warning(c, entry,
			"the quotes are part of the value; remove them if they are not meant");
}
