/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "command.h"
#include "hresult.h"
#include "notify.h"
#include "num.h"
#include "options.h"

struct arguments {
	const char *endpoint;
	const char *id;
	const char *client_data;
	const char *bytes;
	const char *files;
	bool force;
};

/* A random GUID (version 4): to try an endpoint, which must not know it. */
static int make_id(char id[40])
{
	unsigned char b[16];
	char h[33];

	if (getrandom(b, sizeof b, 0) != (ssize_t)sizeof b)
		return -1;
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	ctm_num_print_hex(b, sizeof b, h);
	snprintf(id, 40, "{%.8s-%.4s-%.4s-%.4s-%.12s}", h, h + 8, h + 12, h + 16, h + 20);
	return 0;
}

static int parse(
	const struct ctm_command *command, const struct arguments *a, struct ctm_notify *call)
{
	uint64_t files = 0;

	if (!a->endpoint)
		return ctm_command_usage(command, "--endpoint is missing");
	if (a->bytes && ctm_num_parse(a->bytes, 0, UINT64_MAX, &call->bytes_total) < 0)
		return ctm_command_usage(command,
			"--bytes \"%s\" is no number from 0 to 18446744073709551615", a->bytes);
	if (a->files && ctm_num_parse(a->files, 0, UINT32_MAX, &files) < 0)
		return ctm_command_usage(
			command, "--files \"%s\" is no number from 0 to 4294967295", a->files);
	call->endpoint = a->endpoint;
	call->id = a->id;
	call->client_data = a->client_data ? a->client_data : "";
	call->bytes_transferred = call->bytes_total;
	call->files_total = call->files_transferred = (uint32_t)files;
	call->force = a->force;
	return 0;
}

static int send_success(struct ctm_notify *call)
{
	struct ctm_error e = CTM_ERROR_INIT;
	struct ctm_session session;
	char text[96];
	uint32_t hresult;
	int r = ctm_session_open(&session, CTM_STATE_CREATE);

	if (r)
		return r;
	r = ctm_notify(session.state, call, &hresult, &e);
	ctm_session_close(&session);
	if (r < 0)
		return ctm_command_fail(&e);
	printf("SendNotifySuccessToCTM %s: %s\n", call->id,
		ctm_hresult_print(hresult, text, sizeof text));
	if (hresult == CTM_E_IO_PENDING)
		fprintf(stderr,
			"aria2-ctm: stored and not yet taken; it will be tried again: see "
			"\"aria2-ctm status %s\"\n",
			call->id);
	return hresult == CTM_S_OK ? CTM_EXIT_DONE : CTM_EXIT_FAILED;
}

static int run(const struct ctm_command *command, int argc, char **argv)
{
	struct arguments a = {0};
	const struct ctm_option options[] = {
		{.name = "--endpoint", .value = &a.endpoint},
		{.name = "--id", .value = &a.id},
		{.name = "--client-data", .value = &a.client_data},
		{.name = "--bytes", .value = &a.bytes},
		{.name = "--files", .value = &a.files},
		{.name = "--force", .flag = &a.force},
	};
	struct ctm_notify call = {.kind = CTM_MESSAGE_SUCCESS};
	char id[40];
	int r = ctm_options_parse(command, options, sizeof options / sizeof *options, &argc, argv);

	if (r)
		return r;
	if (argc != 2 || strcmp(argv[1], "success") != 0)
		return ctm_command_usage(command, "\"%s\" can't be sent: \"success\" can",
			argc > 1 ? argv[1] : "nothing");
	if (!a.id && make_id(id) < 0)
		return ctm_command_usage(command, "--id is missing, and there is no randomness");
	if (!a.id)
		a.id = id;
	r = parse(command, &a, &call);
	return r ? r : send_success(&call);
}

const struct ctm_command ctm_command_send = {
	.name = "send",
	.arguments =
		"success --endpoint NAME [--id GUID] [--client-data TEXT] [--bytes N] [--files N] "
		"[--force]",
	.summary = "call SendNotifySuccessToCTM by hand, to try an endpoint",
	.help = "  --endpoint NAME     szEndpoint: an [endpoint.NAME], or a URL that one admits\n"
		"  --id GUID           szID; a random one if absent\n"
		"  --client-data TEXT  szClientData, sent back verbatim; empty if absent\n"
		"  --bytes N           szBytesTotal and szBytesTransferred; 0 if absent\n"
		"  --files N           ulFilesTotal and ulFilesTransferred; 0 if absent\n"
		"  --force             the GUID may be that of a job that is open here: this ends it\n\n"
		"The message is stored, sent by the deliverer, and waited for up to the endpoint's\n"
		"time-out. The GUID of a known job is refused without --force, and that of an ended one\n"
		"always: one GUID has one end.\n",
	.run = run,
};
