/* SPDX-License-Identifier: MIT */
/*
 * secret_file.h - files with a token or keys, that others can't read
 *
 * A secret file is a regular file (a link to one will do: that is how containers mount them) that
 * others can neither read nor write. Only its first lines count, without the white space at their
 * end. What was read stands in the caller's struct and is wiped by ctm_secret_done().
 *
 * Failures are a negative errno and *ret_why, a phrase that stands behind the file's name; NULL:
 * the errno says it. They never show the content.
 */
#ifndef CTM_SECRET_FILE_H
#define CTM_SECRET_FILE_H

#include <stdbool.h>
#include <stddef.h>

#define CTM_SECRET_LINES_MAX 2
#define CTM_SECRET_BYTES_MAX 16384

struct ctm_secret {
	size_t n;                                /* lines, 1 and up once read */
	const char *lines[CTM_SECRET_LINES_MAX]; /* not empty; views into bytes */
	char bytes[CTM_SECRET_BYTES_MAX + 1];
};

/* Opens it. -EINVAL: not a regular file; -EPERM: open to others. */
int ctm_secret_open(const char *path, int *ret_fd, const char **ret_why);

/*
 * Reads up to max_lines (1 to CTM_SECRET_LINES_MAX). Errors as above, and -EINVAL: its first line
 * is empty or longer than CTM_SECRET_BYTES_MAX.
 */
int ctm_secret_load(
	const char *path, size_t max_lines, struct ctm_secret *ret_secret, const char **ret_why);

/* Wipes it. Good for one that could not be read. */
void ctm_secret_done(struct ctm_secret *secret);

/* Whether a line can be sent as a token: visible ASCII, no blank. */
bool ctm_secret_is_token(const char *line);

#define CTM_SECRET_NO_TOKEN "holds a character that no token has"

#endif
