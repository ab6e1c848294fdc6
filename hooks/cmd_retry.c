/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command.h"

struct retrying {
	char **names;
	int n;
	struct ctm_stamp now;
};

static int retry_one(
	struct ctm_txn *txn, const char *name, const struct ctm_stamp *now, struct ctm_error *e)
{
	struct ctm_message message;
	uint32_t job;
	int r = ctm_command_find_job(txn, name, &job, e);

	if (r < 0)
		return r;
	r = ctm_store_message_get(txn, job, &message);
	if (r == -ENOENT)
		return ctm_error_set(
			e, r, "job \"%s\" has not ended: there is no message yet", name);
	if (r < 0)
		return ctm_error_set(
			e, r, "cannot read the message of \"%s\": %s", name, strerror(-r));
	r = ctm_message_retry(&message, now);
	if (r == 0)
		r = ctm_store_message_put(txn, &message);
	else
		ctm_error_set(
			e, r, "CTM took the final word of job \"%s\": it is not sent again", name);
	ctm_message_done(&message);
	return r < 0 ? r : ctm_store_work_add(txn, CTM_WORK_SEND, job);
}

static int retry_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct retrying *retrying = context;
	int r = 0;

	for (int i = 0; r == 0 && i < retrying->n; i++)
		r = retry_one(txn, retrying->names[i], &retrying->now, e);
	return r;
}

static int run(const struct ctm_command *command, int argc, char **argv)
{
	struct retrying retrying = {.names = argv + 1, .n = argc - 1, .now = ctm_clock_now()};
	struct ctm_error e = CTM_ERROR_INIT;
	struct ctm_session session;
	int r;

	if (argc < 2)
		return ctm_command_usage(command, "no JOB is named");
	if (argv[1][0] == '-')
		return ctm_command_usage(command, "unknown option \"%s\"", argv[1]);
	r = ctm_session_open(&session, CTM_STATE_LOOK);
	if (r)
		return r;
	r = ctm_flow_update(session.state, retry_body, &retrying, &e);
	session.state->work |= r == 0;
	ctm_session_close(&session);
	return r < 0 ? ctm_command_fail(&e) : CTM_EXIT_DONE;
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
