/* SPDX-License-Identifier: MIT */
#include "status_table.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "human.h"
#include "status_job.h"

#define LIMIT ((size_t)1 << 24) /* more than one job can need */
#define SPILL ((size_t)1 << 16)
#define FEW_COMPLAINTS 50u

void ctm_status_add_places(struct ctm_lines *lines, const struct ctm_config *config)
{
	ctm_lines_line(lines, CTM_FAINT, "configuration: %s",
		config->file ? config->file : "none, built-in defaults");
	ctm_lines_line(lines, CTM_FAINT, "state: %s", config->state_dir);
}

static void add_sidecar(struct ctm_lines *lines, const struct ctm_sidecar_record *record)
{
	const bool is_named = strncmp(record->complaint, record->path, strlen(record->path)) == 0;

	ctm_lines_begin(lines, 0, 2);
	ctm_lines_add(lines, record->fate == CTM_FATE_NOT_WHOLE ? CTM_YELLOW : CTM_RED,
		ctm_status_fate_name(record->fate));
	ctm_lines_printf(lines, CTM_PLAIN, " sidecar: %s%s%s", is_named ? "" : record->path,
		is_named || !record->complaint[0] ? "" : ": ", record->complaint);
	if (record->job)
		ctm_lines_add(lines, CTM_PLAIN, "; for its job the last good text counts");
	ctm_lines_end(lines);
}

static void add_sidecars(struct ctm_lines *lines, const struct ctm_status *status)
{
	const size_t shown =
		status->n_sidecars < FEW_COMPLAINTS ? status->n_sidecars : FEW_COMPLAINTS;

	for (size_t i = 0; i < shown; i++)
		add_sidecar(lines, &status->sidecars[i]);
	if (shown < status->n_sidecars)
		ctm_lines_line(lines, CTM_RED, "and %zu more sidecars that are no job: see --json",
			status->n_sidecars - shown);
}

static void add_flushed(struct ctm_lines *lines, const struct ctm_status *status)
{
	const int64_t ago = status->now.wall_ms / 1000 - status->flushed_s;
	char text[CTM_HUMAN];

	ctm_human_seconds(ago > 0 ? (uint64_t)ago : 0, text);
	if (!ctm_status_is_neglected(status) && status->flushed_s)
		ctm_lines_line(lines, CTM_FAINT, "last flush: %s ago", text);
	else if (ctm_status_is_neglected(status) && status->flushed_s)
		ctm_lines_line(lines, CTM_YELLOW,
			"last flush: %s ago; nothing runs flush: \"aria2-ctm check\" says how",
			text);
	else if (ctm_status_is_neglected(status))
		ctm_lines_line(lines, CTM_YELLOW,
			"last flush: never; nothing runs flush: \"aria2-ctm check\" says how");
}

void ctm_status_add_rest(
	struct ctm_lines *lines, const struct ctm_status *status, const struct ctm_config *config)
{
	char text[CTM_HUMAN];

	if (!status->n_jobs)
		ctm_lines_line(lines, CTM_PLAIN, "no jobs");
	add_sidecars(lines, status);
	if (status->all && status->unclaimed)
		ctm_lines_line(lines, CTM_YELLOW,
			"%" PRIu32
			" event%s of no job; each waits %s for a sidecar that names its file",
			status->unclaimed, status->unclaimed == 1 ? "" : "s",
			ctm_human_seconds(config->unclaimed_s, text));
	add_flushed(lines, status);
	if (status->no_state)
		ctm_lines_line(lines, CTM_PLAIN,
			"There is no state directory yet: the first event or job makes it.");
}

int ctm_status_add_table(struct ctm_lines *lines, const struct ctm_status *status,
	const struct ctm_config *config, FILE *to)
{
	struct ctm_buf *out = lines->out;
	int r = 0;

	ctm_status_add_places(lines, config);
	ctm_buf_add_char(out, '\n');
	for (size_t i = 0; r == 0 && i < status->n_jobs; i++) {
		ctm_status_add_job(lines, &status->jobs[i], &status->now);
		ctm_buf_add_char(out, '\n');
		/* Whoever looks sees the first one at once. */
		if (to && (!i || out->error || out->len >= SPILL))
			r = ctm_lines_flush(out, to);
		if (to && !i && r == 0 && fflush(to) < 0)
			r = -EIO;
	}
	ctm_status_add_rest(lines, status, config);
	return r < 0 ? r : out->error;
}

int ctm_status_print_table(
	const struct ctm_status *status, const struct ctm_config *config, FILE *to)
{
	CTM_CLEANUP_BUF struct ctm_buf out = CTM_BUF_INIT(LIMIT);
	struct ctm_lines lines = ctm_lines_for(fileno(to), &out);
	int r = ctm_status_add_table(&lines, status, config, to);

	return r < 0 ? r : ctm_lines_flush(&out, to);
}
