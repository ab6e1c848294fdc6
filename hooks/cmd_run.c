/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "add.h"
#include "command.h"
#include "deliver.h"
#include "files.h"
#include "log.h"
#include "run_aria2.h"
#include "run_lock.h"
#include "run_progress.h"
#include "wake.h"

#define STEP_MS 100

/* Hooks take milliseconds; one that is stopped or on a dead disk is not waited for for ever. */
#define HOOKS_MS 30000u

struct running {
	struct ctm_session *session;
	struct ctm_added *added;
	struct ctm_aria2_run aria2;
	struct ctm_run_progress progress;
	char *input_file;
	int lock_fd; /* of the jobs, -1: not locked */
	bool has_aria2;
};

static void pause_a_step(void)
{
	nanosleep(&(struct timespec){.tv_nsec = STEP_MS * 1000000L}, NULL);
}

static int write_input(struct running *run, struct ctm_error *e)
{
	struct ctm_buf name = CTM_BUF_INIT(8192);
	int r;

	if (!run->added->entries)
		return 0;
	ctm_buf_printf(&name, "%s/run-%ld.input", run->session->state->dir, (long)getpid());
	run->input_file = ctm_buf_take(&name);
	if (!run->input_file)
		return -ENOMEM;
	r = ctm_files_replace(run->input_file, run->added->input.data, run->added->input.len, 0600);
	return r < 0 ? ctm_error_set(e, r, "cannot write \"%s\": %s", run->input_file, strerror(-r))
		     : 0;
}

/* A deliverer for what a drain of ours has found; hooks see to what theirs find. */
static void wake(struct running *run)
{
	struct ctm_error e = CTM_ERROR_INIT;
	int r;

	if (!run->session->state->work)
		return;
	run->session->state->work = false;
	r = ctm_wake_spawn(run->session->state, &e);
	if (r < 0)
		ctm_log_complaint(CTM_LOG_ERROR, NULL, ctm_error_of(&e, r));
}

static int step(struct running *run, struct ctm_error *e)
{
	int r;

	ctm_aria2_reap(&run->aria2);
	r = ctm_progress_read(&run->progress, run->session->state, &run->added->jobs, e);
	if (r < 0)
		return r;
	ctm_progress_show(&run->progress);
	wake(run);
	pause_a_step();
	return 0;
}

/* Until aria2c and the hooks that it leaves behind have ended. */
static int follow_aria2(struct running *run, struct ctm_error *e)
{
	uint64_t ended_ms = 0;
	int r = 0;

	while (r == 0 && run->has_aria2) {
		r = step(run, e);
		if (!run->aria2.ended)
			continue;
		if (!ended_ms)
			ended_ms = ctm_clock_boot_ms();
		if (!ctm_aria2_has_hooks() || ctm_clock_boot_ms() - ended_ms > HOOKS_MS)
			break;
	}
	return r;
}

/* Until every final word is taken, or nothing is about to change. */
static int follow_messages(struct running *run, struct ctm_error *e)
{
	const uint32_t linger_s = run->session->config->linger_s;
	bool moving = true;
	int r = 0;

	run->session->state->work = true;
	while (r == 0 && moving) {
		r = step(run, e);
		moving = !ctm_progress_all_taken(&run->progress) &&
			 ctm_progress_is_moving(&run->progress, linger_s) &&
			 !ctm_aria2_was_interrupted();
		/* A deliverer that went before its time is started again. */
		run->session->state->work = moving && ctm_clock_boot_ms() % 1000 < STEP_MS;
	}
	run->session->state->work = false;
	return r;
}

static int say_outcome(const struct running *run)
{
	char described[64];

	ctm_progress_summary(&run->progress);
	if (run->has_aria2 && run->aria2.ended && run->aria2.status != 0)
		fprintf(stderr, "aria2-ctm: aria2c ended with %s\n",
			ctm_aria2_describe(run->aria2.status, described));
	if (ctm_progress_all_succeeded(&run->progress) && !run->added->bad)
		return CTM_EXIT_DONE;
	if (ctm_progress_all_taken(&run->progress)) {
		fprintf(stderr, "aria2-ctm: not every job has succeeded, and CTM knows\n");
		return CTM_EXIT_FAILED;
	}
	ctm_progress_advise(&run->progress);
	return CTM_EXIT_FAILED;
}

