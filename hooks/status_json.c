/* SPDX-License-Identifier: MIT */
#include "status_json.h"

#include <inttypes.h>

#include "hresult.h"
#include "json.h"
#include "lines.h"
#include "redact.h"

#define SPILL ((size_t)1 << 16) /* bytes that are collected before they are written */
#define LIMIT ((size_t)1 << 24) /* more than one job can need */

static void add_text(struct ctm_json *json, const char *key, const char *value)
{
	ctm_json_string(json, key, value && value[0] ? value : NULL);
}

static void add_time(struct ctm_json *json, const char *key, int64_t seconds)
{
	char text[32];

	ctm_json_string(json, key, seconds ? ctm_clock_print_utc(seconds, text) : NULL);
}

static void add_hresult(struct ctm_json *json, bool is_known, uint32_t hresult)
{
	char number[16];
	char name[32];

	snprintf(number, sizeof number, "0x%08" PRIX32, hresult);
	ctm_json_string(json, "hresult", is_known ? number : NULL);
	ctm_json_string(
		json, "name", is_known ? ctm_hresult_name(hresult, name, sizeof name) : NULL);
}

static void add_known(struct ctm_json *json, const char *key, bool is_known, uint64_t number)
{
	if (is_known)
		ctm_json_number(json, key, number);
	else
		ctm_json_null(json, key);
}

static void add_counts(struct ctm_json *json, const struct ctm_status_job *job)
{
	const uint32_t files_total = ctm_status_files_total(job);
	uint64_t bytes_total;

	add_known(json, "files_total", files_total, files_total);
	ctm_json_number(json, "files_arrived", ctm_status_files(job));
	if (ctm_status_bytes_total(job, &bytes_total))
		ctm_json_decimal(json, "bytes_total", bytes_total);
	else
		ctm_json_null(json, "bytes_total");
	ctm_json_decimal(json, "bytes_arrived", ctm_status_bytes(job));
}

static void add_failure(
	struct ctm_json *json, const char *key, bool is_known, uint32_t hresult, const char *text)
{
	if (!is_known) {
		ctm_json_null(json, key);
		return;
	}
	ctm_json_object(json, key);
	add_hresult(json, hresult, hresult);
	add_text(json, "text", text);
	ctm_json_end(json);
}

static void add_cause(struct ctm_json *json, const struct ctm_status_job *job)
{
	const char *text = job->text.cause;

	add_failure(json, "cause", job->job.cause || text[0], job->job.cause, text);
}

/* What CTM is told, or was. */
static void add_error(struct ctm_json *json, const struct ctm_status_job *job)
{
	const struct ctm_message *m = job->message;
	const bool told = m && m->kind == CTM_MESSAGE_ERROR;

	add_failure(json, "error", told, told ? m->error_code : 0, told ? m->error_message : "");
}

static void add_progress(struct ctm_json *json, const struct ctm_status_job *job)
{
	if (!job->job.progress) {
		ctm_json_null(json, "progress");
		return;
	}
	ctm_json_object(json, "progress");
	ctm_json_number(json, "number", job->job.progress);
	ctm_json_decimal(json, "bytes", job->job.bytes_told);
	ctm_json_end(json);
}

static void add_message(
	struct ctm_json *json, const struct ctm_status_job *job, const struct ctm_stamp *now)
{
	const struct ctm_message *m = job->message;
	char event_id[CTM_ERROR_TEXT];

	if (!m) {
		ctm_json_null(json, "message");
		return;
	}
	snprintf(event_id, sizeof event_id, "%s/%s", job->text.id, ctm_message_kind_name(m->kind));
	ctm_json_object(json, "message");
	ctm_json_string(json, "kind", ctm_message_kind_name(m->kind));
	ctm_json_string(json, "state", ctm_message_state_name(m->state));
	ctm_json_string(json, "event_id", event_id);
	ctm_json_number(json, "attempts", m->attempts);
	add_known(json, "http_status", m->http_status, m->http_status);
	add_hresult(json, m->attempts, m->hresult);
	add_text(json, "text", m->text);
	add_known(json, "next_try_s", m->state == CTM_MESSAGE_WAITING,
		(ctm_message_due_ms(m, now) + 999) / 1000);
	add_time(json, "time", m->time_s);
	ctm_json_decimal(json, "bytes", m->bytes_transferred);
	ctm_json_number(json, "files", m->files_transferred);
	ctm_json_end(json);
}

static void add_job(
	struct ctm_json *json, const struct ctm_status_job *job, const struct ctm_stamp *now)
{
	ctm_json_object(json, NULL);
	ctm_json_string(json, "id", job->text.id);
	add_text(json, "content_id", job->text.content_id);
	add_text(json, "content_version", job->text.content_version);
	ctm_json_string(json, "kind", ctm_kind_name(job->job.kind));
	ctm_json_string(json, "state", ctm_job_state_name(job->job.state));
	ctm_json_string(json, "priority", ctm_priority_name(job->job.priority));
	ctm_json_string(json, "endpoint", CTM_REDACT_URL(job->text.endpoint));
	add_text(json, "local_path", job->text.local_path);
	add_text(json, "sidecar", job->text.sidecar);
	add_counts(json, job);
	add_time(json, "created", job->job.created_ms / 1000);
	add_time(json, "ended", job->job.ended_s);
	ctm_json_bool(json, "suspended", job->job.suspended);
	add_known(json, "deadline_s", job->has_deadline, (job->left_ms + 999) / 1000);
	add_cause(json, job);
	add_error(json, job);
	add_progress(json, job);
	add_message(json, job, now);
	ctm_json_end(json);
}

static void add_sidecar(struct ctm_json *json, const struct ctm_sidecar_record *record)
{
	ctm_json_object(json, NULL);
	ctm_json_string(json, "path", record->path);
	ctm_json_string(json, "state", ctm_status_fate_name(record->fate));
	add_text(json, "complaint", record->complaint);
	add_text(json, "id", record->id);
	ctm_json_end(json);
}

static int spill(struct ctm_buf *out, FILE *to)
{
	return out->error || out->len >= SPILL ? ctm_lines_flush(out, to) : 0;
}

static int add_lists(
	struct ctm_json *json, const struct ctm_status *status, struct ctm_buf *out, FILE *to)
{
	int r = 0;

	ctm_json_array(json, "jobs");
	for (size_t i = 0; r == 0 && i < status->n_jobs; i++) {
		add_job(json, &status->jobs[i], &status->now);
		r = spill(out, to);
	}
	ctm_json_end(json);
	ctm_json_array(json, "sidecars");
	for (size_t i = 0; r == 0 && i < status->n_sidecars; i++) {
		add_sidecar(json, &status->sidecars[i]);
		r = spill(out, to);
	}
	ctm_json_end(json);
	return r;
}

int ctm_status_print_json(
	const struct ctm_status *status, const struct ctm_config *config, FILE *to)
{
	CTM_CLEANUP_BUF struct ctm_buf out = CTM_BUF_INIT(LIMIT);
	struct ctm_json json = CTM_JSON_INIT(&out);
	int r;

	ctm_json_object(&json, NULL);
	ctm_json_number(&json, "schema", 1);
	ctm_json_string(&json, "config", config->file);
	ctm_json_string(&json, "state", config->state_dir);
	add_time(&json, "flushed", status->flushed_s);
	r = add_lists(&json, status, &out, to);
	ctm_json_number(&json, "unclaimed", status->unclaimed);
	ctm_json_end(&json);
	ctm_buf_add_char(&out, '\n');
	return r < 0 ? r : ctm_lines_flush(&out, to);
}
