/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "command.h"
#include "flush.h"

static int run(const struct ctm_command *command, int argc, char **argv)
{
	struct ctm_error e = CTM_ERROR_INIT;
	struct ctm_session session;
	size_t unsent = 0;
	int r;

	if (argc > 1)
		return ctm_command_usage(command, "\"%s\" is one argument too many", argv[1]);
	r = ctm_session_open(&session, CTM_STATE_CREATE, &(struct ctm_enclosing){0});
	if (r)
		return r;
	r = ctm_flush(session.state, &unsent, &e);
	session.state->work = false; /* all that was due has been seen to */
	ctm_session_close(&session);
	if (r < 0)
		return ctm_command_fail(&e, r);
	if (!unsent)
		return CTM_EXIT_DONE;
	fprintf(stderr,
		"aria2-ctm: %zu messages were tried and not taken; they are kept: see "
		"\"aria2-ctm status\"\n",
		unsent);
	return CTM_EXIT_FAILED;
}

const struct ctm_command ctm_command_flush = {
	.name = "flush",
	.arguments = "",
	.summary = "do everything that is due: read sidecars, verify, deliver",
	.help = "Run it every minute and at boot, by the timer that is shipped or by cron: it finds what\n"
		"a crash or a dead CTM left behind. Exit status 0 if nothing that was due is left unsent,\n"
		"1 if a message was tried and not taken (it is kept and tried again), if memory or\n"
		"descriptors were short for a look at a job's files (it is made again), or if the state\n"
		"can't be used.\n",
	.run = run,
};
