/* SPDX-License-Identifier: MIT */
#include "outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

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

static int put_message(struct ctm_txn *txn, uint32_t job, const struct ctm_totals *totals,
	const struct ctm_schedule *schedule, const struct ctm_stamp *now)
{
	char nothing[] = "";
	struct ctm_message message = {
		.job = job,
		.kind = CTM_MESSAGE_SUCCESS,
		.bytes_total = totals->bytes,
		.bytes_transferred = totals->bytes,
		.files_total = totals->files,
		.files_transferred = totals->files,
		.time_s = now->wall_ms / 1000,
		.text = nothing,
	};
	int r;

	message.source = source();
	if (!message.source)
		return -ENOMEM;
	ctm_message_start(&message, schedule, now, ctm_outbox_random());
	r = ctm_store_message_put(txn, &message);
	free(message.source);
	return r < 0 ? r : ctm_store_work_add(txn, CTM_WORK_SEND, job);
}

int ctm_outbox_succeed(struct ctm_txn *txn, struct ctm_job *job, const struct ctm_totals *totals,
	const struct ctm_schedule *schedule, const struct ctm_stamp *now)
{
	struct ctm_job_text text;
	int r = ctm_job_end(job, CTM_JOB_SUCCEEDED, now);

	if (r < 0)
		return r;
	job->files_evident = job->files_total = totals->files;
	job->bytes_evident = totals->bytes;
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
		r = ctm_store_job_put(txn, job);
	return r < 0 ? r : put_message(txn, job->number, totals, schedule, now);
}

int ctm_outbox_send_success(struct ctm_txn *txn, const char *id, const char *endpoint,
	const char *client_data, const struct ctm_totals *totals,
	const struct ctm_schedule *schedule, const struct ctm_stamp *now, uint32_t *ret_number)
{
	/* The store only reads them. */
	struct ctm_job_text text = {
		.id = (char *)(uintptr_t)id,
		.endpoint = (char *)(uintptr_t)endpoint,
		.client_data = (char *)(uintptr_t)client_data,
	};
	struct ctm_job job = {
		.state = CTM_JOB_OPEN,
		.kind = CTM_KIND_TOTALS,
		.priority = CTM_PRIORITY_NORMAL,
		.next_file = 1,
		.created_ms = now->wall_ms,
		.seen = *now,
	};
	uint32_t known;
	int r = ctm_store_job_find(txn, id, &known);

	if (r == 0) {
		*ret_number = known;
		return -EEXIST;
	}
	if (r == -ENOENT)
		r = ctm_store_job_add(txn, &job, &text);
	if (r == 0)
		r = ctm_outbox_succeed(txn, &job, totals, schedule, now);
	if (r == 0)
		*ret_number = job.number;
	return r;
}
