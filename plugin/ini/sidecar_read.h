/* SPDX-License-Identifier: MIT */
/*
 * sidecar_read.h - the steps of loading a sidecar, for sidecar.c
 *
 * Whom it comes from (sidecar_trust.c), whether somebody writes to it (sidecar_whole.c), its text
 * (sidecar_text.c by the table of sidecar_keys.c), its paths (sidecar_paths.c, sidecar_twins.c).
 */
#ifndef CTM_SIDECAR_READ_H
#define CTM_SIDECAR_READ_H

#include "complain.h"
#include "sidecar.h"

enum ctm_sidecar_section {
	CTM_SIDECAR_NOWHERE, /* before the first section, or in an unknown one */
	CTM_SIDECAR_JOB,
	CTM_SIDECAR_FILE, /* [file.N] */
};

struct ctm_sidecar_key;

/* What a key of the text is stored in. */
struct ctm_sidecar_target {
	struct ctm_sidecar *sidecar;
	struct ctm_sidecar_file *file; /* NULL: a key of [job] */
};

/* Checks the entry's value and stores it. Complains of what is wrong. 0 or -ENOMEM. */
typedef int ctm_sidecar_parse(struct ctm_complaints *c, const struct ctm_sidecar_key *key,
	const struct ctm_ini_entry *entry, const struct ctm_sidecar_target *to);

struct ctm_sidecar_key {
	enum ctm_sidecar_section section;
	const char *name;
	ctm_sidecar_parse *parse;
	size_t offset;     /* of the member */
	uint64_t min, max; /* a number */
	const char *other; /* the key that says the same in another form: only one may stand */
	bool required;
	bool repeatable;
	bool opaque; /* a comment behind the value could be meant as a part of it */
};

extern const struct ctm_sidecar_key ctm_sidecar_keys[];
extern const size_t ctm_n_sidecar_keys;

#define CTM_SIDECAR_MOST_KEYS 32u /* of the table */

/* What the text was, beside the sidecar in it. */
struct ctm_sidecar_text {
	unsigned job_line;                         /* of [job]; 0: there is none */
	unsigned key_lines[CTM_SIDECAR_MOST_KEYS]; /* of its keys, by place in the table; 0: none */
	uint64_t n_files;                          /* how many [file.N] there are */
	bool ends_in_newline;
};

/* What it has beside what is in its sidecar's `text`. */
void ctm_sidecar_file_done(struct ctm_sidecar_file *file);

/* The line of a key of [job], else that of [job]. */
unsigned ctm_sidecar_line(const struct ctm_sidecar_text *text, const char *key);

/* Whether a key of [job] stands in the text, rightly or not. */
bool ctm_sidecar_has(const struct ctm_sidecar_text *text, const char *key);

/*
 * Reads fd, a regular file, into *sidecar, which is zeroed but for `file`. A file's path is as it
 * stands there. Files that can't be part of a good sidecar are left out, but counted: there can be
 * a hundred millions. 0, or negative errno where reading failed.
 */
int ctm_sidecar_read(int fd, struct ctm_sidecar *sidecar, struct ctm_complaints *c,
	struct ctm_sidecar_text *ret_text);

/*
 * Makes local_path and the files' paths canonical and complains of those that may not be. 0 or
 * -ENOMEM.
 */
int ctm_sidecar_settle_paths(struct ctm_sidecar *sidecar, const struct ctm_sidecar_text *text,
	bool beside, struct ctm_complaints *c);

/* Complains of two files of one number or one path. 0 or -ENOMEM. */
int ctm_sidecar_find_twins(struct ctm_sidecar *sidecar, struct ctm_complaints *c);

/* Whether the open file may be believed at all; complains if not. */
bool ctm_sidecar_is_trusted(
	const struct stat *st, const struct ctm_sidecar_trust *trust, struct ctm_complaints *c);

/* Whether nobody writes to the open file, as far as that can be told. Disturbs no signal. */
bool ctm_sidecar_is_settled(int fd, const struct stat *st);

/* The names of the keys of a section into `to`, which holds CTM_SIDECAR_MOST_KEYS. Their number. */
size_t ctm_sidecar_key_names(enum ctm_sidecar_section section, const char **to);

#endif
