/* SPDX-License-Identifier: MIT */
/*
 * values.h - kinds of values that configuration and sidecar have in common
 */
#ifndef CTM_VALUES_H
#define CTM_VALUES_H

#include <stdbool.h>
#include <stddef.h>

/* Of a list on one line: a comma, and what the reader takes for blanks. */
#define CTM_VALUE_SEPARATORS ", \t\r\v\f"

/* yes, no, true, false, on, off, 1 or 0, any case. False: none of them. */
bool ctm_value_bool(const char *value, bool *ret_flag);

/* Whether UTF-8 text holds a control character; a tab is one. */
bool ctm_value_has_control(const char *value);

/* "C:\...", "C:/..." or "\\server\...". */
bool ctm_value_is_windows_path(const char *value);

/*
 * The next word of a list on one line: *cursor moves behind it. Returns its first byte and its
 * length, 0 at the end.
 */
const char *ctm_value_word(const char **cursor, size_t *ret_len);

/* Appends a copy of len bytes to a list of strings. 0 or -ENOMEM. */
int ctm_value_append(char ***list, size_t *n, const char *value, size_t len);

void ctm_value_free_list(char **list, size_t n);

#endif
