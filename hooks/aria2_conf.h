/* SPDX-License-Identifier: MIT */
/*
 * aria2_conf.h - the options of an aria2.conf, as aria2 1.36 reads them
 *
 * A line is `name=value`, blanks around both are no part of them; a "#" in the first column begins
 * a comment. The last of several lines counts. Names are not checked by aria2 but for a warning:
 * a line with a wrong one does nothing.
 */
#ifndef CTM_ARIA2_CONF_H
#define CTM_ARIA2_CONF_H

#include <stdbool.h>
#include <stddef.h>

struct ctm_aria2_option {
	char *name;
	char *value; /* "" where none is given */
	unsigned line; /* 0: it comes from no file */
};

struct ctm_aria2_conf {
	struct ctm_aria2_option *options; /* in the order of the text */
	size_t n;
	size_t cap;
	bool begins_with_bom; /* aria2 takes it for a part of the first name */
};

/* Reads the file; ctm_aria2_conf_done() either way. 0 or negative errno. */
int ctm_aria2_conf_read(const char *file, struct ctm_aria2_conf *conf);
/* One more, copied, as if it stood at the end. 0 or -ENOMEM. */
int ctm_aria2_conf_add(struct ctm_aria2_conf *conf, const char *name, const char *value);
void ctm_aria2_conf_done(struct ctm_aria2_conf *conf);

/* The line that counts, or NULL. */
const struct ctm_aria2_option *ctm_aria2_conf_find(
	const struct ctm_aria2_conf *conf, const char *name);

/* Its value, or fallback where it is not set. */
const char *ctm_aria2_conf_value(
	const struct ctm_aria2_conf *conf, const char *name, const char *fallback);

/* true, false, or nothing, which is true; fallback where it is not set. */
bool ctm_aria2_conf_bool(const struct ctm_aria2_conf *conf, const char *name, bool fallback);

#endif
