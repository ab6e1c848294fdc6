/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "deadline.h"
#include "each_job.h"
#include "options.h"

static int resume(struct ctm_txn *txn, struct ctm_named_job *named, struct ctm_fold *fold,
	void *context, struct ctm_error *e)
{
	int r;

	(void)context;
	if (ctm_job_has_ended(&named->job))
		return ctm_named_job_has_ended(named, e);
	r = ctm_job_resume(&named->job, &fold->now);
	if (r < 0)
		return ctm_error_set(e, r, "job \"%s\" is not suspended", named->name);
	/* Its deadline counts again, for a deliverer that lingers too. */
	fold->work = true;
	r = ctm_store_job_put(txn, &named->job);
	if (r == 0)
		r = ctm_deadline_note(txn, &named->job, fold);
	return r < 0 ? r : ctm_numbers_add(&fold->jobs, named->job.number);
}

static int run(const struct ctm_command *command, int argc, char **argv)
{
	const struct ctm_each_job each = {.visit = resume, .deed = "resumed"};
	int r = ctm_options_parse(command, NULL, 0, &argc, argv);

	return r ? r : ctm_each_job(command, argv + 1, argc - 1, &each);
}

const struct ctm_command ctm_command_resume = {
	.name = "resume",
	.arguments = "JOB...",
	.summary = "go on with a suspended job",
	.help = "As CTM's Resume asks. What arrived or failed meanwhile is decided at once, and the clock\n"
		"goes on from where it stood. With several JOBs all are resumed or, if one can't be, none.\n",
	.run = run,
};
