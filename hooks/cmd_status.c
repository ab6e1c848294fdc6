/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "command.h"
#include "num.h"
#include "options.h"
#include "status_follow.h"

/*
 * As ctm_session_open(), but a state directory that is not there yet is no failure: session->state
 * stays NULL.
 */
static int open_session(struct ctm_session *session, struct ctm_error *e)
{
	int r;

	*session = (struct ctm_session){0};
	r = ctm_config_load(&session->config, ctm_command_complain, NULL, e);
	if (r == 0)
		r = ctm_config_set_log_up(session->config, "aria2-ctm", e);
	return r == 0 ? ctm_status_open(session, e) : r;
}

/* "2", "1m": from a second to a day. */
static int parse_watch(
	const struct ctm_command *command, const char *value, struct ctm_status_request *request)
{
	uint64_t seconds = 2;

	if (value && (ctm_num_parse_duration(value, 86400, &seconds) < 0 || !seconds))
		return ctm_command_usage(
			command, "--watch=\"%s\" is no number of seconds from 1 to 86400", value);
	request->watch_ms = seconds * 1000;
	return 0;
}

/* "30m", "7d": at least a second. */
static int parse_age(const struct ctm_command *command, const char *option, const char *value,
	uint64_t *ret_seconds)
{
	if (value && (ctm_num_parse_duration(value, UINT32_MAX, ret_seconds) < 0 || !*ret_seconds))
		return ctm_command_usage(command,
			"--%s=\"%s\" is no duration; write 90, 30m, 12h or 7d", option, value);
	return 0;
}

static int parse_states(
	const struct ctm_command *command, const char *value, struct ctm_status_request *request)
{
	char wrong[CTM_STATUS_FILTER_WORD];

	if (value && ctm_status_filter_states(value, &request->filter.states, wrong) < 0)
		return ctm_command_usage(command,
			"--state: \"%s\" is none of open, verifying, succeeded, failed, cancelled, "
			"suspended, waiting and dead",
			wrong);
	return 0;
}

/* What the options say, and whether they go together. */
static int settle(const struct ctm_command *command, struct ctm_status_request *request,
	const char *states, const char *newer, const char *older)
{
	int r = parse_states(command, states, request);

	if (r == 0)
		r = parse_age(command, "newer", newer, &request->filter.newer_s);
	if (r == 0)
		r = parse_age(command, "older", older, &request->filter.older_s);
	if (r == 0 && request->prometheus && (request->json || request->watch_ms))
		r = ctm_command_usage(command,
			"--prometheus is one output, --json another, and it is not watched");
	return r;
}

static int run(const struct ctm_command *command, int argc, char **argv)
{
	struct ctm_status_request request = {0};
	const char *interval = NULL;
	const char *states = NULL;
	const char *newer = NULL;
	const char *older = NULL;
	bool watch = false;
	const struct ctm_option options[] = {
		{.name = "--json", .flag = &request.json},
		{.name = "--watch", .flag = &watch, .value = &interval, .optional = true},
		{.name = "--wait", .flag = &request.wait},
		{.name = "--prometheus", .flag = &request.prometheus},
		{.name = "--state", .value = &states},
		{.name = "--endpoint", .value = &request.filter.endpoint},
		{.name = "--newer", .value = &newer},
		{.name = "--older", .value = &older},
	};
	struct ctm_error e = CTM_ERROR_INIT;
	struct ctm_session session;
	int r = ctm_options_parse(command, options, sizeof options / sizeof *options, &argc, argv);

	if (r == 0 && watch)
		r = parse_watch(command, interval, &request);
	if (r == 0)
		r = settle(command, &request, states, newer, older);
	if (r)
		return r;
	request.names = argv + 1;
	request.n = (size_t)argc - 1;
	r = open_session(&session, &e);
	if (r == 0)
		r = request.wait || request.watch_ms ? ctm_status_follow(&session, &request, &e)
						     : ctm_status_show(&session, &request, &e);
	ctm_session_close(&session);
	return r < 0 ? ctm_command_fail(&e, r) : r ? CTM_EXIT_FAILED : CTM_EXIT_DONE;
}

const struct ctm_command ctm_command_status = {
	.name = "status",
	.arguments = "[JOB...] [OPTION...]",
	.summary = "show jobs: files, bytes, deadline, cause, final word, the next try",
	.help = "Begins with the configuration file and the state directory in use. Without a JOB all\n"
		"are shown, with the sidecars that are no job, the events that no job claimed, and when\n"
		"flush ran last. Colours only on a terminal, and not with NO_COLOR.\n\n"
		"  --json             one object for programs, on one line; counts of bytes are decimal\n"
		"                     strings\n"
		"  --watch[=SECONDS]  again every SECONDS, 2 if not said, until Ctrl-C or SIGTERM; on a\n"
		"                     terminal in place, elsewhere with an empty line in between\n"
		"  --wait             return when all of these jobs have ended and CTM took the final word\n"
		"                     or it is dead; then show them. Exit status 0 if all succeeded and CTM\n"
		"                     took it, else 1. It only waits: hooks, the deliverer and flush work\n"
		"  --prometheus       figures for monitoring, in the text format of Prometheus\n\n"
		"Of these jobs only those that fit all of:\n"
		"  --state NAMES      one of a list: open, verifying, succeeded, failed, cancelled,\n"
		"                     suspended, and waiting or dead where the final word is\n"
		"  --endpoint NAME    szEndpoint, as the sidecar has it\n"
		"  --newer DURATION   younger than 90, 30m, 12h or 7d; the age of a job that has ended\n"
		"                     counts from its end\n"
		"  --older DURATION   that age or more\n",
	.run = run,
};
