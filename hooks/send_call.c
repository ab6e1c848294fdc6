/* SPDX-License-Identifier: MIT */
#include "send_call.h"

#include <string.h>

#include "hresult.h"
#include "num.h"

static const struct ctm_send_kind kinds[] = {
	{"success", "SendNotifySuccessToCTM", CTM_MESSAGE_SUCCESS, .counts = true},
	{"error", "SendNotifyErrorToCTM", CTM_MESSAGE_ERROR, .error = true},
	{"progress", "SendNotifyProgressToCTM", CTM_MESSAGE_PROGRESS, .counts = true,
		.totals = true, .type = true},
};

const struct ctm_send_kind *ctm_send_find_kind(const char *name)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (strcmp(kinds[i].name, name) == 0)
			return &kinds[i];
	return NULL;
}

static int check_options(const struct ctm_command *command, const struct ctm_send_kind *kind,
	const struct ctm_send_arguments *a)
{
	const struct {
		const char *name;
		const char *value;
		bool taken;
	} options[] = {
		{"--bytes", a->bytes, kind->counts},
		{"--files", a->files, kind->counts},
		{"--bytes-total", a->bytes_total, kind->totals},
		{"--files-total", a->files_total, kind->totals},
		{"--type", a->type, kind->type},
		{"--hresult", a->hresult, kind->error},
		{"--message", a->message, kind->error},
	};

	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		if (options[i].value && !options[i].taken)
			return ctm_command_usage(
				command, "%s takes no %s", kind->call, options[i].name);
	return a->endpoint ? 0 : ctm_command_usage(command, "--endpoint is missing");
}

static int parse_bytes(
	const struct ctm_command *command, const char *name, const char *value, uint64_t *ret_bytes)
{
	if (!value || ctm_num_parse(value, 0, UINT64_MAX, ret_bytes) == 0)
		return 0;
	return ctm_command_usage(
		command, "%s \"%s\" is no number from 0 to 18446744073709551615", name, value);
}

static int parse_files(
	const struct ctm_command *command, const char *name, const char *value, uint32_t *ret_files)
{
	uint64_t files = 0;

	if (value && ctm_num_parse(value, 0, UINT32_MAX, &files) < 0)
		return ctm_command_usage(
			command, "%s \"%s\" is no number from 0 to 4294967295", name, value);
	*ret_files = (uint32_t)files;
	return 0;
}

/* What a success transfers is all there is. */
static int parse_counts(const struct ctm_command *command, const struct ctm_send_kind *kind,
	const struct ctm_send_arguments *a, struct ctm_notify *call)
{
	const bool same = !kind->totals;
	int r = parse_bytes(command, "--bytes", a->bytes, &call->bytes_transferred);

	if (r == 0)
		r = parse_bytes(command, "--bytes-total", same ? a->bytes : a->bytes_total,
			&call->bytes_total);
	if (r == 0)
		r = parse_files(command, "--files", a->files, &call->files_transferred);
	if (r == 0)
		r = parse_files(command, "--files-total", same ? a->files : a->files_total,
			&call->files_total);
	return r;
}

static int parse_error(const struct ctm_command *command, const struct ctm_send_arguments *a,
	struct ctm_notify *call)
{
	if (!a->hresult || !a->message)
		return ctm_command_usage(command, "an error needs --hresult and --message");
	call->error_message = a->message;
	if (!ctm_hresult_parse(a->hresult, &call->error_code) || !(call->error_code >> 31))
		return ctm_command_usage(command,
			"--hresult \"%s\" is no failure, such as 0x80070070 or ERROR_DISK_FULL",
			a->hresult);
	if (!a->message[strspn(a->message, " \t\r\n")])
		return ctm_command_usage(command, "--message is empty: say what happened");
	return 0;
}

static int parse_type(const struct ctm_command *command, const struct ctm_send_arguments *a,
	struct ctm_notify *call)
{
	enum ctm_progress_type type;

	call->progress_type = a->type ? a->type : "";
	if (ctm_progress_type_from_name(call->progress_type, &type))
		return 0;
	return ctm_command_usage(command,
		"--type \"%s\" is none of DownloadingManifest, ProcessingManifest, "
		"CreatingDirectories, PreparingDownload, DownloadingData and \"\"",
		a->type);
}

int ctm_send_parse(const struct ctm_command *command, const struct ctm_send_kind *kind,
	const struct ctm_send_arguments *a, struct ctm_notify *call)
{
	int r = check_options(command, kind, a);

	call->kind = kind->kind;
	call->endpoint = a->endpoint;
	call->id = a->id;
	/* Of a job that is known, it is that job's. */
	call->client_data = a->client_data || a->force ? a->client_data : "";
	call->force = a->force;
	if (r == 0)
		r = parse_counts(command, kind, a, call);
	if (r == 0 && kind->error)
		r = parse_error(command, a, call);
	if (r == 0 && kind->type)
		r = parse_type(command, a, call);
	return r;
}
