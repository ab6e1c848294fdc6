/* SPDX-License-Identifier: MIT */
#include <errno.h>

#include "command.h"
#include "log.h"
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
		r = ctm_log_setup("aria2-ctm", session->config->log_target,
			session->config->log_format, session->config->log_level);
	if (r == 0)
		r = ctm_state_open(
			session->config, CTM_STATE_LOOK | CTM_STATE_BECOME, &session->state, e);
	return r == -ENOENT && session->config ? 0 : r;
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

static int run(const struct ctm_command *command, int argc, char **argv)
{
	struct ctm_status_request request = {0};
	const char *interval = NULL;
	bool watch = false;
	const struct ctm_option options[] = {
		{.name = "--json", .flag = &request.json},
		{.name = "--watch", .flag = &watch, .value = &interval, .optional = true},
		{.name = "--wait", .flag = &request.wait},
	};
	struct ctm_error e = CTM_ERROR_INIT;
	struct ctm_session session;
	int r = ctm_options_parse(command, options, sizeof options / sizeof *options, &argc, argv);

	if (r == 0 && watch)
		r = parse_watch(command, interval, &request);
	if (r)
		return r;
	request.names = argv + 1;
	request.n = (size_t)argc - 1;
	r = open_session(&session, &e);
	if (r == 0)
		r = request.wait || request.watch_ms ? ctm_status_follow(&session, &request, &e)
						     : ctm_status_show(&session, &request, &e);
	ctm_session_close(&session);
	return r < 0 ? ctm_command_fail(&e) : r ? CTM_EXIT_FAILED : CTM_EXIT_DONE;
}

const struct ctm_command ctm_command_status = {
	.name = "status",
	.arguments = "[JOB...] [--json] [--watch[=SECONDS]] [--wait]",
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
		"                     took it, else 1. It only waits: hooks, the deliverer and flush work\n",
	.run = run,
};
