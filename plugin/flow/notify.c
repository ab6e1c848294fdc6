/* SPDX-License-Identifier: MIT */
#include "notify.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "deadline.h"
#include "drain.h"
#include "guid.h"
#include "hresult.h"
#include "log.h"
#include "notify_said.h"
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

static int check_success(const struct ctm_notify *call, struct ctm_error *e)
{
	if (call->bytes_total == call->bytes_transferred &&
		call->files_total == call->files_transferred)
		return 0;
	return ctm_error_set(e, -EINVAL,
		"a success transfers as much as there is: transferred differs from total");
}

static int check_error(const struct ctm_notify *call, struct ctm_error *e)
{
	if (!(call->error_code & UINT32_C(0x80000000)))
		return ctm_error_set(e, -EINVAL,
			"hrErrorCode 0x%08" PRIX32 " is no failure: its first bit would be set",
			call->error_code);
	if (!call->error_message || !call->error_message[0])
		return ctm_error_set(e, -EINVAL, "szErrorMessage is empty: say what happened");
	return 0;
}

static int check_progress(const struct ctm_notify *call, struct ctm_error *e)
{
	enum ctm_progress_type type;

	if (ctm_progress_type_from_name(call->progress_type, &type))
		return 0;
	return ctm_error_set(e, -EINVAL,
		"szProgressType \"%s\" is none of CTM's: DownloadingManifest, ProcessingManifest, "
		"CreatingDirectories, PreparingDownload, DownloadingData or empty",
		call->progress_type);
}

static int check(const struct ctm_notify *call, struct ctm_error *e)
{
	static int (*const checks[])(const struct ctm_notify *call, struct ctm_error *e) = {
		[CTM_MESSAGE_SUCCESS] = check_success,
		[CTM_MESSAGE_ERROR] = check_error,
		[CTM_MESSAGE_PROGRESS] = check_progress,
	};
	char key[CTM_GUID_KEY];

	if (ctm_guid_key(call->id, key) < 0)
		return ctm_error_set(e, -EINVAL,
			"szID \"%s\" is no GUID such as "
			"\"{3F2504E0-4F89-11D3-9A0C-0305E82C3301}\"",
			call->id);
	if (!ctm_utf8_valid(call->endpoint, strlen(call->endpoint)) ||
		(call->client_data &&
			!ctm_utf8_valid(call->client_data, strlen(call->client_data))))
		return ctm_error_set(e, -EINVAL, "szEndpoint or szClientData is not UTF-8");
	return checks[call->kind](call, e);
}

struct storing {
	const struct ctm_notify *call;
	struct ctm_fold fold; /* for its clock and configuration */
	uint32_t job;
	uint32_t sequence; /* of the progress that was stored; 0: none */
	bool nothing_to_send;
};

static int succeed(struct ctm_txn *txn, struct storing *s, struct ctm_job *job)
{
	const struct ctm_schedule schedule = ctm_outbox_schedule(s->fold.config);
	const struct ctm_totals totals = {
		.bytes = s->call->bytes_total, .files = s->call->files_total};

	return ctm_outbox_succeed(txn, job, &totals, &schedule, &s->fold.now);
}

static int fail(struct ctm_txn *txn, struct storing *s, struct ctm_job *job)
{
	const struct ctm_schedule schedule = ctm_outbox_schedule(s->fold.config);
	const struct ctm_failure failure = {
		.hresult = s->call->error_code, .text = s->call->error_message};

	return ctm_outbox_fail(txn, job, &failure, &schedule, &s->fold.now);
}

static int progress(struct ctm_txn *txn, struct storing *s, struct ctm_job *job)
{
	const struct ctm_progress_totals totals = {
		.bytes_total = s->call->bytes_total,
		.bytes_transferred = s->call->bytes_transferred,
		.files_total = s->call->files_total,
		.files_transferred = s->call->files_transferred,
	};
	enum ctm_progress_type type = CTM_PROGRESS_BYTES;
	int r;

	(void)ctm_progress_type_from_name(s->call->progress_type, &type);
	r = ctm_outbox_progress(txn, job, type, &totals, &s->fold.now);
	s->sequence = job->progress;
	if (r == 0)
		r = ctm_store_job_put(txn, job);
	return r < 0 ? r : ctm_deadline_note(txn, job, &s->fold);
}

static int say(struct ctm_txn *txn, struct storing *s, struct ctm_job *job)
{
	static int (*const sayings[])(
		struct ctm_txn * txn, struct storing * s, struct ctm_job * job) = {
		[CTM_MESSAGE_SUCCESS] = succeed,
		[CTM_MESSAGE_ERROR] = fail,
		[CTM_MESSAGE_PROGRESS] = progress,
	};

	return sayings[s->call->kind](txn, s, job);
}

/* A job without a sidecar was begun by such a call, and is ended by one of the same words. */
static int meet_open(
	struct ctm_txn *txn, struct storing *s, struct ctm_known_job *known, struct ctm_error *e)
{
	int r;

	if (known->text.sidecar[0] && !s->call->force)
		return ctm_error_set(e, -EEXIST,
			"job %s is %s here: its final word is not sent by hand", s->call->id,
			ctm_job_state_name(known->job.state));
	r = ctm_notify_check_address(s->call, known, e);
	return r < 0 ? r : say(txn, s, &known->job);
}

