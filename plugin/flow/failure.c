/* SPDX-License-Identifier: MIT */
#include "failure.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "hresult.h"
#include "outbox.h"
#include "path.h"

#define TEXT_LIMIT ((size_t)2 * CTM_ERROR_TEXT)

/* What the files tell. */
struct finding {
	bool given_up_only;
	uint32_t hresult; /* 0: no file has a cause */
	int64_t since_ms;
	char *why;
	char *path;    /* of the file that it is about */
	char *missing; /* the first file without evidence */
	uint64_t n_missing;
};

static void finding_done(struct finding *f)
{
	free(f->why);
	free(f->path);
	free(f->missing);
}

static int keep(char **to, const char *text)
{
	free(*to);
	*to = strdup(text ? text : "");
	return *to ? 0 : -ENOMEM;
}

static bool is_better(const struct finding *f, const struct ctm_file *file)
{
	if (!file->cause || (f->given_up_only && !file->given_up))
		return false;
	if (file->cause_ms != f->since_ms)
		return file->cause_ms > f->since_ms;
	return file->cause > f->hresult;
}

static int visit(struct ctm_txn *txn, const struct ctm_file *file, void *context)
{
	struct finding *f = context;
	int r = 0;

	(void)txn;
	if (file->evident)
		return 0;
	if (!f->n_missing++)
		r = keep(&f->missing, file->path);
	if (r < 0 || !is_better(f, file))
		return r;
	f->hresult = file->cause;
	f->since_ms = file->cause_ms;
	r = keep(&f->path, file->path);
	return r < 0 ? r : keep(&f->why, file->why);
}

/* An earlier version kept no words. */
static void add_cause(struct ctm_buf *b, const struct finding *f)
{
	if (f->why[0])
		ctm_buf_add_str(b, f->why);
	else
		ctm_buf_printf(b, "\"%s\" is missing", f->path);
}

static void add_arrived(struct ctm_buf *b, const struct ctm_job *job)
{
	ctm_buf_printf(b, "%" PRIu32, job->files_evident);
	if (job->files_total)
		ctm_buf_printf(b, " of %" PRIu32, job->files_total);
	ctm_buf_add_str(b, " files had arrived");
}

/* No time is left, whatever else there is to say. */
static void add_deadline(struct ctm_buf *b, const struct ctm_job *job, const struct ctm_fold *fold)
{
	ctm_buf_printf(b, "the %s of %" PRIu64 " s is over, ",
		job->timeout_s ? "timeout" : "time to give up",
		job->timeout_s ? job->timeout_s : fold->config->give_up_s);
	add_arrived(b, job);
}

/* The error of a job of whose files something is known, or nothing. */
static uint32_t describe(struct ctm_buf *b, const struct ctm_job *job, const struct finding *f,
	enum ctm_decision decision, const struct ctm_fold *fold)
{
	if (f->hresult) {
		add_cause(b, f);
		if (decision == CTM_DECIDED_DEADLINE) {
			ctm_buf_add_str(b, "; ");
			add_deadline(b, job, fold);
		}
		return f->hresult;
	}
	add_deadline(b, job, fold);
	if (f->n_missing)
		ctm_buf_printf(b, "; missing: \"%s\"", f->missing);
	if (f->n_missing > 1)
		ctm_buf_printf(b, " and %" PRIu64 " more", f->n_missing - 1);
	ctm_buf_add_str(b, ": see that aria2 downloads it, and that its hooks are set");
	return CTM_E_TIMEOUT;
}

/* A look that can't tell: its answer is with the job. */
static int describe_look(struct ctm_txn *txn, struct ctm_buf *b, const struct ctm_job *job,
	const struct ctm_fold *fold)
{
	struct ctm_job_text text;
	int r = ctm_store_text_get(txn, job->number, &text);

	if (r < 0)
		return r;
	if (text.cause[0])
		ctm_buf_printf(b, "%s; ", text.cause);
	ctm_job_text_done(&text);
	add_deadline(b, job, fold);
	return 0;
}

int ctm_failure_end(
	struct ctm_txn *txn, struct ctm_job *job, enum ctm_decision decision, struct ctm_fold *fold)
{
	CTM_CLEANUP_BUF struct ctm_buf text = CTM_BUF_INIT(TEXT_LIMIT + CTM_PATH_LIMIT);
	const struct ctm_schedule schedule = ctm_outbox_schedule(fold->config);
	struct finding f = {.given_up_only = decision == CTM_DECIDED_GIVE_UP};
	struct ctm_failure failure = {0};
	int r = 0;

	/* Nothing is missing: a look could not tell. After one that found a file wrong, that is. */
	if (ctm_job_is_complete(job)) {
		failure.hresult = job->cause ? job->cause : CTM_E_TIMEOUT;
		r = describe_look(txn, &text, job, fold);
	} else {
		r = ctm_store_file_each(txn, job->number, visit, &f);
		if (r == 0)
			failure.hresult = describe(&text, job, &f, decision, fold);
	}
	finding_done(&f);
	if (r == 0 && text.error)
		r = text.error;
	if (r < 0)
		return r;
	failure.text = text.data;
	fold->work = true;
	return ctm_outbox_fail(txn, job, &failure, &schedule, &fold->now);
}

/* The words of a look that found something, or could not tell. */
static int take_words(
	struct ctm_txn *txn, const struct ctm_job *job, uint32_t *ret_hresult, char **ret_text)
{
	struct ctm_job_text text;
	int r;

	if (!job->cause)
		return 0;
	r = ctm_store_text_get(txn, job->number, &text);
	if (r < 0)
		return r;
	*ret_hresult = job->cause;
	*ret_text = text.cause;
	text.cause = NULL;
	ctm_job_text_done(&text);
	return 1;
}

int ctm_failure_known(
	struct ctm_txn *txn, const struct ctm_job *job, uint32_t *ret_hresult, char **ret_text)
{
	struct finding f = {0};
	int r = job->state == CTM_JOB_VERIFYING ? take_words(txn, job, ret_hresult, ret_text)
						: ctm_store_file_each(txn, job->number, visit, &f);

	if (r == 0 && f.hresult) {
		*ret_hresult = f.hresult;
		*ret_text = f.why;
		f.why = NULL;
		r = 1;
	}
	finding_done(&f);
	return r;
}
