/* SPDX-License-Identifier: MIT */
#include "run_progress.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "buf.h"
#include "hresult.h"
#include "say.h"

#define BAR 30
#define LINE_LIMIT 65536u
#define ASKING_MS 20000u

int ctm_progress_init(struct ctm_run_progress *progress, size_t n)
{
	*progress = (struct ctm_run_progress){.n = n, .terminal = isatty(STDOUT_FILENO)};
	progress->jobs = calloc(n, sizeof *progress->jobs);
	progress->shown = calloc(n, sizeof *progress->shown);
	return progress->jobs && progress->shown ? 0 : -ENOMEM;
}

static void job_done(struct ctm_run_job *job)
{
	free(job->id);
	free(job->cause);
	if (job->has_message)
		ctm_message_done(&job->message);
	*job = (struct ctm_run_job){0};
}

void ctm_progress_done(struct ctm_run_progress *progress)
{
	for (size_t i = 0; progress->jobs && i < progress->n; i++)
		job_done(&progress->jobs[i]);
	free(progress->jobs);
	free(progress->shown);
	*progress = (struct ctm_run_progress){0};
}

struct reading {
	struct ctm_run_progress *progress;
	const struct ctm_numbers *jobs;
};

static int read_job(struct ctm_txn *txn, uint32_t number, struct ctm_run_job *job)
{
	struct ctm_job_text text;
	int r;

	job_done(job);
	r = ctm_store_job_get(txn, number, &job->job);
	if (r == 0)
		r = ctm_store_text_get(txn, number, &text);
	if (r < 0)
		return r;
	job->id = text.id;
	job->cause = text.cause;
	text.id = text.cause = NULL;
	ctm_job_text_done(&text);
	r = ctm_store_message_get(txn, number, &job->message);
	job->has_message = r == 0;
	return r == -ENOENT ? 0 : r;
}

static int read_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct reading *reading = context;
	int r;

	if (!reading->progress->asking)
		reading->progress->asking_since_ms = ctm_clock_boot_ms();
	reading->progress->asking = false;
	r = ctm_store_question_any(txn, &reading->progress->asking);
	for (size_t i = 0; r == 0 && i < reading->jobs->n; i++)
		r = read_job(txn, reading->jobs->items[i], &reading->progress->jobs[i]);
	return r < 0 ? ctm_error_set(e, r, "cannot read the jobs: %s", strerror(-r)) : 0;
}

int ctm_progress_read(struct ctm_run_progress *progress, struct ctm_state *state,
	const struct ctm_numbers *jobs, struct ctm_error *e)
{
	struct reading reading = {.progress = progress, .jobs = jobs};

	return ctm_flow_read(state, read_body, &reading, e);
}

static uint32_t total_of(const struct ctm_job *job)
{
	return job->files_total ? job->files_total : job->files_evident;
}

static const char *say(const struct ctm_run_job *job)
{
	if (job->has_message)
		return job->message.state == CTM_MESSAGE_SENT   ? "CTM knows"
		       : job->message.state == CTM_MESSAGE_DEAD ? "CTM refused"
								: "telling CTM";
	return job->job.state == CTM_JOB_VERIFYING ? "verifying" : "downloading";
}

static void draw(const struct ctm_run_job *job)
{
	uint32_t total = total_of(&job->job);
	uint32_t done = job->job.files_evident;
	int filled = total ? (int)((uint64_t)BAR * done / total) : 0;

	printf("\r\033[K%-38s [", job->id);
	for (int i = 0; i < BAR; i++)
		putchar(i < filled ? '#' : '-');
	printf("] %" PRIu32 "/%" PRIu32 " files  %s\n", done, total, say(job));
}

void ctm_progress_show(struct ctm_run_progress *progress)
{
	if (progress->terminal && progress->drawn)
		printf("\033[%zuA", progress->drawn);
	for (size_t i = 0; i < progress->n; i++) {
		const struct ctm_run_job *job = &progress->jobs[i];
		uint32_t mark = 1 + job->job.files_evident * 8 + (uint32_t)job->job.state;

		if (progress->terminal)
			draw(job);
		else if (mark != progress->shown[i])
			ctm_say(stdout, "%s: %" PRIu32 " of %" PRIu32 " files, %s", job->id,
				job->job.files_evident, total_of(&job->job), say(job));
		progress->shown[i] = mark;
	}
	progress->drawn = progress->terminal ? progress->n : 0;
	fflush(stdout);
}

