/* SPDX-License-Identifier: MIT */
#include "outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "hresult.h"
#include "utf.h"

/* Bytes of an error's text before what people can't read in it is spelt out. */
#define TEXT_MAX ((size_t)2 * CTM_ERROR_TEXT)

struct ctm_schedule ctm_outbox_schedule(const struct ctm_config *config)
{
	return (struct ctm_schedule){.steps_s = config->schedule_s, .n = config->n_schedule};
}

uint32_t ctm_outbox_random(void)
{
	uint32_t value = 0;

	/* Without randomness early in boot the jitter is the same for all: no harm but a crowd. */
	if (getrandom(&value, sizeof value, GRND_NONBLOCK) != (ssize_t)sizeof value)
		value = (uint32_t)ctm_clock_boot_ms() * 2654435761U;
	return value;
}

/* ce-source: this machine, as it is called now. */
static char *source(void)
{
	struct ctm_buf b = CTM_BUF_INIT(512);
	char host[256] = "";

	if (gethostname(host, sizeof host - 1) < 0 || !host[0])
		strcpy(host, "localhost");
	ctm_buf_printf(&b, "aria2-ctm://%s", host);
	return ctm_buf_take(&b);
}

/* The parts that every message has; ctm_message_done() frees it. */
static int begin_message(struct ctm_message *m, const struct ctm_job *job,
	enum ctm_message_kind kind, const struct ctm_stamp *now)
{
	*m = (struct ctm_message){
		.job = job->number,
		.kind = kind,
		.time_s = now->wall_ms / 1000,
		.source = source(),
		.text = strdup(""),
		.error_message = strdup(""),
	};
	if (m->source && m->text && m->error_message)
		return 0;
	ctm_message_done(m);
	return -ENOMEM;
}

/* The final word is stored, and due. */
static int put_final(struct ctm_txn *txn, struct ctm_message *m,
	const struct ctm_schedule *schedule, const struct ctm_stamp *now)
{
	int r;

	ctm_message_start(m, schedule, now, ctm_outbox_random());
	r = ctm_store_message_put(txn, m);
	return r < 0 ? r : ctm_store_work_add(txn, CTM_WORK_SEND, m->job);
}

int ctm_outbox_drop_progress(struct ctm_txn *txn, uint32_t job)
{
	struct ctm_message m;
	bool under_way;
	int r = ctm_store_progress_get(txn, job, &m);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	under_way = m.state == CTM_MESSAGE_WAITING && m.under_way;
	ctm_message_done(&m);
	if (under_way)
		return 0;
	r = ctm_store_progress_delete(txn, job);
	return r < 0 ? r : ctm_store_work_delete(txn, CTM_WORK_PROGRESS, job);
}

/* The job claims nothing any more: no files, no root, no look; what was there is of the past. */
static int end_job(struct ctm_txn *txn, struct ctm_job *job, enum ctm_job_state state,
	const struct ctm_stamp *now)
{
	struct ctm_job_text text;
	int r = ctm_job_end(job, state, now);

	if (r == 0)
		r = ctm_store_text_get(txn, job->number, &text);
	if (r < 0)
		return r;
	r = ctm_store_root_delete(txn, job->number, text.local_path);
	if (r == 0 && text.local_path[0])
		r = ctm_store_ended_put(txn, text.local_path, now->wall_ms);
	ctm_job_text_done(&text);
	if (r == 0)
		r = ctm_store_file_delete_all(txn, job->number);
	if (r == 0)
		r = ctm_store_work_delete(txn, CTM_WORK_VERIFY, job->number);
	if (r == 0)
		r = ctm_outbox_drop_progress(txn, job->number);
	return r < 0 ? r : ctm_store_job_put(txn, job);
}

int ctm_outbox_succeed(struct ctm_txn *txn, struct ctm_job *job, const struct ctm_totals *totals,
	const struct ctm_schedule *schedule, const struct ctm_stamp *now)
{
	struct ctm_message m;
	int r;

	if (ctm_job_has_ended(job))
		return -EALREADY;
	r = begin_message(&m, job, CTM_MESSAGE_SUCCESS, now);
	if (r < 0)
		return r;
	m.bytes_total = m.bytes_transferred = job->bytes_evident = totals->bytes;
	m.files_total = m.files_transferred = totals->files;
	job->files_evident = job->files_total = totals->files;
	r = end_job(txn, job, CTM_JOB_SUCCEEDED, now);
	if (r == 0)
		r = put_final(txn, &m, schedule, now);
	ctm_message_done(&m);
	return r;
}

