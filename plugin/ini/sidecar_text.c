/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "num.h"
#include "sidecar_read.h"

#define FILE_PREFIX "file."

struct reader {
	struct ctm_sidecar *sidecar;
	struct ctm_complaints *c;
	struct ctm_sidecar_text text;
	enum ctm_sidecar_section section;
	unsigned file_line;                         /* of the [file.N] being read */
	unsigned file_lines[CTM_SIDECAR_MOST_KEYS]; /* of its keys; 0: not given */
	size_t room;                                /* for files */
};

static size_t find_key(enum ctm_sidecar_section section, const char *name)
{
	size_t i = 0;

	while (i < ctm_n_sidecar_keys && (ctm_sidecar_keys[i].section != section ||
						 strcmp(ctm_sidecar_keys[i].name, name) != 0))
		i++;
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

static struct ctm_sidecar_file *current_file(struct reader *r)
{
	return &r->sidecar->files[r->sidecar->n_files - 1];
}

/* What can be said of a [file.N] only at its end. */
static void end_section(struct reader *r)
{
	const size_t path = find_key(CTM_SIDECAR_FILE, "path");
	const size_t base64 = find_key(CTM_SIDECAR_FILE, "path_base64");

	if (r->section != CTM_SIDECAR_FILE)
		return;
	if (!r->file_lines[path] && !r->file_lines[base64])
		ctm_complain_error(r->c, r->file_line, "[file.%u] has no path; write path = name",
			current_file(r)->number);
}

static int begin_file(struct reader *r, const struct ctm_ini_entry *entry)
{
	struct ctm_sidecar *sidecar = r->sidecar;
	struct ctm_sidecar_file *longer;
	uint64_t number;

	if (ctm_num_parse(entry->section + strlen(FILE_PREFIX), 1, UINT32_MAX, &number) < 0) {
		ctm_complain_error(r->c, entry->line,
			"section \"%s\": N of [file.N] is a number from 1 to 4294967295",
			CTM_SHOW(entry->section));
		return 0;
	}
	if (sidecar->n_files == UINT32_MAX)
		return -E2BIG;
	if (sidecar->n_files == r->room) {
		r->room += r->room / 2 + 4;
		longer = realloc(sidecar->files, r->room * sizeof *longer);
		if (!longer)
			return -ENOMEM;
		sidecar->files = longer;
	}
	sidecar->files[sidecar->n_files++] =
		(struct ctm_sidecar_file){.number = (uint32_t)number, .line = entry->line};
	memset(r->file_lines, 0, sizeof r->file_lines);
	r->file_line = entry->line;
	r->section = CTM_SIDECAR_FILE;
	return 0;
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
	const unsigned other = key->other ? lines[find_key(r->section, key->other)] : 0;

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
		current_file(r)->line = entry->line;
	ctm_complain_quotes(r->c, entry);
	if (key->opaque && entry->commented)
		warn_of_comment(r, entry);
	return key->parse(r->c, key, entry, in_job ? (void *)r->sidecar : (void *)current_file(r));
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

int ctm_sidecar_read(int fd, struct ctm_sidecar *sidecar, struct ctm_complaints *c,
	struct ctm_sidecar_text *ret_text)
{
	struct reader r = {.sidecar = sidecar, .c = c};
	struct ctm_ini_outcome outcome;
	int result;

	sidecar->priority = CTM_PRIORITY_NORMAL;
	result = ctm_ini_read(fd, c->file, handle, report, &r, &outcome);
	if (result < 0)
		return result;
	end_section(&r);
	r.text.ends_in_newline = outcome.ends_in_newline;
	*ret_text = r.text;
	return 0;
}
