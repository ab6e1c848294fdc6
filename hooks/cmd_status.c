/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "log.h"
#include "options.h"
#include "status_json.h"
#include "status_table.h"

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

static int print(const struct ctm_session *session, const struct ctm_status *status, bool as_json,
	struct ctm_error *e)
{
	int r = as_json ? ctm_status_print_json(status, session->config, stdout)
			: ctm_status_print_table(status, session->config, stdout);

	if (!session->state && !as_json)
		puts("There is no state directory yet: the first event or job makes it.");
	if (fflush(stdout) < 0)
		r = -errno;
	return r < 0 ? ctm_error_set(e, r, "cannot write to standard output: %s", strerror(-r)) : 0;
}

static int show(struct ctm_session *session, char *const *names, size_t n, bool as_json,
	struct ctm_error *e)
{
	struct ctm_status status = {.all = true, .now = ctm_clock_now()};
	int r = 0;

	if (session->state)
		r = ctm_status_collect(session->state, names, n, &status, e);
	else if (n)
		r = ctm_error_set(e, -ENOENT,
			"there is no job \"%s\": there is no state directory \"%s\" yet", names[0],
			session->config->state_dir);
	if (r == 0)
		r = print(session, &status, as_json, e);
	ctm_status_done(&status);
	if (r < 0 && !e->code)
		ctm_error_set(e, r, "cannot read the store: %s", strerror(-r));
	return r;
}

static int run(const struct ctm_command *command, int argc, char **argv)
{
	bool as_json = false;
	const struct ctm_option options[] = {
		{.name = "--json", .flag = &as_json},
	};
	struct ctm_error e = CTM_ERROR_INIT;
	struct ctm_session session;
	int r = ctm_options_parse(command, options, sizeof options / sizeof *options, &argc, argv);

	if (r)
		return r;
	r = open_session(&session, &e);
	if (r == 0)
		r = show(&session, argv + 1, (size_t)argc - 1, as_json, &e);
	ctm_session_close(&session);
	return r < 0 ? ctm_command_fail(&e) : CTM_EXIT_DONE;
}

const struct ctm_command ctm_command_status = {
	.name = "status",
	.arguments = "[JOB...] [--json]",
	.summary = "show jobs: files, bytes, attempts, the last failure, the next try",
	.help = "Begins with the configuration file and the state directory in use. Without a JOB all\n"
		"are shown, with the sidecars that are no job, the events that no job claimed, and when\n"
		"flush ran last. Colours only on a terminal, and not with NO_COLOR.\n\n"
		"  --json  one object for programs; counts of bytes are decimal strings\n",
	.run = run,
};
