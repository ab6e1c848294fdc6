/* SPDX-License-Identifier: MIT */
#include "each_job.h"
#include "options.h"
#include "outbox.h"

static int cancel(struct ctm_txn *txn, struct ctm_named_job *named, struct ctm_fold *fold,
	void *context, struct ctm_error *e)
{
	(void)context;
	if (ctm_job_has_ended(&named->job))
		return ctm_named_job_has_ended(named, e);
	return ctm_outbox_cancel(txn, &named->job, &fold->now);
}

static int run(const struct ctm_command *command, int argc, char **argv)
{
	const struct ctm_each_job each = {.visit = cancel, .deed = "cancelled"};
	int r = ctm_options_parse(command, NULL, 0, &argc, argv);

	return r ? r : ctm_each_job(command, argv + 1, argc - 1, &each);
}

const struct ctm_command ctm_command_cancel = {
	.name = "cancel",
	.arguments = "JOB...",
	.summary = "end a job without a word, as CTM's CancelJob asks",
	.help = "CTM is told nothing of the job from now on, neither its end nor its progress; what is\n"
		"being sent at this moment is not called back. aria2's downloads are not touched. A job\n"
		"that has ended can't be cancelled. With several JOBs all are cancelled or, if one can't\n"
		"be, none.\n",
	.run = run,
};