/* What became of the job itself. */
static void describe_end(struct ctm_buf *line, const struct ctm_run_job *job)
{
	const struct ctm_message *m = &job->message;
	char hresult[96];

	ctm_buf_printf(line, "%s: %s, ", job->id, ctm_job_state_name(job->job.state));
	if (!job->has_message)
		ctm_buf_printf(line, "%" PRIu32 " of %" PRIu32 " files are there%s%s",
			job->job.files_evident, total_of(&job->job), job->cause[0] ? ": " : "",
			job->cause);
	else if (m->kind == CTM_MESSAGE_ERROR)
		ctm_buf_printf(line, "%s: %s",
			ctm_hresult_print(m->error_code, hresult, sizeof hresult),
			m->error_message);
	else
		ctm_buf_printf(line, "%" PRIu32 " files, %" PRIu64 " bytes", m->files_total,
			m->bytes_total);
}

static void summarize(const struct ctm_run_job *job)
{
	CTM_CLEANUP_BUF struct ctm_buf line = CTM_BUF_INIT(LINE_LIMIT);
	const struct ctm_message *m = &job->message;
	char hresult[96];

	describe_end(&line, job);
	if (job->has_message && m->state == CTM_MESSAGE_SENT)
		ctm_buf_add_str(&line, "; CTM took the final word");
	else if (job->has_message)
		ctm_buf_printf(&line, "; the final word is %s after %" PRIu32 " attempts, %s%s%s",
			ctm_message_state_name(m->state), m->attempts,
			ctm_hresult_print(m->hresult, hresult, sizeof hresult),
			m->text[0] ? ": " : "", m->text);
	ctm_say(stdout, "%s", line.error ? job->id : line.data);
}

void ctm_progress_summary(const struct ctm_run_progress *progress)
{
	for (size_t i = 0; i < progress->n; i++)
		summarize(&progress->jobs[i]);
	fflush(stdout);
}

static bool is_taken(const struct ctm_run_job *job)
{
	return job->has_message && job->message.state == CTM_MESSAGE_SENT;
}

void ctm_progress_advise(const struct ctm_run_progress *progress)
{
	bool goes_on = false;

	for (size_t i = 0; i < progress->n; i++) {
		const struct ctm_run_job *job = &progress->jobs[i];

		if (is_taken(job))
			continue;
		if (job->job.state == CTM_JOB_CANCELLED)
			ctm_say(stderr, "aria2-ctm: %s was cancelled: CTM is told nothing",
				job->id);
		else if (job->has_message && job->message.state == CTM_MESSAGE_DEAD)
			ctm_say(stderr,
				"aria2-ctm: the final word of %s is kept, and not sent again before "
				"\"aria2-ctm retry %s\"",
				job->id, job->id);
		else if (job->job.suspended && !ctm_job_has_ended(&job->job))
			ctm_say(stderr, "aria2-ctm: %s is suspended until \"aria2-ctm resume %s\"",
				job->id, job->id);
		else
			goes_on = true;
	}
	if (goes_on)
		ctm_say(stderr,
			"aria2-ctm: not all is done; nothing is lost: run it again to go on "
			"with what is missing, and see that \"aria2-ctm flush\" runs every "
			"minute");
}

bool ctm_progress_all_taken(const struct ctm_run_progress *progress)
{
	for (size_t i = 0; i < progress->n; i++)
		if (!is_taken(&progress->jobs[i]))
			return false;
	return true;
}

bool ctm_progress_all_succeeded(const struct ctm_run_progress *progress)
{
	for (size_t i = 0; i < progress->n; i++)
		if (progress->jobs[i].job.state != CTM_JOB_SUCCEEDED)
			return false;
	return ctm_progress_all_taken(progress);
}

static bool is_moving(const struct ctm_run_job *job, uint32_t linger_s, const struct ctm_stamp *now)
{
	const uint64_t linger_ms = linger_s * UINT64_C(1000);

	if (job->has_message)
		return job->message.state == CTM_MESSAGE_WAITING &&
		       ctm_message_due_ms(&job->message, now) <= linger_ms;
	/* A look that could not tell twice needs more than a moment. */
	return job->job.state == CTM_JOB_VERIFYING && job->job.looks < 3;
}

bool ctm_progress_is_moving(const struct ctm_run_progress *progress, uint32_t linger_s)
{
	const struct ctm_stamp now = ctm_clock_now();

	for (size_t i = 0; i < progress->n; i++)
		if (is_moving(&progress->jobs[i], linger_s, &now))
			return true;
	/* aria2 answers within seconds, or it is not asked again by this run. */
	return progress->asking && ctm_clock_boot_ms() - progress->asking_since_ms < ASKING_MS;
}