/* The GUID is known: a word that is stored already is waited for, another one is refused. */
static int meet_known(struct ctm_txn *txn, struct storing *s, struct ctm_error *e)
{
	struct ctm_known_job known = {0};
	int r = ctm_store_job_get(txn, s->job, &known.job);

	if (r == 0)
		r = ctm_store_text_get(txn, s->job, &known.text);
	if (r < 0)
		return r;
	if (!ctm_job_has_ended(&known.job))
		r = meet_open(txn, s, &known, e);
	else if (s->call->kind == CTM_MESSAGE_PROGRESS)
		s->nothing_to_send = true;
	else
		r = ctm_notify_check_word(txn, s->call, &known, e);
	ctm_job_text_done(&known.text);
	return r;
}

static int store_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct storing *s = context;
	/* The store only reads them. */
	const struct ctm_job_text text = {
		.id = (char *)(uintptr_t)s->call->id,
		.endpoint = (char *)(uintptr_t)s->call->endpoint,
		.client_data =
			(char *)(uintptr_t)(s->call->client_data ? s->call->client_data : ""),
	};
	struct ctm_job job;
	int r = ctm_outbox_new_job(txn, &text, &s->fold.now, &job);

	s->job = job.number;
	s->sequence = 0;
	s->nothing_to_send = false;
	if (r == -EEXIST)
		return meet_known(txn, s, e);
	return r < 0 ? r : say(txn, s, &job);
}

struct waiting {
	uint32_t job;
	uint32_t sequence; /* of a progress; 0: it is the final word */
	bool decided;
	uint32_t hresult;
};

/*
 * What was refused is no success to the host, whatever number CTM gave with it: a positive HRESULT
 * is one to whoever asks SUCCEEDED().
 */
static uint32_t hresult_of_dead(const struct ctm_message *message)
{
	return message->hresult & UINT32_C(0x80000000) ? message->hresult : CTM_E_FAIL;
}

static int look_body(struct ctm_txn *txn, void *context, struct ctm_error *e)
{
	struct waiting *w = context;
	struct ctm_message message;
	int r = w->sequence ? ctm_store_progress_get(txn, w->job, &message)
			    : ctm_store_message_get(txn, w->job, &message);

	(void)e;
	/* Newer progress, or the end of the job, has taken its place. */
	if (w->sequence && (r == -ENOENT || (r == 0 && message.sequence != w->sequence))) {
		w->decided = true;
		w->hresult = CTM_S_OK;
	} else if (r == 0) {
		w->hresult = message.state == CTM_MESSAGE_SENT   ? CTM_S_OK
			     : message.state == CTM_MESSAGE_DEAD ? hresult_of_dead(&message)
								 : CTM_E_IO_PENDING;
		/* A message that waits with a failure behind it waits for its next step, not for
		 * us.
		 */
		w->decided = message.state != CTM_MESSAGE_WAITING ||
			     (message.attempts && !message.under_way);
	}
	if (r == 0)
		ctm_message_done(&message);
	return r == -ENOENT && w->decided ? 0 : r;
}

static int wait_for(
	struct ctm_state *state, const struct storing *s, uint64_t limit_ms, uint32_t *ret_hresult)
{
	const uint64_t start = ctm_clock_boot_ms();
	struct waiting w = {.job = s->job, .sequence = s->sequence, .hresult = CTM_E_IO_PENDING};
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

/*
 * Whether a deliverer sees to it, and to what was drained with it. It is stored: where none can be
 * started now the caller tries once more when it is done, and the next flush sends it.
 */
static bool is_woken(struct ctm_state *state, const struct ctm_notify *call)
{
	struct ctm_error e = CTM_ERROR_INIT;
	const int r = ctm_wake_spawn(state, &e);

	state->work = r < 0;
	if (r < 0)
		ctm_log_complaint(CTM_LOG_WARNING, &(struct ctm_log_subject){.job = call->id},
			ctm_error_of(&e, r));
	return r >= 0;
}

int ctm_notify(struct ctm_state *state, const struct ctm_notify *call, uint32_t *ret_hresult,
	struct ctm_error *e)
{
	struct storing s = {.call = call, .fold = CTM_FOLD_INIT(state->config)};
	const struct ctm_endpoint *endpoint;
	const char *url;
	int r = check(call, e);

	if (r == 0)
		r = ctm_config_endpoint(state->config, call->endpoint, &endpoint, &url, e);
	if (r < 0)
		return r;
	s.fold.now = ctm_clock_now();
	r = ctm_flow_update(state, store_body, &s, e);
	if (r < 0)
		return e && !e->text[0]
			       ? ctm_error_set(e, r, "cannot store the message: %s", strerror(-r))
			       : r;
	*ret_hresult = s.nothing_to_send ? CTM_S_OK : CTM_E_IO_PENDING;
	if (s.nothing_to_send || !is_woken(state, call))
		return 0;
	return wait_for(state, &s, endpoint->timeout_ms + MARGIN_MS, ret_hresult);
}
