/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "num.h"
#include "sidecar_read.h"

#define FILE_PREFIX "file."

/* The shortest [file.N] that can be right: "[file.1]\npath=a\n". */
#define SHORTEST_FILE 16
/* So many are kept whatever comes of them, to say what is wrong with each. */
#define FILES_ANYWAY 65536u

struct reader {
	struct ctm_sidecar *sidecar;
	struct ctm_complaints *c;
	struct ctm_sidecar_text text;
	enum ctm_sidecar_section section;
	unsigned file_line;                         /* of the [file.N] being read */
	unsigned file_lines[CTM_SIDECAR_MOST_KEYS]; /* of its keys; 0: not given */
	size_t room;                                /* for files */
	uint64_t most_files;                        /* that a text of this size can hold */
	struct ctm_sidecar_file *file;              /* being read: the last one, or `spare` */
	struct ctm_sidecar_file spare;              /* one that is only looked at, */
	struct ctm_arena before_spare;              /* and the sidecar's text without it */
	size_t others[CTM_SIDECAR_MOST_KEYS];       /* the place of each key's `other` */
	size_t path, path_base64;                   /* of those keys */
};

static size_t find_key(enum ctm_sidecar_section section, const char *name)
{
	size_t i = 0;

	for (; i < ctm_n_sidecar_keys; i++) {
		const struct ctm_sidecar_key *key = &ctm_sidecar_keys[i];

		if (key->section == section && key->name[0] == name[0] &&
			strcmp(key->name, name) == 0)
			break;
	}
	return i;
}

bool ctm_sidecar_has(const struct ctm_sidecar_text *text, const char *key)
{
	return text->key_lines[find_key(CTM_SIDECAR_JOB, key)];
}

unsigned ctm_sidecar_line(const struct ctm_sidecar_text *text, const char *key)
{
	const unsigned line = text->key_lines[find_key(CTM_SIDECAR_JOB, key)];

	return line ? line : text->job_line;
}

static void report(void *context, const struct ctm_error *complaint)
{
	struct reader *r = context;

	if (complaint->code < 0)
		r->c->errors++;
	if (r->c->complain)
		r->c->complain(r->c->context, complaint);
}

/* What can be said of a [file.N] only at its end. */
static void end_section(struct reader *r)
{
	if (r->section != CTM_SIDECAR_FILE)
		return;
	if (!r->file_lines[r->path] && !r->file_lines[r->path_base64])
		ctm_complain_error(r->c, r->file_line, "[file.%u] has no path; write path = name",
			r->file->number);
}

/*
 * Whether one more [file.N] can be part of a good sidecar. Of those that can't, however many there
 * are, only the text is looked at.
 */
static bool is_wanted(const struct reader *r)
{
	const struct ctm_sidecar *sidecar = r->sidecar;

	if (sidecar->n_files < FILES_ANYWAY)
		return true;
	return r->text.job_line && !r->c->errors && sidecar->kind == CTM_KIND_LISTED &&
	       sidecar->n_files < sidecar->files_total && sidecar->files_total <= r->most_files;
}

static int keep_file(struct reader *r, const struct ctm_sidecar_file *file)
{
	struct ctm_sidecar *sidecar = r->sidecar;

	if (sidecar->n_files == r->room) {
		const size_t room = r->room + r->room / 2 + 4;
		struct ctm_sidecar_file *longer = realloc(sidecar->files, room * sizeof *longer);

		if (!longer)
			return -ENOMEM;
		sidecar->files = longer;
		r->room = room;
	}
	r->file = &sidecar->files[sidecar->n_files++];
	*r->file = *file;
	return 0;
}

static void look_at_file(struct reader *r, const struct ctm_sidecar_file *file)
{
	if (!r->text.job_line && r->text.n_files == (uint64_t)FILES_ANYWAY + 1)
		ctm_complain_error(r->c, file->line,
			"more than %u [file.N] before [job], which says how many there are; write it "
			"first",
			FILES_ANYWAY);
	/* The text of the one before it, which nobody will ask for. */
	if (r->file == &r->spare)
		ctm_arena_rewind(&r->sidecar->text, &r->before_spare);
	r->before_spare = r->sidecar->text;
	ctm_sidecar_file_done(&r->spare);
	r->spare = *file;
	r->file = &r->spare;
}

static int begin_file(struct reader *r, const struct ctm_ini_entry *entry)
{
	struct ctm_sidecar_file file = {.line = entry->line};
	uint64_t number;
	int result = 0;

	if (ctm_num_parse(entry->section + strlen(FILE_PREFIX), 1, UINT32_MAX, &number) < 0) {
		ctm_complain_error(r->c, entry->line,
			"section \"%s\": N of [file.N] is a number from 1 to 4294967295",
			CTM_SHOW(entry->section));
		return 0;
	}
	file.number = (uint32_t)number;
	r->text.n_files++;
	if (is_wanted(r))
		result = keep_file(r, &file);
	else
		look_at_file(r, &file);
	memset(r->file_lines, 0, sizeof r->file_lines);
	r->file_line = entry->line;
	r->section = CTM_SIDECAR_FILE;
	return result;
}

