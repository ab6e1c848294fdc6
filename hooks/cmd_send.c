/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <sys/random.h>

#include "command.h"
#include "hresult.h"
#include "num.h"
#include "options.h"
#include "say.h"
#include "send_call.h"

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

static int send(const struct ctm_send_kind *kind, const struct ctm_notify *call)
{
	struct ctm_error e = CTM_ERROR_INIT;
	struct ctm_session session;
	char text[96];
	uint32_t hresult;
	int r = ctm_session_open(&session, CTM_STATE_CREATE, &(struct ctm_enclosing){0});

	if (r)
		return r;
	r = ctm_notify(session.state, call, &hresult, &e);
	ctm_session_close(&session);
	if (r < 0)
		return ctm_command_fail(&e, r);
	ctm_say(stdout, "%s %s: %s", kind->call, call->id,
		ctm_hresult_print(hresult, text, sizeof text));
	if (hresult == CTM_E_IO_PENDING)
		ctm_say(stderr,
			"aria2-ctm: stored and not yet taken; %s: see \"aria2-ctm status %s\"",
			kind->kind == CTM_MESSAGE_PROGRESS ? "progress is tried once"
							   : "it will be tried again",
			call->id);
	return hresult == CTM_S_OK ? CTM_EXIT_DONE : CTM_EXIT_FAILED;
}

static int run(const struct ctm_command *command, int argc, char **argv)
{
	struct ctm_send_arguments a = {0};
	const struct ctm_option options[] = {
		{.name = "--endpoint", .value = &a.endpoint},
		{.name = "--id", .value = &a.id},
		{.name = "--client-data", .value = &a.client_data},
		{.name = "--bytes", .value = &a.bytes},
		{.name = "--bytes-total", .value = &a.bytes_total},
		{.name = "--files", .value = &a.files},
		{.name = "--files-total", .value = &a.files_total},
		{.name = "--hresult", .value = &a.hresult},
		{.name = "--message", .value = &a.message},
		{.name = "--type", .value = &a.type},
		{.name = "--force", .flag = &a.force},
	};
	struct ctm_notify call = {0};
	const struct ctm_send_kind *kind;
	char id[40];
	int r = ctm_options_parse(command, options, sizeof options / sizeof *options, &argc, argv);

	if (r)
		return r;
	if (argc > 2)
		return ctm_command_usage(command, "\"%s\" is one argument too many", argv[2]);
	kind = argc == 2 ? ctm_send_find_kind(argv[1]) : NULL;
	if (!kind)
		return ctm_command_usage(command,
			"\"%s\" can't be sent: \"success\", \"error\" and \"progress\" can",
			argc > 1 ? argv[1] : "nothing");
	if (!a.id && make_id(id) < 0)
		return ctm_command_usage(command, "--id is missing, and there is no randomness");
	if (!a.id)
		a.id = id;
	r = ctm_send_parse(command, kind, &a, &call);
	return r ? r : send(kind, &call);
}

const struct ctm_command ctm_command_send = {
	.name = "send",
	.arguments = "success|error|progress --endpoint NAME [OPTION...]",
	.summary = "make one of the three calls by hand, to try an endpoint",
	.help = "For all three:\n"
		"  --endpoint NAME     szEndpoint: an [endpoint.NAME], or a URL that one admits\n"
		"  --id GUID           szID; a random one if absent\n"
		"  --client-data TEXT  szClientData, sent back verbatim; empty if absent\n"
		"  --force             the GUID may be that of a job that is open here: a success or an\n"
		"                      error ends it. The endpoint must be the job's, and so must the\n"
		"                      client data, which are the job's if absent\n"
		"SendNotifySuccessToCTM:\n"
		"  --bytes N           szBytesTotal and szBytesTransferred; 0 if absent\n"
		"  --files N           ulFilesTotal and ulFilesTransferred; 0 if absent\n"
		"SendNotifyErrorToCTM:\n"
		"  --hresult HRESULT   hrErrorCode: 0x80070070, -2147024784 or ERROR_DISK_FULL. Required\n"
		"  --message TEXT      szErrorMessage. Required\n"
		"SendNotifyProgressToCTM:\n"
		"  --type NAME         szProgressType: DownloadingManifest, ProcessingManifest,\n"
		"                      CreatingDirectories, PreparingDownload, DownloadingData; empty if\n"
		"                      absent, which is a mere progress of bytes\n"
		"  --bytes, --files    szBytesTransferred, ulFilesTransferred; 0 if absent\n"
		"  --bytes-total, --files-total\n"
		"                      szBytesTotal, ulFilesTotal; 0 if absent, which is not known\n\n"
		"The message is stored, sent by the deliverer, and waited for up to the endpoint's\n"
		"time-out. The GUID of a known job is refused without --force, and that of an ended one\n"
		"always: one GUID has one end. Only the same call again, with nothing in it changed, is\n"
		"answered as the first was, and not sent again. Progress makes its GUID a job that is\n"
		"open, until a success or an error is sent, it is cancelled, or its time to give up is\n"
		"over. It is tried once; for a job that has ended it is not sent, which is no failure.\n",
	.run = run,
};
