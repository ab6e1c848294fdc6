/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "deadline.h"
#include "each_job.h"
#include "num.h"
#include "options.h"

struct settings {
	bool has_timeout;
	uint64_t timeout_s;
	bool has_priority;
	enum ctm_priority priority;
};

/*
 * A job whose time is over now, or that no longer waits for another try, is ended by the deliverer,
 * which first catches up with what hooks could have missed.
 */
static int note_end(struct ctm_txn *txn, const struct ctm_job *job, const struct ctm_fold *fold)
{
	struct ctm_job decided = *job;
	const enum ctm_decision decision =
		ctm_job_decide(&decided, &fold->now, fold->config->give_up_s);

	if (decision == CTM_DECIDED_GIVE_UP || decision == CTM_DECIDED_DEADLINE)
		return ctm_deadline_set(txn, &fold->now, 0);
	return ctm_deadline_note(txn, job, fold);
}

static int set(struct ctm_txn *txn, struct ctm_named_job *named, struct ctm_fold *fold,
	void *context, struct ctm_error *e)
{
	const struct settings *settings = context;
	int r;

	if (ctm_job_has_ended(&named->job))
		return ctm_named_job_has_ended(named, e);
	if (settings->has_timeout)
		named->job.timeout_s = settings->timeout_s;
	if (settings->has_priority)
		named->job.priority = settings->priority;
	/* A deliverer that lingers has another deadline to wait for, or another order. */
	fold->work = true;
	r = ctm_store_job_put(txn, &named->job);
	return r < 0 ? r : note_end(txn, &named->job, fold);
}

static int set_timeout(
	const struct ctm_command *command, struct settings *settings, const char *value)
{
	settings->has_timeout = true;
	if (ctm_num_parse_duration(value, UINT32_MAX, &settings->timeout_s) == 0)
		return 0;
	return ctm_command_usage(command,
		"timeout=\"%s\" is no duration such as 90, 30m, 12h or 3d (at most 4294967295 s), and "
		"not 0, which is [state] give_up",
		value);
}

static int set_priority(
	const struct ctm_command *command, struct settings *settings, const char *value)
{
	settings->has_priority = true;
	if (ctm_priority_from_name(value, &settings->priority))
		return 0;
	return ctm_command_usage(
		command, "priority=\"%s\" is none of foreground, high, normal and low", value);
}

static const struct {
	const char *name; /* with its "=" */
	int (*parse)(
		const struct ctm_command *command, struct settings *settings, const char *value);
} table[] = {
	{"timeout=", set_timeout},
	{"priority=", set_priority},
};

static int parse(const struct ctm_command *command, struct settings *settings, const char *argument)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
		const size_t len = strlen(table[i].name);

		if (strncmp(argument, table[i].name, len) == 0)
			return table[i].parse(command, settings, argument + len);
	}
	return ctm_command_usage(
		command, "\"%s\" can't be set: timeout= and priority= can", argument);
}

/* For the log: what was set to what. */
static void describe(const struct settings *settings, char *buf, size_t size)
{
	char timeout[48] = "";
	char priority[48] = "";

	if (settings->has_timeout)
		snprintf(timeout, sizeof timeout, "timeout=%" PRIu64, settings->timeout_s);
	if (settings->has_priority)
		snprintf(priority, sizeof priority, "priority=%s",
			ctm_priority_name(settings->priority));
	snprintf(buf, size, "%s%s%s set", timeout, timeout[0] && priority[0] ? ", " : "", priority);
}

static int run(const struct ctm_command *command, int argc, char **argv)
{
	struct settings settings = {0};
	char deed[128];
	struct ctm_each_job each = {.visit = set, .context = &settings, .deed = deed};
	int n = 1;
	int r = ctm_options_parse(command, NULL, 0, &argc, argv);

	for (int i = 1; r == 0 && i < argc; i++) {
		if (strchr(argv[i], '='))
			r = parse(command, &settings, argv[i]);
		else
			argv[n++] = argv[i];
	}
	if (r == 0 && !settings.has_timeout && !settings.has_priority)
		r = ctm_command_usage(command, "nothing is to be set: say timeout= or priority=");
	if (r)
		return r;
	describe(&settings, deed, sizeof deed);
	return ctm_each_job(command, argv + 1, n - 1, &each);
}

const struct ctm_command ctm_command_set = {
	.name = "set",
	.arguments = "JOB... [timeout=DURATION|0] [priority=NAME]",
	.summary = "change a job's timeout or priority",
	.help = "As CTM's ModifyJobTimeout and ModifyJobPriority ask.\n\n"
		"  timeout=DURATION  90, 30m, 12h or 3d, counted from when the job was first seen; a job\n"
		"                    whose time is over by it ends in an error, once what hooks missed has\n"
		"                    been looked for. 0: [state] give_up\n"
		"  priority=NAME     foreground, high, normal or low\n\n"
		"The job's sidecar is not written. As long as that stays as it is, it is not read again and\n"
		"what was set here holds; a sidecar that changes sets both anew. With several JOBs all are\n"
		"changed or, if one can't be, none.\n",
	.run = run,
};
