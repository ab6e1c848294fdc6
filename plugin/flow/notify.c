/* SPDX-License-Identifier: MIT */
#include "notify.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "drain.h"
#include "guid.h"
#include "hresult.h"
#include "outbox.h"
#include "utf.h"
#include "wake.h"

/* The deliverer's own start and commits, on top of the endpoint's time-out. */
#define MARGIN_MS 5000u

uint32_t ctm_notify_hresult(int error)
{
	static const struct {
		int error;
		uint32_t hresult;
	} table[] = {
		{-EINVAL, CTM_E_INVALIDARG},
		{-ENOENT, CTM_E_NOT_FOUND},
		{-EEXIST, CTM_E_ALREADY_EXISTS},
		{-EPERM, CTM_E_ACCESSDENIED},
		{-EACCES, CTM_E_ACCESSDENIED},
		{-ENOMEM, CTM_E_OUTOFMEMORY},
		{-ENOSPC, CTM_E_DISK_FULL},
		{-EDQUOT, CTM_E_DISK_FULL},
		{-EIO, CTM_E_IO_DEVICE},
		{-EAGAIN, CTM_E_BUSY},
	};

	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (table[i].error == error)
			return table[i].hresult;
	return CTM_E_FAIL;
}

static int check(const struct ctm_notify_success *call, struct ctm_error *e)
{
	char key[CTM_GUID_KEY];

	if (ctm_guid_key(call->id, key) < 0)
		return ctm_error_set(e, -EINVAL,
			"szID \"%s\" is no GUID such as "
			"\"{3F2504E0-4F89-11D3-9A0C-0305E82C3301}\"",
			call->id);
	if (call->bytes_total != call->bytes_transferred ||
		call->files_total != call->files_transferred)
		return ctm_error_set(e, -EINVAL,
			"a success transfers as much as there is: transferred differs from total");
	if (!ctm_utf8_valid(call->endpoint, strlen(call->endpoint)) ||
		!ctm_utf8_valid(call->client_data, strlen(call->client_data)))
		return ctm_error_set(e, -EINVAL, "szEndpoint or szClientData is not UTF-8");
	return 0;
}

struct storing {
	const struct ctm_notify_success *call;
	struct ctm_schedule schedule;
	struct ctm_stamp now;
	uint32_t job;
};

/* The GUID is known: a success that is stored already is waited for, anything else is refused. */
static int judge_known(struct ctm_txn *txn, struct storing *s, struct ctm_error *e)
{
	const struct ctm_totals totals = {
		.bytes = s->call->bytes_total, .files = s->call->files_total};
	struct ctm_job job;
	int r = ctm_store_job_get(txn, s->job, &job);

	if (r < 0)
		return r;
	if (job.state == CTM_JOB_SUCCEEDED)
		return 0;
	if (s->call->force && !ctm_job_has_ended(&job))
		return ctm_outbox_succeed(txn, &job, &totals, &s->schedule, &s->now);
	return ctm_error_set(e, -EEXIST, "job %s is %s here: its final word is not sent by hand",
		s->call->id, ctm_job_state_name(job.state));
}

static int store_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct storing *s = context;
	const struct ctm_totals totals = {
		.bytes = s->call->bytes_total, .files = s->call->files_total};
	int r = ctm_outbox_send_success(txn, s->call->id, s->call->endpoint, s->call->client_data,
		&totals, &s->schedule, &s->now, &s->job);

	return r == -EEXIST ? judge_known(txn, s, e) : r;
}

struct waiting {
	uint32_t job;
	bool decided;
	uint32_t hresult;
};

static int look_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct waiting *w = context;
	struct ctm_message message;
	int r = ctm_store_message_get(txn, w->job, &message);

	(void)e;
	if (r < 0)
		return r;
	w->hresult = message.state == CTM_MESSAGE_SENT   ? CTM_S_OK
		     : message.state == CTM_MESSAGE_DEAD ? message.hresult
							 : CTM_E_IO_PENDING;
	/* A message that waits with a failure behind it waits for its next step, not for us. */
	w->decided =
		message.state != CTM_MESSAGE_WAITING || (message.attempts && !message.under_way);
	ctm_message_done(&message);
	return 0;
}

static int wait_for(struct ctm_state *state, uint32_t job, uint64_t limit_ms, uint32_t *ret_hresult)
{
	const uint64_t start = ctm_clock_boot_ms();
	struct waiting w = {.job = job, .hresult = CTM_E_IO_PENDING};
	long pause_ms = 5;

	while (!w.decided && ctm_clock_boot_ms() - start < limit_ms) {
		nanosleep(&(struct timespec){.tv_nsec = pause_ms * 1000000}, NULL);
		pause_ms = pause_ms < 100 ? pause_ms * 2 : pause_ms;
		/* What can't be read now is stored all the same. */
		if (ctm_flow_read(state, look_body, &w, NULL) < 0)
			w.hresult = CTM_E_IO_PENDING;
	}
	*ret_hresult = w.hresult;
	return 0;
}

int ctm_notify_success(struct ctm_state *state, const struct ctm_notify_success *call,
	uint32_t *ret_hresult, struct ctm_error *e)
{
	struct storing s = {.call = call, .schedule = ctm_outbox_schedule(state->config)};
	const struct ctm_endpoint *endpoint;
	const char *url;
	int r = check(call, e);

	if (r == 0)
		r = ctm_config_endpoint(state->config, call->endpoint, &endpoint, &url, e);
	if (r < 0)
		return r;
	s.now = ctm_clock_now();
	r = ctm_flow_update(state, store_body, &s, e);
	if (r < 0)
		return r;
	r = ctm_wake_spawn(state, e);
	if (r < 0) {
		/* Stored, and the next flush sends it. */
		*ret_hresult = CTM_E_IO_PENDING;
		return 0;
	}
	return wait_for(state, s.job, endpoint->timeout_ms + MARGIN_MS, ret_hresult);
}