static int begin_section(struct reader *r, const struct ctm_ini_entry *entry)
{
	static const char *const known[] = {"job", "file.N"};

	end_section(r);
	r->section = CTM_SIDECAR_NOWHERE;
	if (strncmp(entry->section, FILE_PREFIX, strlen(FILE_PREFIX)) == 0)
		return begin_file(r, entry);
	if (strcmp(entry->section, "job") != 0) {
		ctm_complain_unknown_section(r->c, entry, known, sizeof known / sizeof *known);
	} else if (r->text.job_line) {
		ctm_complain_error(r->c, entry->line,
			"[job] stands here again, first on line %u; a sidecar is one job",
			r->text.job_line);
	} else {
		r->text.job_line = entry->line;
		r->section = CTM_SIDECAR_JOB;
	}
	return 0;
}

static void warn_of_comment(struct reader *r, const struct ctm_ini_entry *entry)
{
	ctm_complain_key_warning(r->c, entry,
		"what follows the \" ;\" is a comment; use %s_base64 if it is part of the value",
		entry->key);
}

static int take_key(struct reader *r, const struct ctm_ini_entry *entry, size_t i)
{
	const struct ctm_sidecar_key *key = &ctm_sidecar_keys[i];
	const bool in_job = r->section == CTM_SIDECAR_JOB;
	unsigned *lines = in_job ? r->text.key_lines : r->file_lines;
	const unsigned other = key->other ? lines[r->others[i]] : 0;
	const struct ctm_sidecar_target to = {
		.sidecar = r->sidecar, .file = in_job ? NULL : r->file};

	if (lines[i] && !key->repeatable) {
		ctm_complain_key(
			r->c, entry, "stands here again, first on line %u; remove one", lines[i]);
		return 0;
	}
	if (other) {
		ctm_complain_key(
			r->c, entry, "stands beside %s on line %u; remove one", key->other, other);
		return 0;
	}
	lines[i] = entry->line;
	if (!in_job && strncmp(key->name, "path", 4) == 0)
		r->file->line = entry->line;
	ctm_complain_quotes(r->c, entry);
	if (key->opaque && entry->commented)
		warn_of_comment(r, entry);
	return key->parse(r->c, key, entry, &to);
}

static int handle(void *context, const struct ctm_ini_entry *entry)
{
	struct reader *r = context;
	const char *known[CTM_SIDECAR_MOST_KEYS];
	size_t i;

	if (!entry->key)
		return begin_section(r, entry);
	if (!entry->section[0])
		ctm_complain_error(r->c, entry->line,
			"key \"%s\" stands before any section; put it below [job]",
			CTM_SHOW(entry->key));
	if (r->section == CTM_SIDECAR_NOWHERE)
		return 0;
	i = find_key(r->section, entry->key);
	if (i < ctm_n_sidecar_keys)
		return take_key(r, entry, i);
	ctm_complain_unknown_key(r->c, entry, known, ctm_sidecar_key_names(r->section, known));
	return 0;
}

/* Looked up once, and not for each of a million files. */
static void find_others(struct reader *r)
{
	for (size_t i = 0; i < ctm_n_sidecar_keys; i++) {
		const struct ctm_sidecar_key *key = &ctm_sidecar_keys[i];

		if (key->other)
			r->others[i] = find_key(key->section, key->other);
	}
	r->path = find_key(CTM_SIDECAR_FILE, "path");
	r->path_base64 = find_key(CTM_SIDECAR_FILE, "path_base64");
}

int ctm_sidecar_read(int fd, struct ctm_sidecar *sidecar, struct ctm_complaints *c,
	struct ctm_sidecar_text *ret_text)
{
	struct reader r = {.sidecar = sidecar, .c = c};
	struct ctm_ini_outcome outcome;
	struct stat st;
	int result;

	if (fstat(fd, &st) < 0)
		return -errno;
	find_others(&r);
	r.most_files = (uint64_t)st.st_size / SHORTEST_FILE + 1;
	sidecar->priority = CTM_PRIORITY_NORMAL;
	result = ctm_ini_read(fd, c->file, handle, report, &r, &outcome);
	ctm_sidecar_file_done(&r.spare);
	if (result < 0)
		return result;
	end_section(&r);
	r.text.ends_in_newline = outcome.ends_in_newline;
	*ret_text = r.text;
	return 0;
}
