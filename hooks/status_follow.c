/* SPDX-License-Identifier: MIT */
#include "status_follow.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "status_frame.h"
#include "status_table.h"

#define FRAME_LIMIT ((size_t)1 << 28)
#define FIRST_PAUSE_MS 100u
#define LONGEST_PAUSE_MS 1000u

static volatile sig_atomic_t interrupted;

static void interrupt(int sig)
{
	(void)sig;
	interrupted = 1;
}

/* At once; a signal leaves the rest out. */
static int write_frame(const struct ctm_buf *frame)
{
	size_t done = 0;

	while (done < frame->len && !interrupted) {
		const ssize_t n = write(STDOUT_FILENO, frame->data + done, frame->len - done);

		if (n < 0 && errno != EINTR)
			return -errno;
		done += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int draw_frame(const struct ctm_session *session, const struct ctm_status *status)
{
	CTM_CLEANUP_BUF struct ctm_buf text = CTM_BUF_INIT(FRAME_LIMIT);
	CTM_CLEANUP_BUF struct ctm_buf frame = CTM_BUF_INIT(FRAME_LIMIT);
	struct ctm_lines lines = ctm_lines_for(STDOUT_FILENO, &text);
	int r = ctm_status_add_table(&lines, status, session->config, NULL);

	if (r < 0)
		return r;
	ctm_frame_add(&frame, text.data, ctm_frame_rows(STDOUT_FILENO));
	return frame.error ? frame.error : write_frame(&frame);
}

struct following {
	struct ctm_session *session;
	const struct ctm_status_request *request;
	bool frames; /* drawn over one another */
	bool begun;
	uint64_t pause_ms;
	char **ids; /* of the jobs that were named, once they were found */
	size_t n_ids;
};

static int draw(struct following *f, const struct ctm_status *status, struct ctm_error *e)
{
	const bool blank = f->begun && !f->request->json;
	int r;

	f->begun = true;
	if (!f->frames) {
		if (blank)
			putchar('\n');
		return ctm_status_print(f->session, f->request, status, e);
	}
	r = draw_frame(f->session, status);
	return r < 0 ? ctm_error_set(e, r, "cannot write to the terminal: %s", strerror(-r)) : 0;
}

/*
 * The start of a GUID that was one job's could become another's too; and what is waited for are the
 * jobs that a filter admitted at first, also when it would no longer.
 */
static int keep_ids(struct following *f, const struct ctm_status *status)
{
	const bool filtered = ctm_status_filter_is_set(&f->request->filter);

	if (f->ids || (filtered ? !f->request->wait : !f->request->n))
		return 0;
	f->ids = calloc(status->n_jobs + 1, sizeof *f->ids);
	for (size_t i = 0; f->ids && i < status->n_jobs; i++) {
		f->ids[i] = strdup(status->jobs[i].text.id);
		if (!f->ids[i])
			return -ENOMEM;
		f->n_ids++;
	}
	return f->ids ? 0 : -ENOMEM;
}

static bool is_settled(const struct ctm_status_job *job)
{
	return ctm_job_has_ended(&job->job) &&
	       !(job->message && job->message->state == CTM_MESSAGE_WAITING);
}

bool ctm_status_is_settled(const struct ctm_status *status)
{
	for (size_t i = 0; i < status->n_jobs; i++)
		if (!is_settled(&status->jobs[i]))
			return false;
	return true;
}

bool ctm_status_is_success(const struct ctm_status *status)
{
	for (size_t i = 0; i < status->n_jobs; i++)
		if (status->jobs[i].job.state != CTM_JOB_SUCCEEDED || !status->jobs[i].message ||
			status->jobs[i].message->state != CTM_MESSAGE_SENT)
			return false;
	return true;
}

/* Ctrl-Z can't stop us while we hold the store: everybody else would wait. */
static int read_unstopped(struct following *f, struct ctm_status *status, struct ctm_error *e)
{
	sigset_t stops;
	sigset_t before;
	int r;

	sigemptyset(&stops);
	sigaddset(&stops, SIGTSTP);
	sigprocmask(SIG_BLOCK, &stops, &before);
	r = ctm_status_read(f->session, f->ids ? f->ids : f->request->names,
		f->ids ? f->n_ids : f->request->n, f->ids ? NULL : &f->request->filter, status, e);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return r;
}

/* 0: go on; 1: it is over, *ret_success says how; negative errno in *e. */
static int step(struct following *f, bool *ret_success, struct ctm_error *e)
{
	struct ctm_status status;
	bool settled = false;
	int r = read_unstopped(f, &status, e);

	if (r == 0)
		r = keep_ids(f, &status);
	if (r == 0) {
		settled = f->request->wait && ctm_status_is_settled(&status);
		*ret_success = ctm_status_is_success(&status);
	}
	if (r == 0 && (settled || f->request->watch_ms))
		r = draw(f, &status, e);
	ctm_status_done(&status);
	return r < 0 ? r : settled;
}

/* A signal that came before counts as well. */
static void pause_for(uint64_t ms)
{
	const struct timespec time = {
		.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};
	sigset_t ours;
	sigset_t before;

	sigemptyset(&ours);
	sigaddset(&ours, SIGINT);
	sigaddset(&ours, SIGTERM);
	sigprocmask(SIG_BLOCK, &ours, &before);
	if (!interrupted)
		(void)ppoll(NULL, 0, &time, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

static void pause_before_next(struct following *f)
{
	if (f->request->watch_ms) {
		pause_for(f->request->watch_ms);
		return;
	}
	pause_for(f->pause_ms);
	f->pause_ms = f->pause_ms * 2 < LONGEST_PAUSE_MS ? f->pause_ms * 2 : LONGEST_PAUSE_MS;
}

static void catch_signals(void)
{
	/* A write to a terminal that is held up comes back; a second signal ends us in any case. */
	const struct sigaction action = {.sa_handler = interrupt, .sa_flags = (int)SA_RESETHAND};

	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
}

int ctm_status_follow(
	struct ctm_session *session, const struct ctm_status_request *request, struct ctm_error *e)
{
	struct following f = {
		.session = session,
		.request = request,
		.frames = request->watch_ms && !request->json && isatty(STDOUT_FILENO),
		.pause_ms = FIRST_PAUSE_MS,
	};
	bool success = false;
	int r = 0;

	if (request->watch_ms)
		catch_signals();
	while (r == 0 && !interrupted) {
		r = step(&f, &success, e);
		if (r == 0 && !interrupted)
			pause_before_next(&f);
	}
	if (f.frames && interrupted)
		(void)!write(STDOUT_FILENO, CTM_FRAME_END, strlen(CTM_FRAME_END));
	for (size_t i = 0; i < f.n_ids; i++)
		free(f.ids[i]);
	free(f.ids);
	if (r < 0 && !interrupted)
		return e->code ? r : ctm_error_set(e, r, "cannot go on: %s", strerror(-r));
	return request->wait ? !(r > 0 && success) : 0;
}
