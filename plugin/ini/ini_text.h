/* SPDX-License-Identifier: MIT */
/*
 * ini_text.h - INI text through inih (whose header is called ini.h), without what inih would cut
 *
 * inih as distributions ship it cuts a line at about 200 characters, calling the handler with the
 * cut value, and a section name at 49 without an error. The reader in front of it splits each line
 * itself, hands inih a short form of it, and gives the handler the whole value. Values up to
 * CTM_INI_VALUE_LIMIT bytes arrive whole, the same on every distribution and in every locale.
 *
 * The rules of the text. UTF-8 without NUL; a BOM and CRLF are accepted. A line is empty, a comment
 * (";" or "#" first), "[section]" or "key = value". Only "=" separates: a ":" in a key is an error.
 * A section's name has at most 49 bytes. An indented line that is not a comment is an error,
 * because INI readers disagree on whether it continues the one before. A ";" behind a blank begins
 * a comment, also right behind "=". Blanks around key and value are no part of them, quotes are. A
 * line with an error is complained of and left out; a line is never held whole where it is longer
 * than a value can be.
 */
#ifndef CTM_INI_TEXT_H
#define CTM_INI_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "errors.h"

#define CTM_INI_VALUE_LIMIT 65536u

/* One `key = value`, or with key NULL the start of a section. Strings are borrowed for the call. */
struct ctm_ini_entry {
	const char *file;    /* as named to ctm_ini_read */
	unsigned line;       /* 1-based */
	const char *section; /* "" before the first one */
	const char *key;
	const char *value; /* without surrounding blanks and comment; can be "" */
	bool commented;    /* a " ;" comment stood behind the value */
};

/* What a reader found. It reports complaints itself; a negative return ends the reading. */
typedef int ctm_ini_handler(void *context, const struct ctm_ini_entry *entry);

/* A complaint about the text or a key: an error (code < 0) or a warning (code 0 in *complaint). */
typedef void ctm_ini_complain(void *context, const struct ctm_error *complaint);

struct ctm_ini_outcome {
	bool ends_in_newline; /* the last byte is one (an empty file does not) */
	unsigned lines;
	unsigned errors;      /* complaints of the reader itself, e.g. an indented line */
	bool section_damaged; /* one was about a line that may have been meant to begin a section */
};

/*
 * Reads fd from its offset to its end. 0: it was read to the end (errors of text were complained of
 * and counted in *ret_outcome, the good lines were handed on); negative errno: reading failed, or
 * the handler's return.
 */
int ctm_ini_read(int fd, const char *file, ctm_ini_handler *handler, ctm_ini_complain *complain,
	void *context, struct ctm_ini_outcome *ret_outcome);

#endif