char *ctm_outbox_error_text(const struct ctm_failure *failure)
{
	struct ctm_buf b = CTM_BUF_INIT(CTM_UTF8_VISIBLE(TEXT_MAX));
	char name[64];

	ctm_utf8_add_visible(&b, failure->text, TEXT_MAX);
	if (!b.len)
		ctm_buf_add_str(&b, ctm_hresult_print(failure->hresult, name, sizeof name));
	return ctm_buf_take(&b);
}

/* `status` shows what the job failed of. */
static int put_cause(struct ctm_txn *txn, struct ctm_job *job, uint32_t hresult, const char *cause)
{
	struct ctm_job_text text;
	int r = ctm_store_text_get(txn, job->number, &text);

	if (r < 0)
		return r;
	job->cause = hresult;
	free(text.cause);
	text.cause = strdup(cause);
	r = text.cause ? ctm_store_text_put(txn, job->number, &text) : -ENOMEM;
	ctm_job_text_done(&text);
	return r;
}

int ctm_outbox_fail(struct ctm_txn *txn, struct ctm_job *job, const struct ctm_failure *failure,
	const struct ctm_schedule *schedule, const struct ctm_stamp *now)
{
	struct ctm_message m;
	int r;

	if (ctm_job_has_ended(job))
		return -EALREADY;
	r = begin_message(&m, job, CTM_MESSAGE_ERROR, now);
	if (r < 0)
		return r;
	free(m.error_message);
	m.error_message = ctm_outbox_error_text(failure);
	m.error_code = failure->hresult;
	r = m.error_message ? put_cause(txn, job, m.error_code, m.error_message) : -ENOMEM;
	if (r == 0)
		r = end_job(txn, job, CTM_JOB_FAILED, now);
	if (r == 0)
		r = put_final(txn, &m, schedule, now);
	ctm_message_done(&m);
	return r;
}

int ctm_outbox_cancel(struct ctm_txn *txn, struct ctm_job *job, const struct ctm_stamp *now)
{
	return end_job(txn, job, CTM_JOB_CANCELLED, now);
}

int ctm_outbox_progress(struct ctm_txn *txn, struct ctm_job *job, enum ctm_progress_type type,
	const struct ctm_progress_totals *totals, const struct ctm_stamp *now)
{
	static const uint32_t at_once = 0;
	const struct ctm_schedule schedule = {.steps_s = &at_once, .n = 1};
	struct ctm_message m;
	int r = begin_message(&m, job, CTM_MESSAGE_PROGRESS, now);

	if (r < 0)
		return r;
	m.sequence = ++job->progress;
	m.progress_type = type;
	m.bytes_total = totals->bytes_total;
	m.bytes_transferred = job->bytes_told = totals->bytes_transferred;
	m.files_total = totals->files_total;
	m.files_transferred = totals->files_transferred;
	ctm_message_start(&m, &schedule, now, 0);
	r = ctm_store_progress_put(txn, &m);
	ctm_message_done(&m);
	return r < 0 ? r : ctm_store_work_add(txn, CTM_WORK_PROGRESS, job->number);
}

int ctm_outbox_new_job(struct ctm_txn *txn, const struct ctm_job_text *text,
	const struct ctm_stamp *now, struct ctm_job *ret_job)
{
	int r;

	*ret_job = (struct ctm_job){
		.state = CTM_JOB_OPEN,
		.kind = CTM_KIND_TOTALS,
		.priority = CTM_PRIORITY_NORMAL,
		.next_file = 1,
		.created_ms = now->wall_ms,
		.seen = *now,
	};
	r = ctm_store_job_find(txn, text->id, &ret_job->number);
	if (r == 0)
		return -EEXIST;
	return r == -ENOENT ? ctm_store_job_add(txn, ret_job, text) : r;
}
