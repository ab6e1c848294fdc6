/* SPDX-License-Identifier: MIT */
/*
 * deliver: what a hook becomes when something is to be sent or verified
 *
 * Started by our own programs, not by people: `aria2-ctm flush` is for those. It stays for as long
 * as [retry] linger says, holds nothing of aria2's, and ends at once on SIGTERM: all that it knows
 * is in the store. Exit status: 0 nothing that is due is left, 1 something is, 2 wrong usage.
 */
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config.h"
#include "deliver.h"
#include "enclose.h"
#include "files.h"
#include "hide.h"
#include "log.h"
#include "rpc_memory.h"

enum {
	DONE = 0,
	FAILED = 1,
	WRONG_USAGE = 2
};

/*
 * A lingering process that kept aria2's standard output open would hold up whoever reads it, and
 * one that kept its directory would hold up an unmount: deliver() lets go of both as soon as there
 * is another place to complain to.
 */
static void leave_aria2(void)
{
	ctm_files_null_stdio(false);
	ctm_files_close_above_stdio();
	ctm_files_allow_descriptors();
	signal(SIGCHLD, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	(void)setsid();
	umask(077);
}

static void complain(void *context, const struct ctm_error *complaint)
{
	(void)context;
	if (complaint->code < 0)
		ctm_log_complaint(CTM_LOG_ERROR, NULL, complaint);
}

static int deliver(void)
{
	struct ctm_error e = CTM_ERROR_INIT;
	struct ctm_config *config = NULL;
	struct ctm_state *state = NULL;
	int r = ctm_config_load(&config, complain, NULL, &e);

	/* Until the configuration says where the log is, that is standard error. */
	if (r < 0) {
		ctm_log_complaint(CTM_LOG_ERROR, NULL, ctm_error_of(&e, r));
		return FAILED;
	}
	r = ctm_config_set_log_up(config, "deliver", &e);
	if (r == 0 && chdir("/") < 0)
		r = ctm_error_set(&e, -errno, "cannot change to \"/\": %s", strerror(errno));
	if (r == 0)
		r = ctm_state_open(config, CTM_STATE_CREATE | CTM_STATE_BECOME, &state, &e);
	/* Root that has not become the log's owner may have no other place. */
	if (r == 0)
		ctm_files_null_stdio(true);
	ctm_hide();
	if (r == 0)
		r = ctm_enclose(config, NULL, NULL, &e);
	if (r == 0)
		r = ctm_deliver_run(state, CTM_DELIVER_LINGER, &e);
	if (r < 0)
		ctm_log_complaint(CTM_LOG_ERROR, NULL, ctm_error_of(&e, r));
	ctm_state_close(state);
	ctm_config_free(config);
	ctm_log_done();
	return r < 0 ? FAILED : DONE;
}

int main(int argc, char **argv)
{
	bool detach = argc == 2 && strcmp(argv[1], "--detach") == 0;

	if (argc != 1 && !detach) {
		fprintf(stderr,
			"usage: deliver [--detach]\n"
			"Hooks become this program; to deliver by hand use \"aria2-ctm flush\".\n");
		return WRONG_USAGE;
	}
	/* Nobody's child: whoever started us reaps the first process and is done. */
	if (detach) {
		pid_t pid = fork();

		if (pid != 0)
			return pid > 0 ? DONE : FAILED;
	}
	leave_aria2();
	ctm_rpc_memory_watch();
	return deliver();
}
