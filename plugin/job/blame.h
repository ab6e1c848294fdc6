/* SPDX-License-Identifier: MIT */
/*
 * blame.h - which file a failed download was about, and what to say of it
 */
#ifndef CTM_BLAME_H
#define CTM_BLAME_H

#include "report.h"

/* Whether aria2's error code speaks of a file that is another download's, or was there before. */
bool ctm_blame_is_of_another(uint32_t code);

/* Whether somebody took the download out of aria2. */
bool ctm_blame_is_removal(const struct ctm_report *report);

/*
 * Where the file stands, or would have stood: its path, else its URI's last part below the
 * download's directory. *ret_path is freed by the caller; NULL: it can't be known. 0 or -ENOMEM.
 */
int ctm_blame_path(
	const struct ctm_report *report, const struct ctm_report_file *file, char **ret_path);

/* The path in quotes, its end where it is long. Returns buf. */
#define CTM_BLAME_NAME 320
const char *ctm_blame_name(const char *path, char buf[CTM_BLAME_NAME]);

/*
 * For a person: which file, which server, what happened, what to do. `path` may be NULL. Nothing
 * of a URI but its host is shown, since it can hold a password. Returns buf.
 */
const char *ctm_blame_describe(
	const struct ctm_report *report, const char *path, char *buf, size_t size);

#endif
