/* SPDX-License-Identifier: MIT */
#include "rpc_download.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "control.h"
#include "path.h"
#include "rpc_field.h"
#include "sight.h"

static const struct {
	const char *name;
	enum ctm_report_status status;
} statuses[] = {
	{"active", CTM_REPORT_ACTIVE},
	{"waiting", CTM_REPORT_WAITING},
	{"paused", CTM_REPORT_PAUSED},
	{"error", CTM_REPORT_ERROR},
	{"complete", CTM_REPORT_COMPLETE},
	{"removed", CTM_REPORT_REMOVED},
};

static enum ctm_report_status read_status(struct ctm_rpc_fields *f)
{
	const char *text = ctm_rpc_field_text(f, "status");

	for (size_t i = 0; text && i < sizeof statuses / sizeof *statuses; i++) {
		if (strcmp(statuses[i].name, text) == 0)
			return statuses[i].status;
	}
	ctm_rpc_field_fail(f, "status", "a status of aria2's");
	return CTM_REPORT_UNKNOWN;
}

/* The first one that is whole text. */
static int read_uri(struct ctm_rpc_fields *f, char **ret_uri)
{
	json_t *first = json_array_get(ctm_rpc_field_array(f, "uris"), 0);
	const char *uri = "";

	if (first) {
		struct ctm_rpc_fields entry = ctm_rpc_fields_of(first, f->e);

		uri = ctm_rpc_field_text(&entry, "uri");
		f->error = f->error ? f->error : entry.error;
	}
	*ret_uri = strdup(uri ? uri : "");
	return *ret_uri ? 0 : -ENOMEM;
}

/*
 * 1: it is a path that we can name; 0: it is left out. Relative to aria2's own directory is what
 * nobody else can resolve; "[METADATA]..." is no file, and looks like such a path.
 */
static int read_path(const char *text, struct ctm_report_file *file)
{
	int r;

	if (!text || (*text && *text != '/'))
		return 0;
	if (!*text) {
		file->path = strdup("");
		return file->path ? 1 : -ENOMEM;
	}
	r = ctm_path_canonical(text, &file->path, &file->device);
	if (r < 0)
		return r == -ENOMEM ? r : 0;
	file->sight = ctm_sight_see(file->path);
	return 1;
}

/* 1: *ret_file is filled; 0: it is left out. What it holds is freed with the report in any case. */
static int read_file(json_t *value, struct ctm_report_file *ret_file, struct ctm_error *e)
{
	static const char *const needed[] = {"path", "length", "completedLength", "selected"};
	struct ctm_rpc_fields f = ctm_rpc_fields_of(value, e);
	int r;

	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
		ctm_rpc_field_need(&f, needed[i]);
	ret_file->bytes = ctm_rpc_field_number(&f, "length", INT64_MAX);
	ret_file->done = ctm_rpc_field_number(&f, "completedLength", INT64_MAX);
	ret_file->selected = ctm_rpc_field_switch(&f, "selected");
	r = read_uri(&f, &ret_file->uri);
	if (r == 0 && f.error == 0)
		r = read_path(ctm_rpc_field_text(&f, "path"), ret_file);
	return f.error ? f.error : r;
}

static int read_files(struct ctm_rpc_fields *f, struct ctm_report *report)
{
	json_t *files = ctm_rpc_field_array(f, "files");
	const size_t n = json_array_size(files);

	if (f->error || !n)
		return f->error;
	report->files = calloc(n, sizeof *report->files);
	if (!report->files)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		struct ctm_report_file *file = &report->files[report->n_files++];
		const int r = read_file(json_array_get(files, i), file, f->e);

		if (r < 0)
			return r;
		file->offset = report->length;
		report->length += file->bytes;
		if (r == 0) {
			free(file->uri);
			*file = (struct ctm_report_file){0};
			report->n_files--;
		}
	}
	return 0;
}

static int read_dir(struct ctm_rpc_fields *f, char **ret_dir)
{
	const char *text = ctm_rpc_field_text(f, "dir");
	int r = -EINVAL;

	if (text && *text == '/')
		r = ctm_path_canonical_dir(text, ret_dir);
	if (r < 0 && r != -ENOMEM) {
		*ret_dir = strdup("");
		r = *ret_dir ? 0 : -ENOMEM;
	}
	return r;
}

static int read_message(struct ctm_rpc_fields *f, char **ret_message)
{
	const char *text = ctm_rpc_field_text(f, "errorMessage");

	*ret_message = strdup(text ? text : "");
	return *ret_message ? 0 : -ENOMEM;
}

int ctm_rpc_download_gid(json_t *download, uint64_t *ret_gid, struct ctm_error *e)
{
	struct ctm_rpc_fields f = ctm_rpc_fields_of(download, e);
	const uint64_t gid = ctm_rpc_field_gid(&f, "gid");

	if (!gid)
		ctm_rpc_field_fail(&f, "gid", "a gid");
	if (f.error == 0)
		*ret_gid = gid;
	return f.error;
}

static int read(struct ctm_rpc_fields *f, struct ctm_report *report)
{
	int r;

	report->status = read_status(f);
	report->following = ctm_rpc_field_gid(f, "following");
	report->belongs_to = ctm_rpc_field_gid(f, "belongsTo");
	report->seeder = ctm_rpc_field_switch(f, "seeder");
	report->error_code = (uint32_t)ctm_rpc_field_number(f, "errorCode", UINT32_MAX);
	report->bytes = ctm_rpc_field_number(f, "totalLength", INT64_MAX);
	report->done = ctm_rpc_field_number(f, "completedLength", INT64_MAX);
	r = read_message(f, &report->error_message);
	if (r == 0)
		r = read_dir(f, &report->dir);
	if (r == 0)
		r = read_files(f, report);
	if (r == 0 && f->error == 0)
		ctm_control_mark(report);
	return f->error ? f->error : r;
}

int ctm_rpc_download_read(
	json_t *download, int64_t asked_ms, struct ctm_report *ret_report, struct ctm_error *e)
{
	struct ctm_report report = {.asked_ms = asked_ms};
	struct ctm_rpc_fields f = {.object = download, .e = e};
	int r = ctm_rpc_download_gid(download, &report.gid, e);

	if (r == 0)
		r = read(&f, &report);
	if (r == 0)
		*ret_report = report;
	else
		ctm_report_done(&report);
	return r;
}