/* What is missing is known only once nobody else brings it. */
static int prepare(struct running *run, struct ctm_error *e)
{
	int r = run->lock_fd = ctm_run_lock(run->session->state, run->added, e);

	if (r >= 0)
		r = ctm_add_input(run->session, run->added, e);
	return r < 0 ? r : write_input(run, e);
}

static int run_jobs(struct running *run, int n, char **arguments, struct ctm_error *e)
{
	int r = prepare(run, e);
	const struct ctm_enclosing enclosing = {.file = run->input_file, .has_started = true};

	if (r == 0)
		r = ctm_progress_init(&run->progress, run->added->jobs.n);
	run->has_aria2 = run->added->entries || n > 0;
	if (r == 0 && run->has_aria2) {
		r = ctm_aria2_start(
			&run->aria2, run->input_file, run->progress.terminal, n, arguments, e);
		if (r == 0)
			ctm_aria2_forward_signals(&run->aria2);
	}
	/* aria2c, which is to write wherever it is told, would have lost as much before. */
	if (r == 0)
		r = ctm_enclose(run->session->config, &enclosing, NULL, e);
	if (r == 0)
		r = follow_aria2(run, e);
	if (r == 0)
		r = follow_messages(run, e);
	return r;
}

/* The arguments behind "--" are aria2c's. */
static int split(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], "--") == 0)
			return i;
	return argc;
}

static int run_added(struct ctm_session *session, struct ctm_added *added, int n, char **arguments)
{
	struct running run = {.session = session, .added = added, .lock_fd = -1};
	struct ctm_error e = CTM_ERROR_INIT;
	int r = run_jobs(&run, n, arguments, &e);
	int status = r < 0 ? ctm_command_fail(&e, r) : say_outcome(&run);

	if (run.input_file)
		unlink(run.input_file);
	free(run.input_file);
	ctm_progress_done(&run.progress);
	ctm_close_fd(&run.lock_fd);
	return status;
}

/* `rest` is where aria2c's begin. */
static int check_arguments(
	const struct ctm_command *command, int end, int rest, int argc, char **argv)
{
	if (end < 2)
		return ctm_command_usage(command, "no SIDECAR is named");
	for (int i = 1; i < end; i++)
		if (argv[i][0] == '-')
			return ctm_command_usage(command,
				"unknown option \"%s\" (aria2c's stand behind \"--\")", argv[i]);
	for (int i = rest; i < argc; i++)
		if (strcmp(argv[i], "--") == 0)
			return ctm_command_usage(command,
				"a second \"--\" would make URIs of our hooks, which stand behind "
				"aria2c's other options: leave it out, URIs need none");
	return 0;
}

static int run(const struct ctm_command *command, int argc, char **argv)
{
	const int end = split(argc, argv);
	const int rest = end < argc ? end + 1 : argc;
	struct ctm_added added = CTM_ADDED_INIT;
	struct ctm_error e = CTM_ERROR_INIT;
	struct ctm_session session;
	int r = check_arguments(command, end, rest, argc, argv);

	if (r)
		return r;
	r = ctm_session_open(&session, CTM_STATE_CREATE, NULL);
	if (r)
		return r;
	r = ctm_add(&session, argv + 1, end - 1, true, &added, &e);
	if (r < 0)
		r = ctm_command_fail(&e, r);
	else if (added.bad)
		r = CTM_EXIT_FAILED;
	else
		r = run_added(&session, &added, argc - rest, argv + rest);
	ctm_session_close(&session);
	ctm_added_done(&added);
	return r;
}

const struct ctm_command ctm_command_run = {
	.name = "run",
	.arguments = "SIDECAR... [-- ARIA2C-OPTIONS...]",
	.summary = "the whole job: register, download with aria2c, verify, tell CTM",
	.help = "Runs aria2c on the uris of the sidecars' files, with our hooks and the options that keep\n"
		"names (what stands behind \"--\" is added; uris too, but no other \"--\"), waits for its\n"
		"hooks, and stays until CTM has taken every final word or nothing is about to change.\n"
		"Files that have arrived already are not downloaded again. The content has the modes that\n"
		"the umask allows. Exit status: 0 CTM took a success for every job, 1 an error, or not yet\n"
		"(nothing is lost), 2 wrong usage.\n",
	.run = run,
};
