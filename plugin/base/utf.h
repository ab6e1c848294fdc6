/* SPDX-License-Identifier: MIT */
/*
 * utf.h - UTF-8 checked and made visible, UTF-16 turned into it
 */
#ifndef CTM_UTF_H
#define CTM_UTF_H

#include <stdbool.h>
#include <stddef.h>
#include <uchar.h>

#include "buf.h"

/* Whether len bytes are well-formed UTF-8 (no surrogates, no overlong forms). */
bool ctm_utf8_valid(const char *s, size_t len);

/*
 * The bytes of the character that s begins with, 1 to 4; 0: it is not well-formed within len, or
 * len is 0. *ret_code (NULL allowed) is its code point.
 */
size_t ctm_utf8_next(const char *s, size_t len, char32_t *ret_code);

/* Whether a code point is a control character: C0, DEL, C1, or one that breaks or turns a line. */
bool ctm_utf8_is_control(char32_t code);

/*
 * Appends s for a person's eyes: control characters become "\n", "\t" or "\x1b", and so does each
 * byte that is not UTF-8. What is longer than max bytes ends in "..." instead (SIZE_MAX: no limit).
 */
void ctm_utf8_add_visible(struct ctm_buf *out, const char *s, size_t max);

/* The most that it appends: each byte can become four, and "..." comes behind them. */
#define CTM_UTF8_VISIBLE(max) ((size_t)4 * (max) + 3)

/*
 * A NUL-terminated UTF-16 string (native byte order) as UTF-8, freed by the caller. 0; -EINVAL: a
 * lone surrogate; -ENOMEM; -ENOBUFS: more than limit bytes.
 */
int ctm_utf8_from_utf16(const char16_t *s, size_t limit, char **ret_utf8);

#endif
