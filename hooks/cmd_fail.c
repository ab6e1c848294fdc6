/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "each_job.h"
#include "failure.h"
#include "hresult.h"
#include "options.h"
#include "outbox.h"

#define BY_HAND "the job was ended by hand, without a known cause"

/* What the person said. */
struct failing {
	bool has_hresult;
	uint32_t hresult;
	const char *message; /* NULL: nothing */
};

static int fail(struct ctm_txn *txn, struct ctm_named_job *named, struct ctm_fold *fold,
	void *context, struct ctm_error *e)
{
	const struct failing *said = context;
	const struct ctm_schedule schedule = ctm_outbox_schedule(fold->config);
	CTM_CLEANUP_FREE char *why = NULL;
	struct ctm_failure failure = {.hresult = CTM_E_FAIL};
	int r;

	if (ctm_job_has_ended(&named->job))
		return ctm_named_job_has_ended(named, e);
	r = ctm_failure_known(txn, &named->job, &failure.hresult, &why);
	if (r < 0)
		return r;
	/* The words of a cause belong to its code. */
	failure.text =
		why && (!said->has_hresult || said->hresult == failure.hresult) ? why : BY_HAND;
	if (said->has_hresult)
		failure.hresult = said->hresult;
	if (said->message)
		failure.text = said->message;
	fold->work = true;
	return ctm_outbox_fail(txn, &named->job, &failure, &schedule, &fold->now);
}

static int parse(const struct ctm_command *command, const char *hresult, struct failing *said)
{
	said->has_hresult = hresult;
	if (hresult && (!ctm_hresult_parse(hresult, &said->hresult) || !(said->hresult >> 31)))
		return ctm_command_usage(command,
			"--hresult \"%s\" is no failure, such as 0x80070070 or ERROR_DISK_FULL",
			hresult);
	if (said->message && !said->message[strspn(said->message, " \t\r\n")])
		return ctm_command_usage(
			command, "--message is empty: say what happened, or leave it out");
	return 0;
}

static int run(const struct ctm_command *command, int argc, char **argv)
{
	const char *hresult = NULL;
	struct failing said = {0};
	const struct ctm_option options[] = {
		{.name = "--hresult", .value = &hresult},
		{.name = "--message", .value = &said.message},
	};
	const struct ctm_each_job each = {
		.visit = fail, .context = &said, .deed = "ended with an error"};
	int r = ctm_options_parse(command, options, sizeof options / sizeof *options, &argc, argv);

	if (r == 0)
		r = parse(command, hresult, &said);
	return r ? r : ctm_each_job(command, argv + 1, argc - 1, &each);
}

const struct ctm_command ctm_command_fail_job = {
	.name = "fail",
	.arguments = "JOB... [--hresult HRESULT] [--message TEXT]",
	.summary = "end a job with an error that CTM is told",
	.help = "  --hresult HRESULT  hrErrorCode: 0x80070070, -2147024784 or ERROR_DISK_FULL. If absent: the\n"
		"                     last known cause of the job, else 0x80004005 (E_FAIL)\n"
		"  --message TEXT     szErrorMessage. If absent: the words of that cause, else that the job\n"
		"                     was ended by hand\n\n"
		"The message is sent in the background: \"aria2-ctm status\" shows what becomes of it. A job\n"
		"that has ended can't fail any more. With several JOBs all fail or, if one can't, none.\n",
	.run = run,
};
