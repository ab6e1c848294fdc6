/* SPDX-License-Identifier: MIT */
/*
 * errors.h - how a failure travels
 *
 * A function that can fail returns 0 or a negative errno, and touches its ret_ parameters only on
 * success. Where a person must read about it, it also takes a struct ctm_error, which lives on the
 * caller's stack and may be NULL. The function that meets the failure fills it; callers on the way
 * out add what they know with ctm_error_wrap(). Where nothing could be said but the code, it is
 * left empty, and whoever tells of it at last fills that in with ctm_error_of(). A function either
 * logs or returns an error, never both; only programs log.
 *
 * A text says what failed first, the subject in quotes, without a capital and a full stop:
 *	cannot open "/etc/x": Permission denied
 */
#ifndef CTM_ERRORS_H
#define CTM_ERRORS_H

#include <stdarg.h>
#include <stddef.h>

#define CTM_ERROR_TEXT 768

struct ctm_error {
	int code;       /* negative errno; 0: nothing was reported */
	unsigned line;  /* 1-based line of `file`; 0: none */
	char file[256]; /* the file that the complaint is about; "": none */
	char text[CTM_ERROR_TEXT];
};

/* clang-format off */
#define CTM_ERROR_INIT { 0 }
/* clang-format on */

#define CTM_PRINTF(f, a) __attribute__((format(printf, f, a)))

/* Fills *e (NULL allowed) and returns code, so that `return ctm_error_set(e, -EINVAL, ...)` reads.
 */
int ctm_error_set(struct ctm_error *e, int code, const char *format, ...) CTM_PRINTF(3, 4);

/* The same with the place of the complaint; line 0: the file as a whole. */
int ctm_error_at(struct ctm_error *e, int code, const char *file, unsigned line, const char *format,
	...) CTM_PRINTF(5, 6);

/* Puts "context: " in front of the text that is there. Returns e->code (0 for NULL). */
int ctm_error_wrap(struct ctm_error *e, const char *format, ...) CTM_PRINTF(2, 3);

/* Makes `code`, which a call returned, the code of an error that it left empty. Returns e. */
const struct ctm_error *ctm_error_of(struct ctm_error *e, int code);

/*
 * The complaint in one line, "file:line: text", in buf; returns buf. An error without text gives
 * what strerror says of its code.
 */
const char *ctm_error_print(const struct ctm_error *e, char *buf, size_t size);

#endif
