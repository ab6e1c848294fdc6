/* SPDX-License-Identifier: MIT */
#include "status_table.h"

#include <inttypes.h>
#include <string.h>

#include "hresult.h"
#include "human.h"

#define LIMIT ((size_t)1 << 24) /* more than one job can need */
#define SPILL ((size_t)1 << 16)
#define BAR 20u
#define LEAST_BAR 7u
#define BESIDE_BAR 65u /* columns of what else stands on a bar's line */
#define STATE_COLUMN 13u
#define FEW_COMPLAINTS 50u

void ctm_status_add_places(struct ctm_lines *lines, const struct ctm_config *config)
{
	ctm_lines_line(lines, CTM_FAINT, "configuration: %s",
		config->file ? config->file : "none, built-in defaults");
	ctm_lines_line(lines, CTM_FAINT, "state: %s", config->state_dir);
}

const char *ctm_status_bar(uint64_t part, uint64_t total, size_t columns, char *buf)
{
	const size_t inside = columns > 2 ? columns - 2 : 0;
	size_t filled;

	buf[0] = '\0';
	if (!total || !inside)
		return buf;
	if (part > total)
		part = total;
	filled = (size_t)((double)part / (double)total * (double)inside);
	/* Full only if it is. */
	if (filled == inside && part < total)
		filled--;
	buf[0] = '[';
	memset(buf + 1, '#', filled);
	memset(buf + 1 + filled, '-', inside - filled);
	memcpy(buf + 1 + inside, "]", 2);
	return buf;
}

static void add_bar(struct ctm_lines *lines, const struct ctm_status_job *job)
{
	const uint32_t total = ctm_status_files_total(job);
	uint64_t bytes_total = 0;
	size_t columns = BAR;
	char bar[BAR + 1];

	if (lines->width < BESIDE_BAR + BAR)
		columns = lines->width < BESIDE_BAR + LEAST_BAR ? LEAST_BAR
								: lines->width - BESIDE_BAR;
	if (ctm_status_bytes_total(job, &bytes_total) && bytes_total && ctm_status_bytes(job))
		ctm_status_bar(ctm_status_bytes(job), bytes_total, columns, bar);
	else
		ctm_status_bar(ctm_status_files(job), total, columns, bar);
	ctm_lines_add(lines, CTM_PLAIN, bar);
	if (bar[0])
		ctm_lines_add(lines, CTM_PLAIN, "  ");
}

static void add_counts(struct ctm_lines *lines, const struct ctm_status_job *job)
{
	const uint32_t total = ctm_status_files_total(job);
	const uint32_t files = ctm_status_files(job);
	const uint64_t bytes = ctm_status_bytes(job);
	char part[CTM_HUMAN];
	char whole[CTM_HUMAN];
	uint64_t bytes_total;

	if (total)
		ctm_lines_printf(lines, CTM_PLAIN, "%" PRIu32 " of %" PRIu32 " file%s", files,
			total, total == 1 ? "" : "s");
	else
		ctm_lines_printf(
			lines, CTM_PLAIN, "%" PRIu32 " file%s", files, files == 1 ? "" : "s");
	ctm_human_bytes(bytes, part);
	if (ctm_status_bytes_total(job, &bytes_total))
		ctm_lines_printf(
			lines, CTM_PLAIN, ", %s of %s", part, ctm_human_bytes(bytes_total, whole));
	else if (bytes)
		ctm_lines_printf(lines, CTM_PLAIN, ", %s", part);
}

static void add_state_line(struct ctm_lines *lines, const struct ctm_status_job *job)
{
	static const enum ctm_colour colours[] = {
		[CTM_JOB_OPEN] = CTM_PLAIN,
		[CTM_JOB_VERIFYING] = CTM_YELLOW,
		[CTM_JOB_SUCCEEDED] = CTM_GREEN,
		[CTM_JOB_FAILED] = CTM_RED,
		[CTM_JOB_CANCELLED] = CTM_FAINT,
	};
	char age[CTM_HUMAN];

	ctm_lines_begin(lines, 2, STATE_COLUMN);
	ctm_lines_add(lines, colours[job->job.state], ctm_job_state_name(job->job.state));
	ctm_lines_pad(lines, STATE_COLUMN);
	add_bar(lines, job);
	add_counts(lines, job);
	ctm_lines_printf(lines, CTM_FAINT,
		ctm_job_has_ended(&job->job) ? "  ended %s ago" : "  age %s",
		ctm_human_seconds(job->job.age_ms / 1000, age));
	ctm_lines_end(lines);
}

/* ": text", where there is one. */
static void add_said(struct ctm_lines *lines, const char *text)
{
	if (text[0])
		ctm_lines_printf(lines, CTM_PLAIN, ": %s", text);
}

