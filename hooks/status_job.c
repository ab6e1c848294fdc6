/* SPDX-License-Identifier: MIT */
#include "status_job.h"

#include <inttypes.h>
#include <string.h>

#include "hresult.h"
#include "human.h"
#include "redact.h"

#define BAR 20u
#define LEAST_BAR 7u
#define BESIDE_BAR 65u /* columns of what else stands on a bar's line */
#define STATE_COLUMN 13u

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
	if (job->job.suspended && !ctm_job_has_ended(&job->job))
		ctm_lines_add(lines, CTM_YELLOW, "suspended");
	else
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
	const char *words;
	uint32_t hresult;
	char text[96];

	if (job->job.state == CTM_JOB_SUCCEEDED || !ctm_status_cause(job, &hresult, &words))
		return;
	ctm_lines_begin(lines, 2, 4);
	ctm_lines_add(lines, CTM_PLAIN, "cause");
	if (hresult)
		ctm_lines_printf(
			lines, CTM_YELLOW, ": %s", ctm_hresult_print(hresult, text, sizeof text));
	add_said(lines, words);
	if (job->job.state == CTM_JOB_VERIFYING && look_s)
		ctm_lines_printf(
			lines, CTM_PLAIN, "; next look in %s", ctm_human_seconds(look_s, text));
	ctm_lines_end(lines);
}

/* What the job is, and how long it may still be. */
static void add_terms(struct ctm_lines *lines, const struct ctm_status_job *job)
{
	const struct ctm_job_text *text = &job->text;
	char left[CTM_HUMAN];

	ctm_lines_begin(lines, 2, 4);
	ctm_lines_printf(lines, CTM_FAINT, "%s, priority %s, endpoint %s",
		text->sidecar[0] ? ctm_kind_name(job->job.kind) : "sent by hand",
		ctm_priority_name(job->job.priority), CTM_REDACT_URL(text->endpoint));
	if (job->has_deadline && job->left_ms)
		ctm_lines_printf(lines, CTM_FAINT, ", deadline in %s",
			ctm_human_seconds((job->left_ms + 999) / 1000, left));
	else if (job->has_deadline)
		ctm_lines_add(lines, CTM_YELLOW, ", past its deadline");
	ctm_lines_end(lines);
}

static void add_progress(struct ctm_lines *lines, const struct ctm_job *job)
{
	char bytes[CTM_HUMAN];

	if (!job->progress)
		return;
	ctm_lines_begin(lines, 2, 4);
	ctm_lines_printf(lines, CTM_PLAIN, "progress: %" PRIu32 " message%s, the last of %s",
		job->progress, job->progress == 1 ? "" : "s",
		ctm_human_bytes(job->bytes_told, bytes));
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
	add_terms(lines, job);
	add_progress(lines, &job->job);
	add_cause(lines, job, now);
	if (job->message)
		add_message(lines, job->message, now);
}
