/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "each_job.h"
#include "options.h"
#include "outbox.h"

static int suspend(struct ctm_txn *txn, struct ctm_named_job *named, struct ctm_fold *fold,
	void *context, struct ctm_error *e)
{
	int r;

	(void)context;
	if (ctm_job_has_ended(&named->job))
		return ctm_named_job_has_ended(named, e);
	r = ctm_job_suspend(&named->job, &fold->now);
	if (r < 0)
		return ctm_error_set(e, r, "job \"%s\" is suspended already", named->name);
	r = ctm_store_job_put(txn, &named->job);
	if (r == 0)
		r = ctm_outbox_drop_progress(txn, named->job.number);
	/* A look at its files is called off. */
	return r < 0 ? r : ctm_numbers_add(&fold->jobs, named->job.number);
}

static int run(const struct ctm_command *command, int argc, char **argv)
{
	const struct ctm_each_job each = {.visit = suspend, .deed = "suspended"};
	int r = ctm_options_parse(command, NULL, 0, &argc, argv);

	return r ? r : ctm_each_job(command, argv + 1, argc - 1, &each);
}

const struct ctm_command ctm_command_suspend = {
	.name = "suspend",
	.arguments = "JOB...",
	.summary = "stop a job's clock and tell CTM nothing, until resume",
	.help = "As CTM's Suspend asks. Events of its files are noted, but nothing is decided and nothing\n"
		"sent, and suspended time does not count against its deadline. aria2's downloads are not\n"
		"touched: pause them there. With several JOBs all are suspended or, if one can't be, none.\n",
	.run = run,
};
