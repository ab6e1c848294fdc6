/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "hide.h"
#include "log.h"
#include "say.h"
#include "wake.h"

int ctm_command_usage(const struct ctm_command *command, const char *format, ...)
{
	va_list ap;

	fprintf(stderr, "aria2-ctm %s: ", command->name);
	va_start(ap, format);
	ctm_say_list(stderr, format, ap);
	va_end(ap);
	fprintf(stderr, "usage: aria2-ctm %s %s\n", command->name, command->arguments);
	return CTM_EXIT_USAGE;
}

int ctm_command_fail(struct ctm_error *e, int code)
{
	char line[CTM_ERROR_TEXT + 300];

	ctm_say(stderr, "aria2-ctm: %s", ctm_error_print(ctm_error_of(e, code), line, sizeof line));
	return CTM_EXIT_FAILED;
}

void ctm_command_complain(void *context, const struct ctm_error *complaint)
{
	char line[CTM_ERROR_TEXT + 300];

	(void)context;
	ctm_say(stderr, "%s: %s", complaint->code < 0 ? "error" : "warning",
		ctm_error_print(complaint, line, sizeof line));
}

int ctm_session_open(
	struct ctm_session *session, unsigned mode, const struct ctm_enclosing *enclosing)
{
	struct ctm_error e = CTM_ERROR_INIT;
	struct ctm_config *config = NULL;
	int r;

	*session = (struct ctm_session){0};
	r = ctm_config_load(&config, ctm_command_complain, NULL, &e);
	if (r == 0)
		r = ctm_config_set_log_up(config, "aria2-ctm", &e);
	if (r == 0)
		r = ctm_state_open(config, mode | CTM_STATE_BECOME, &session->state, &e);
	if (r == 0)
		ctm_hide();
	if (r == 0 && enclosing)
		r = ctm_enclose(config, enclosing, NULL, &e);
	if (r < 0) {
		ctm_state_close(session->state);
		ctm_config_free(config);
		*session = (struct ctm_session){0};
		return ctm_command_fail(&e, r);
	}
	session->config = config;
	return 0;
}

void ctm_session_wake(struct ctm_session *session)
{
	struct ctm_error e = CTM_ERROR_INIT;
	int r;

	if (!session->state || !session->state->work)
		return;
	session->state->work = false;
	r = ctm_wake_spawn(session->state, &e);
	if (r < 0)
		ctm_log_complaint(CTM_LOG_WARNING, NULL, ctm_error_of(&e, r));
}

void ctm_session_close(struct ctm_session *session)
{
	ctm_session_wake(session);
	ctm_state_close(session->state);
	ctm_config_free(session->config);
	ctm_log_done();
	*session = (struct ctm_session){0};
}
