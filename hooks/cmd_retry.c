/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <string.h>

#include "each_job.h"
#include "options.h"

static int retry(struct ctm_txn *txn, struct ctm_named_job *named, struct ctm_fold *fold,
	void *context, struct ctm_error *e)
{
	struct ctm_message message;
	int r = ctm_store_message_get(txn, named->job.number, &message);

	(void)context;
	if (r == -ENOENT)
		return ctm_error_set(e, r,
			ctm_job_has_ended(&named->job)
				? "job \"%s\" was cancelled: there is no message"
				: "job \"%s\" has not ended: there is no message yet",
			named->name);
	if (r < 0)
		return r;
	r = ctm_message_retry(&message, &fold->now);
	if (r == 0)
		r = ctm_store_message_put(txn, &message);
	else
		ctm_error_set(e, r, "CTM took the final word of job \"%s\": it is not sent again",
			named->name);
	ctm_message_done(&message);
	fold->work = true;
	return r < 0 ? r : ctm_store_work_add(txn, CTM_WORK_SEND, named->job.number);
}

static int run(const struct ctm_command *command, int argc, char **argv)
{
	const struct ctm_each_job each = {.visit = retry, .deed = "to be tried again"};
	int r = ctm_options_parse(command, NULL, 0, &argc, argv);

	return r ? r : ctm_each_job(command, argv + 1, argc - 1, &each);
}

const struct ctm_command ctm_command_retry = {
	.name = "retry",
	.arguments = "JOB...",
	.summary = "try a dead or waiting message again, now",
	.help = "The message keeps its id and ce-time; its schedule begins anew. The attempt is made in\n"
		"the background: \"aria2-ctm status\" shows what becomes of it. With several JOBs all are\n"
		"retried or, if one can't be, none.\n",
	.run = run,
};