static void add_cause(
	struct ctm_lines *lines, const struct ctm_status_job *job, const struct ctm_stamp *now)
{
	const uint64_t look_s = (ctm_job_look_due_ms(&job->job, now) + 999) / 1000;
	char text[96];

	if (job->job.state == CTM_JOB_SUCCEEDED || (!job->job.cause && !job->text.cause[0]))
		return;
	ctm_lines_begin(lines, 2, 4);
	ctm_lines_add(lines, CTM_PLAIN, "cause");
	if (job->job.cause)
		ctm_lines_printf(lines, CTM_YELLOW, ": %s",
			ctm_hresult_print(job->job.cause, text, sizeof text));
	add_said(lines, job->text.cause);
	if (job->job.state == CTM_JOB_VERIFYING && look_s)
		ctm_lines_printf(
			lines, CTM_PLAIN, "; next look in %s", ctm_human_seconds(look_s, text));
	ctm_lines_end(lines);
}

static void add_next_try(
	struct ctm_lines *lines, const struct ctm_message *m, const struct ctm_stamp *now)
{
	const uint64_t due_s = (ctm_message_due_ms(m, now) + 999) / 1000;
	char text[CTM_HUMAN];

	if (m->state == CTM_MESSAGE_DEAD)
		ctm_lines_add(lines, CTM_PLAIN, "; \"aria2-ctm retry\" tries it again");
	else if (m->state == CTM_MESSAGE_WAITING && due_s)
		ctm_lines_printf(
			lines, CTM_PLAIN, ", next try in %s", ctm_human_seconds(due_s, text));
	else if (m->state == CTM_MESSAGE_WAITING)
		ctm_lines_add(lines, CTM_PLAIN, ", next try now");
}

static void add_message(
	struct ctm_lines *lines, const struct ctm_message *m, const struct ctm_stamp *now)
{
	static const enum ctm_colour colours[] = {
		[CTM_MESSAGE_WAITING] = CTM_YELLOW,
		[CTM_MESSAGE_SENT] = CTM_GREEN,
		[CTM_MESSAGE_DEAD] = CTM_RED,
	};
	char text[96];

	ctm_lines_begin(lines, 2, 4);
	ctm_lines_printf(lines, CTM_PLAIN, "%s: ", ctm_message_kind_name(m->kind));
	ctm_lines_add(lines, colours[m->state], ctm_message_state_name(m->state));
	ctm_lines_printf(lines, CTM_PLAIN, ", %" PRIu32 " attempt%s", m->attempts,
		m->attempts == 1 ? "" : "s");
	add_next_try(lines, m, now);
	if (m->hresult) {
		ctm_lines_printf(
			lines, CTM_PLAIN, "; %s", ctm_hresult_print(m->hresult, text, sizeof text));
		add_said(lines, m->text);
	}
	ctm_lines_end(lines);
}

void ctm_status_add_job(
	struct ctm_lines *lines, const struct ctm_status_job *job, const struct ctm_stamp *now)
{
	const struct ctm_job_text *text = &job->text;

	ctm_lines_begin(lines, 0, 2);
	ctm_lines_add(lines, CTM_BOLD, text->id);
	if (text->content_id[0])
		ctm_lines_printf(lines, CTM_PLAIN, "  %s", text->content_id);
	if (text->content_version[0])
		ctm_lines_printf(lines, CTM_PLAIN, "%s version %s", text->content_id[0] ? "" : " ",
			text->content_version);
	ctm_lines_end(lines);
	add_state_line(lines, job);
	ctm_lines_begin(lines, 2, 4);
	ctm_lines_printf(lines, CTM_FAINT, "%s, priority %s, endpoint %s",
		text->sidecar[0] ? ctm_kind_name(job->job.kind) : "sent by hand",
		ctm_priority_name(job->job.priority), text->endpoint);
	ctm_lines_end(lines);
	add_cause(lines, job, now);
	if (job->has_message)
		add_message(lines, &job->message, now);
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
}

int ctm_status_print_table(
	const struct ctm_status *status, const struct ctm_config *config, FILE *to)
{
	CTM_CLEANUP_BUF struct ctm_buf out = CTM_BUF_INIT(LIMIT);
	struct ctm_lines lines = ctm_lines_for(fileno(to), &out);
	int r = 0;

	ctm_status_add_places(&lines, config);
	ctm_buf_add_char(&out, '\n');
	for (size_t i = 0; r == 0 && i < status->n_jobs; i++) {
		ctm_status_add_job(&lines, &status->jobs[i], &status->now);
		ctm_buf_add_char(&out, '\n');
		if (out.error || out.len >= SPILL)
			r = ctm_lines_flush(&out, to);
	}
	ctm_status_add_rest(&lines, status, config);
	return r < 0 ? r : ctm_lines_flush(&out, to);
}
